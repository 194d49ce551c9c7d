// The environment of JellyStream and of the manifest server of Decentralized Media Sync, taken where the file does not say otherwise: addresses, names, sizes and switches. Pure.
import type { Env } from './config-places.ts';

export type SeedVariables = { readonly value: unknown; readonly notes: readonly string[]; readonly warnings: readonly string[] };

type Loose = Readonly<Record<string, unknown>>;
type Told = { readonly notes: string[]; readonly warnings: string[] };
/** A value for the key, or the sentence that says what is wrong with the variable. */
type Read = (value: string) => { readonly ok: string } | { readonly problem: string };
type Alias = { readonly variable: string; readonly section: string; readonly key: string; readonly read: Read };

const asIs: Read = (ok) => ({ ok });
const whole: Read = (value) => (/^\d+$/.test(value) ? { ok: value } : { problem: 'is not a whole number' });
const flag: Read = (value) => {
  const word = value.toLowerCase();
  if (['true', '1', 'yes', 'on'].includes(word)) return { ok: 'true' };
  return ['false', '0', 'no', 'off'].includes(word) ? { ok: 'false' } : { problem: 'is neither true nor false' };
};
/** Python's names of levels. */
const LEVELS: Readonly<Record<string, string>> = { warning: 'warn', critical: 'error', fatal: 'error', notset: 'debug' };
const level: Read = (value) => {
  const word = value.toLowerCase();
  const ok = LEVELS[word] ?? word;
  return ['debug', 'info', 'warn', 'error'].includes(ok) ? { ok } : { problem: 'is not a level' };
};
/** JellyStream names a folder. */
const logFile: Read = (value) => ({ ok: /\.log$/.test(value) ? value : `${value.replace(/\/+$/, '')}/headgate.log` });

/** These names are nobody else's. */
const OWN: readonly Alias[] = [
  { variable: 'JELLYFIN_DEFAULT_PAGE_SIZE', section: 'channels', key: 'default_page_size', read: whole },
  { variable: 'JELLYFIN_MAX_PAGE_SIZE', section: 'channels', key: 'max_page_size', read: whole },
  { variable: 'SCHEDULER_ENABLED', section: 'channels', key: 'scheduler', read: flag },
  { variable: 'COMMERCIALS_PATH', section: 'channels', key: 'commercials_path', read: asIs },
  { variable: 'LOGOS_PATH', section: 'channels', key: 'logos_path', read: asIs },
  { variable: 'MANIFEST_DIR', section: 'distribution', key: 'manifest_dir', read: asIs },
  { variable: 'WAIT_SEED_TIMEOUT', section: 'distribution', key: 'wait_seed_timeout_s', read: whole },
];

/** Any container may have these: they count only beside JELLYFIN_URL; PORT and HOST also beside MANIFEST_DIR. */
const ORDINARY: readonly Alias[] = [
  { variable: 'LOG_LEVEL', section: 'logging', key: 'level', read: level },
  { variable: 'LOG_FILE_PATH', section: 'logging', key: 'file', read: logFile },
  { variable: 'LOG_FILE_MAX_BYTES', section: 'logging', key: 'max_size', read: whole },
  { variable: 'LOG_FILE_BACKUP_COUNT', section: 'logging', key: 'backups', read: whole },
  { variable: 'LOG_RETENTION_DAYS', section: 'logging', key: 'retention_days', read: whole },
];

/** Whoever set a folder of manifests wants it served, unless the file says otherwise. */
const SERVES: Alias = { variable: 'MANIFEST_DIR', section: 'distribution', key: 'enabled', read: asIs };

const isLoose = (value: unknown): value is Loose => typeof value === 'object' && value !== null && !Array.isArray(value);
const given = (env: Env, name: string): string => (env[name] ?? '').trim();

/** Sets one key of one section, where the file has it not. */
const fill = (content: Loose, alias: Alias, text: string, told: Told): Loose => {
  const { variable, section, key, read } = alias;
  const before = content[section] ?? {};
  if (text === '' || !isLoose(before)) return content;
  if (before[key] !== undefined) {
    if (String(before[key]) !== text)
      told.warnings.push(`${variable} stands in the environment, but is not used: the file has ${section}.${key}`);
    return content;
  }
  const result = read(text);
  if ('problem' in result) {
    told.warnings.push(`${variable} stands in the environment, but is not used: "${text}" ${result.problem}`);
    return content;
  }
  told.notes.push(`${section}.${key} is ${variable} of the environment`);
  return { ...content, [section]: { ...before, [key]: result.ok } };
};

/** HOST and PORT are one key here; this machine only, as without them. */
const fillListen = (content: Loose, env: Env, told: Told): Loose => {
  const [host, port] = [given(env, 'HOST'), given(env, 'PORT')];
  const variable = [...(host === '' ? [] : ['HOST']), ...(port === '' ? [] : ['PORT'])].join(' and ');
  if (variable === '') return content;
  const text = `${host.includes(':') ? `[${host}]` : host || '127.0.0.1'}:${port || '8400'}`;
  return fill(content, { variable, section: 'http', key: 'listen', read: asIs }, text, told);
};

const SERVER_KEYS = [
  ['JELLYFIN_USER_ID', 'user_id'],
  ['JELLYFIN_CLIENT_NAME', 'client_name'],
  ['JELLYFIN_DEVICE_NAME', 'device_name'],
  ['JELLYFIN_DEVICE_ID', 'device_id'],
] as const;

/** The keys that the only Jellyfin has not; or a server of its own where the file has none. */
const fillServer = (content: Loose, env: Env, apiKey: string | null, told: Told): Loose => {
  const list = content['media_servers'] ?? [];
  if (!Array.isArray(list)) return content;
  const url = given(env, 'JELLYFIN_URL');
  const found = list.filter((entry) => isLoose(entry) && entry['type'] === 'jellyfin');
  const unused = (why: string) => {
    const names = ['JELLYFIN_URL', 'JELLYFIN_API_KEY', ...SERVER_KEYS.map(([name]) => name)].filter(
      (name) => given(env, name) !== '',
    );
    if (names.length > 0)
      told.warnings.push(`${names.join(', ')} of the environment ${names.length > 1 ? 'are' : 'is'} not used: ${why}`);
    return content;
  };
  if (found.length > 1) return unused(`the file has ${found.length} of type jellyfin`);
  if (found.length === 0 && url === '') return unused('there is no Jellyfin in the file, and no JELLYFIN_URL');
  const entry: Loose = found[0] ?? { name: 'jellyfin', type: 'jellyfin' };
  const hasKey = entry['api_key'] !== undefined || entry['api_key_file'] !== undefined;
  if (!hasKey && apiKey === null && found.length === 0)
    return unused('JELLYFIN_API_KEY is missing; make one in Jellyfin under Dashboard > API Keys');
  const additions: [string, string, string][] = [
    ...(entry['url'] === undefined && url !== '' ? [['JELLYFIN_URL', 'url', url] as [string, string, string]] : []),
    ...(!hasKey && apiKey !== null ? [['JELLYFIN_API_KEY', 'api_key', apiKey] as [string, string, string]] : []),
    ...SERVER_KEYS.filter(([name, key]) => entry[key] === undefined && given(env, name) !== '').map(
      ([name, key]): [string, string, string] => [name, key, given(env, name)],
    ),
  ];
  if (additions.length === 0) return content;
  const index = found.length === 0 ? list.length : list.indexOf(entry);
  for (const [name, key] of additions) told.notes.push(`media_servers[${index}].${key} is ${name} of the environment`);
  const filled = { ...entry, ...Object.fromEntries(additions.map(([, key, value]) => [key, value])) };
  return { ...content, media_servers: list.toSpliced(index, found.length, filled) };
};

/** `apiKey` is JELLYFIN_API_KEY, read already (it may stand in a file); null where it is not set. */
export function withSeedVariables(value: unknown, env: Env, apiKey: string | null): SeedVariables {
  const told: Told = { notes: [], warnings: [] };
  if (value !== undefined && !isLoose(value)) return { value, ...told };
  const aliases = [...OWN, ...(given(env, 'JELLYFIN_URL') === '' ? [] : ORDINARY)];
  const toFile = flag(given(env, 'LOG_TO_FILE'));
  const folder = 'ok' in toFile && toFile.ok === 'true' ? given(env, 'LOG_FILE_PATH') || 'logs' : '';
  let content: Loose = value ?? {};
  for (const alias of aliases) {
    // LOG_TO_FILE rules the path, where it says something.
    const ruled = alias.variable === 'LOG_FILE_PATH' && 'ok' in toFile;
    content = fill(content, alias, ruled ? folder : given(env, alias.variable), told);
  }
  const serves = given(env, 'MANIFEST_DIR') !== '';
  if (serves) content = fill(content, SERVES, 'true', told);
  if (serves || given(env, 'JELLYFIN_URL') !== '') content = fillListen(content, env, told);
  return { value: fillServer(content, env, apiKey, told), ...told };
}
