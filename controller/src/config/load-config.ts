// Reads the configuration once: finds the file, fills in variables, checks everything at once, closes secrets in, freezes the result.
import { isIP } from 'node:net';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { ControllerError } from '../errors.ts';
import type { Listen } from './addresses.ts';
import { dataFolder, type Env, findConfig } from './config-places.ts';
import { lineOf, problemsOf, type SchemaNode } from './config-problems.ts';
import { type Config, type ConfigValues, configSchema } from './config-schema.ts';
import { type EnvironmentSecrets, readVariable, withEnvironmentSecrets } from './environment-secrets.ts';
import { createReferencedFiles, readSmall } from './referenced-files.ts';
import type { SchemaDeps } from './schema-tools.ts';
import { isSecret } from './secret.ts';
import { withSeedVariables } from './seed-variables.ts';
import { readYaml, type YamlSource } from './yaml-source.ts';

export type LoadConfigOptions = {
  /** From `--config`. Without it HEADGATE_CONFIG, then CONFIG_PATH, then the first that exists of the search order. */
  readonly path?: string | undefined;
  readonly env: Env;
  /** Names of the registered allocation algorithms. */
  readonly algorithms: readonly string[];
  /** From `--host`: goes before the host of `http.listen`. */
  readonly host?: string | undefined;
};

const MAX_FILE_BYTES = 1024 * 1024;
const MAX_PROBLEMS = 50;
const OTHERS_MAY_READ = 0o004;

const NO_FILE =
  'there is no configuration file: Headgate runs with defaults, is reached from this machine only, and knows no media server. ' +
  'Next: copy deploy/examples/controller.yaml to controller.yaml, set your addresses in it, and start again';

/**
 * The whole configuration, checked and frozen.
 * @throws ControllerError config_invalid whose message has one line per problem, `file:line:column: key: sentence`.
 */
export async function loadConfig(options: LoadConfigOptions): Promise<Config> {
  const path = await findConfig(options.path, options.env);
  const files = createReferencedFiles();
  const folder = path === null ? process.cwd() : dirname(path);
  const deps: SchemaDeps = {
    algorithms: options.algorithms,
    readFile: files.read,
    absolute: (file) => resolve(folder, file),
  };
  const file = path === null ? { text: '', mode: 0 } : await readSmall(path, MAX_FILE_BYTES);
  if ('problem' in file) throw new ControllerError('config_invalid', `configuration file ${file.problem}`);
  const source = readYaml(file.text.replace(/^\uFEFF/, ''), options.env);
  const given = await fromEnvironment(source, options.env, deps);
  const values = await checkValues(path ?? 'defaults', { source, given }, deps);
  const secrets = secretsIn(values);
  const elsewhere = [source.substituted, files.secrets, given.secrets];
  const inPlace = secrets.some((one) => !elsewhere.some((known) => known.has(one.reveal())));
  const warnings = [...files.warnings, ...given.warnings, ...warningsOf(path, inPlace && (file.mode & OTHERS_MAY_READ) !== 0)];
  return frozen({
    ...values,
    http: { ...values.http, listen: listenAt(options.host, values.http.listen) },
    database: { ...values.database, path: values.database.path ?? dataFolder(options.env) },
    source: { path, warnings, notes: [...given.notes], secrets },
  });
}

/** @throws ControllerError config_invalid */
function listenAt(host: string | undefined, { host: before, port }: Listen): Listen {
  const bare = (host ?? before).replace(/^\[(.*)\]$/, '$1');
  if (isIP(bare) === 0 && !/^[A-Za-z0-9.-]+$/.test(bare))
    throw new ControllerError('config_invalid', `--host ${bare}: must be an address of this machine, such as 0.0.0.0`);
  return { host: bare, port };
}

/** What the environment adds: secrets that go before the file's, then JellyStream's names where the file has nothing. */
async function fromEnvironment(source: YamlSource, env: Env, deps: SchemaDeps): Promise<EnvironmentSecrets> {
  const secrets = await withEnvironmentSecrets(source.value, { env, deps, substituted: source.substituted });
  const key = await readVariable('JELLYFIN_API_KEY', { env, deps });
  const problems = key !== null && 'problem' in key ? [key.problem] : [];
  const apiKey = key !== null && 'ok' in key ? key.ok : null;
  const seed = withSeedVariables(secrets.value, env, apiKey);
  return {
    value: seed.value,
    notes: [...secrets.notes, ...seed.notes],
    warnings: [...secrets.warnings, ...seed.warnings],
    problems: [...secrets.problems, ...problems],
    secrets: apiKey === null ? secrets.secrets : new Set([...secrets.secrets, apiKey]),
  };
}

type Read = { readonly source: YamlSource; readonly given: Pick<EnvironmentSecrets, 'value' | 'problems'> };

/** @throws ControllerError config_invalid with a line for each problem. */
export async function checkValues(file: string, { source, given }: Read, deps: SchemaDeps): Promise<ConfigValues> {
  const schema = configSchema(deps);
  if (source.problems.length > 0) throw invalid(source.problems.map((one) => lineOf(file, one)));
  if (given.problems.length > 0) throw invalid(given.problems);
  const result = await schema.safeParseAsync(given.value);
  if (result.success) return result.data;
  const shape = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as SchemaNode; // its three fields are standard
  throw invalid(problemsOf(result.error.issues, source, shape).map((one) => lineOf(file, one)));
}

function invalid(lines: readonly string[]): ControllerError {
  const shown = lines.slice(0, MAX_PROBLEMS);
  if (lines.length > shown.length) shown.push(`… and ${lines.length - shown.length} more`);
  return new ControllerError('config_invalid', shown.join('\n'));
}

type Secrets = Config['source']['secrets'][number][];

function warningsOf(path: string | null, secretIsOpen: boolean): string[] {
  if (path === null) return [NO_FILE];
  return secretIsOpen ? [`${path} holds a secret and can be read by everybody on this machine: chmod 600 ${path}`] : [];
}

function secretsIn(value: unknown): Secrets {
  if (isSecret(value)) return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(secretsIn);
}

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const one of Object.values(value)) frozen(one);
  }
  return value;
}
