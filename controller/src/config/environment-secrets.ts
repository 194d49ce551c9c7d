// PLEX_TOKEN and QBITTORRENT_PASSWORD: secrets that go before the file's, as plex-helper has it, where it is plain whose they are.
import type { Env } from './config-places.ts';
import type { SchemaDeps } from './schema-tools.ts';

export type EnvironmentSecrets = {
  /** The content of the file with these secrets in place. */
  readonly value: unknown;
  /** What was taken from the environment. */
  readonly notes: readonly string[];
  /** What stands there and is not taken. */
  readonly warnings: readonly string[];
  /** Variables that cannot be read. */
  readonly problems: readonly string[];
  readonly secrets: ReadonlySet<string>;
};

type Loose = Readonly<Record<string, unknown>>;
type Rule = {
  readonly variable: string;
  readonly section: 'media_servers' | 'torrent_clients';
  readonly type: string;
  /** The key whose value, or file, gives way. */
  readonly key: string;
  /** Why this one has no use for it. */
  readonly unusable: (entry: Loose) => string | null;
};
type Given = {
  readonly env: Env;
  readonly deps: SchemaDeps;
  /** What the file takes from the environment by itself (`${PLEX_TOKEN}`). */
  readonly substituted: ReadonlySet<string>;
};
type Outcome = { readonly value: unknown; readonly secret: string; readonly note: string };
type Refusal = { readonly warning: string } | { readonly problem: string };

const RULES: readonly Rule[] = [
  { variable: 'PLEX_TOKEN', section: 'media_servers', type: 'plex', key: 'api_key', unusable: () => null },
  {
    variable: 'QBITTORRENT_PASSWORD',
    section: 'torrent_clients',
    type: 'qbittorrent',
    key: 'password',
    unusable({ username, api_key, api_key_file }) {
      if (api_key !== undefined || api_key_file !== undefined) return 'the client has an API key';
      return username === undefined ? 'the client has no username, so no log-in is tried' : null;
    },
  },
];

/** Each variable may also name a file (`PLEX_TOKEN_FILE`). An empty one is as if it were not set. */
export async function withEnvironmentSecrets(value: unknown, given: Given): Promise<EnvironmentSecrets> {
  const told = { notes: [] as string[], warnings: [] as string[], problems: [] as string[] };
  const secrets = new Set<string>();
  let content = value;
  for (const rule of RULES) {
    const outcome = await overlay(content, rule, given);
    if (outcome === null) continue;
    if ('warning' in outcome) told.warnings.push(outcome.warning);
    else if ('problem' in outcome) told.problems.push(outcome.problem);
    else {
      content = outcome.value;
      told.notes.push(outcome.note);
      secrets.add(outcome.secret);
    }
  }
  return { value: content, ...told, secrets };
}

/** Null where there is nothing to do. */
async function overlay(content: unknown, rule: Rule, given: Given): Promise<Outcome | Refusal | null> {
  const list = isLoose(content) ? content[rule.section] : undefined;
  if (!isLoose(content) || !Array.isArray(list)) return null;
  const found = list.filter((entry) => isLoose(entry) && entry['type'] === rule.type);
  const [entry] = found;
  const secret = entry === undefined ? null : await readVariable(rule.variable, given);
  if (secret === null || 'problem' in secret) return secret;
  if (given.substituted.has(secret.ok)) return null;
  const reason = found.length > 1 ? `there are ${found.length} of type ${rule.type}` : rule.unusable(entry);
  if (reason !== null) return { warning: `${secret.name} stands in the environment, but is not used: ${reason}` };
  const { [rule.key]: own, [`${rule.key}_file`]: file, ...rest } = entry;
  const index = list.indexOf(entry);
  return {
    value: { ...content, [rule.section]: list.with(index, { ...rest, [rule.key]: secret.ok }) },
    secret: secret.ok,
    note: `${rule.section}[${index}].${rule.key} is ${secret.name} of the environment${own === file ? '' : ', which goes before the file'}`,
  };
}

/** A secret of the environment, or of the file that `NAME_FILE` names; null where neither is set. */
export async function readVariable(
  name: string,
  { env, deps }: Pick<Given, 'env' | 'deps'>,
): Promise<{ readonly ok: string; readonly name: string } | { readonly problem: string } | null> {
  // Filled from a file (Kubernetes, `docker --env-file`) it ends with that file's line end, which no header may carry.
  const [own, file] = [(env[name] ?? '').replace(/\r?\n$/, ''), env[`${name}_FILE`] ?? ''];
  if (own !== '' && file !== '') return { problem: `give either ${name} or ${name}_FILE in the environment, not both` };
  if (own !== '') return { ok: own, name };
  if (file === '') return null;
  const read = await deps.readFile(deps.absolute(file), 'secret');
  return 'ok' in read ? { ok: read.ok, name: `${name}_FILE` } : { problem: `${name}_FILE: ${read.problem}` };
}

const isLoose = (value: unknown): value is Loose => typeof value === 'object' && value !== null && !Array.isArray(value);
