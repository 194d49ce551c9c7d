// Pure: jellyfin-db-sync's config.yaml as Headgate's, with its own defaults.
import { z } from 'zod';
import { url } from '../addresses.ts';
import { flag, plainName, text, whole } from '../values.ts';
import { type Imported, type LeftOut, reasonFor, shownKey, type Written } from './imported.ts';

const MOST_TRIES = 1_000_000;
const MONTH_S = 2_592_000;

const on = () => flag().prefault(true);
/** By section, the keys that are taken over. */
const KEYS = {
  sync: {
    playback_progress: on(),
    watched_status: on(),
    favorites: on(),
    ratings: on(),
    playlists: on(),
    progress_debounce_seconds: whole(0, 1_000_000).prefault(30),
    max_retries: whole(0, 1_000_000).prefault(5),
    dry_run: flag().prefault(false),
  },
  server: { host: text(253).prefault('0.0.0.0'), port: whole(1, 65_535).prefault(8_080) },
  logging: {
    level: z
      .string()
      .regex(/^(debug|info|warn(ing)?|error|critical|fatal)$/i, 'must be DEBUG, INFO, WARNING, ERROR or CRITICAL')
      .prefault('INFO'),
  },
};

const server = z.looseObject({
  name: plainName(),
  url: url('http', 'https'),
  api_key: z.string({ error: 'must be text (put it in quotes)' }).optional(),
  passwordless: flag().prefault(false),
});
const policy = z.looseObject({
  prefix: text(4_096),
  absent_retry_count: whole(-1, MOST_TRIES).prefault(0),
  retry_delay_seconds: whole(0, 1_000_000_000).prefault(300),
});

export const dbSyncSchema = z.looseObject({
  servers: z.array(server),
  sync: z.looseObject(KEYS.sync).prefault({}),
  path_sync_policy: z.array(policy).prefault([]),
  server: z.looseObject(KEYS.server).prefault({}),
  logging: z.looseObject(KEYS.logging).prefault({}),
  database: z.looseObject({}).prefault({}),
});
type DbSync = z.output<typeof dbSyncSchema>;

const NO_STREAMS = 'which audio and subtitles somebody chose cannot be written by the API of any Jellyfin';
const WITH_WATCHED = 'goes with sync.watched_status';
const REASONS: Readonly<Record<string, string>> = {
  'sync.likes': 'goes with sync.ratings: Jellyfin has one value for both',
  'sync.play_count': WITH_WATCHED,
  'sync.last_played_date': WITH_WATCHED,
  'sync.audio_stream': NO_STREAMS,
  'sync.subtitle_stream': NO_STREAMS,
  'sync.worker_interval_seconds': 'what is to be delivered is delivered at once',
  'database.path':
    'Headgate has a folder of its own (database.path there); what waited in the old database is found by comparing the servers',
  'database.journal_mode': 'Headgate keeps a journal of its own',
};

type Way = { readonly written: Written; readonly say: (key: string) => (why: string) => void };

export function importDbSync(old: DbSync, written: Written): Imported {
  const leftOut: LeftOut[] = furtherKeys(old).map((key) => ({
    key: key.split('.').map(shownKey).join('.'),
    why: reasonFor(REASONS, key, 'jellyfin-db-sync'),
  }));
  const way: Way = { written, say: (key) => (why) => void leftOut.push({ key, why }) };
  return {
    lines: [
      ...httpLines(old, way),
      '',
      ...serverLines(old, way),
      '',
      ...syncLines(old, way),
      '',
      'logging:',
      `  level: ${LEVELS[old.logging.level.toLowerCase()] ?? old.logging.level.toLowerCase()}`,
    ],
    leftOut,
  };
}

const EVERYWHERE = ['0.0.0.0', '::', '[::]'];

/** The old program needed no address of its own: a person wrote it into each plugin. */
function httpLines({ server: { host, port } }: DbSync, { written, say }: Way): readonly string[] {
  const address = `${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:${port}`;
  const lines = [
    '# Where the servers send to, as before: /webhook/NAME. There is a web page with a log-in here too.',
    'http:',
    `  listen: ${written.text(address)} # server.host, server.port`,
  ];
  if (!EVERYWHERE.includes(host)) return [...lines, `  public_url: ${written.text(`http://${address}`)}`];
  say('server.host')('is every address of this machine: set http.public_url to the one where your servers reach it');
  return [
    ...lines,
    `  # public_url: http://192.168.1.10:${port} # to be set: where your servers reach this. Without it no webhook plugin is set up, and changes are found by looking.`,
  ];
}

const LEVELS: Readonly<Record<string, string>> = { warning: 'warn', critical: 'error', fatal: 'error' };

/** What stands in the file and is not taken over, as `section.key`. */
function furtherKeys(old: DbSync): readonly string[] {
  const known: Readonly<Record<string, object>> = { ...KEYS, database: {} };
  const lists = ['servers', 'path_sync_policy'];
  const below = (section: string, content: unknown): readonly string[] => {
    if (lists.includes(section)) return [];
    const keys = Object.hasOwn(known, section) ? known[section] : undefined;
    if (keys === undefined || typeof content !== 'object' || content === null) return [section];
    return Object.keys(content).flatMap((key) => (Object.hasOwn(keys, key) ? [] : [`${section}.${key}`]));
  };
  return Object.entries(old).flatMap(([section, content]) => below(section, content));
}

function serverLines({ servers }: DbSync, { written, say }: Way): readonly string[] {
  if (servers.length === 0) say('servers')('are none, so there is nothing to keep the same');
  return [
    'media_servers:',
    ...servers.flatMap(({ name, url, api_key }, index) => [
      `  - name: ${written.text(name)}`,
      '    type: jellyfin',
      `    url: ${written.text(url)}`,
      `    api_key: ${written.secret(api_key, { variable: variableOf(name), key: `servers[${index}].api_key` })}`,
    ]),
    ...(servers.length === 0 ? ['  []'] : []),
  ];
}

const variableOf = (name: string): string => `JELLYFIN_API_KEY_${name.toUpperCase().replaceAll(/\W/g, '_')}`;

function syncLines(old: DbSync, { written, say }: Way): readonly string[] {
  const { sync, servers, path_sync_policy: policies } = old;
  const withoutPasswords = servers.filter(({ passwordless }) => passwordless);
  if (servers.length < 2) say('sync')('is switched off: there are no two servers');
  const debounceS = Math.min(sync.progress_debounce_seconds, 3_600);
  if (debounceS < sync.progress_debounce_seconds)
    say('sync.progress_debounce_seconds')('became 3600, the most that there is here');
  const retries = Math.min(sync.max_retries, 1_000);
  if (retries < sync.max_retries) say('sync.max_retries')('became 1000, the most that there is here');
  return [
    'sync:',
    `  enabled: ${servers.length >= 2}`,
    ...(sync.dry_run ? ['  dry_run: true'] : []),
    '  # Each server has a secret: with http.public_url its webhook plugin is set up with it by itself, in a destination of its own. Remove the old one there.',
    '  servers:',
    ...servers.map(({ name, passwordless }) => `    - { name: ${written.text(name)}, passwordless: ${passwordless} }`),
    ...(servers.length === 0 ? ['    []'] : []),
    ...(['playback_progress', 'watched_status', 'favorites', 'ratings', 'playlists'] as const).map(
      (key) => `  ${key}: ${sync[key]}`,
    ),
    `  users: true # as jellyfin-db-sync did${withoutPasswords.length > 0 ? '' : '; new users get a password that is told once'}`,
    `  progress_debounce_seconds: ${debounceS}`,
    `  max_retries: ${retries}`,
    ...(policies.length === 0 ? [] : ['  path_policies: # path_sync_policy']),
    ...policies.flatMap((one, index) => policyLines(one, written, say(`path_sync_policy[${index}].retry_delay_seconds`))),
  ];
}

function policyLines(one: DbSync['path_sync_policy'][number], written: Written, say: (why: string) => void): readonly string[] {
  const delayS = Math.min(Math.max(1, one.retry_delay_seconds), MONTH_S);
  if (delayS !== one.retry_delay_seconds) say(`${one.retry_delay_seconds} became ${delayS}: it is from 1 to ${MONTH_S} here`);
  return [
    `    - prefix: ${written.text(one.prefix)}`,
    `      absent_retry_count: ${one.absent_retry_count}`,
    `      retry_delay_seconds: ${delayS}`,
  ];
}
