// The section sync: which Jellyfin servers are kept the same, in what, and how carefully.
import { z } from 'zod';
import { across, notBoth, type SchemaDeps, secret, secretFile, type Tell, unique } from './schema-tools.ts';
import { isSecret } from './secret.ts';
import { duration, flag, plainName, text, whole } from './values.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** What a person makes up must not be guessed within a home's life. */
const MIN_SECRET = 16;
const HEADER_VALUE = /^[\x21-\x7e]+$/;

type Loose = Readonly<Record<string, unknown>>;
export const asLoose = (value: unknown): Loose => (typeof value === 'object' && value !== null ? (value as Loose) : {});
export const listOf = (value: unknown): readonly Loose[] => (Array.isArray(value) ? value.map(asLoose) : []);

const DIRECTIONS = ['both', 'source', 'target'] as const;

const server = (deps: SchemaDeps) =>
  z
    .strictObject({
      name: plainName().describe('One of `media_servers`, a Jellyfin.'),
      direction: z
        .enum(DIRECTIONS, { error: `must be ${DIRECTIONS.join(', ')}` })
        .describe('source: what is done there goes to the others, but nothing is written there. target: the other way round.')
        .prefault('both'),
      passwordless: flag().describe('Users who are made there have no password. false: a random one, told once.').prefault(false),
      webhook_secret: secret().describe('What its webhook plugin sends as X-Headgate-Secret; better as a file.'),
      webhook_secret_file: secretFile(deps).describe(
        'File with that secret. Without one, a secret is made from a key in the data folder.',
      ),
      secret_in_url: flag()
        .describe('true: the secret may also stand in the address (`?secret=…`), where proxies write it down.')
        .prefault(false),
      configure_plugin: flag()
        .describe('Headgate sets up the webhook plugin there by itself, where it is installed.')
        .prefault(true),
    })
    .check(
      across((one, tell) => {
        notBoth('webhook_secret')(one, tell);
        for (const key of ['webhook_secret', 'webhook_secret_file']) {
          const value = one[key];
          const given = isSecret(value) ? value.reveal() : null;
          if (given === null) continue;
          if (given.length < MIN_SECRET) tell(key, `must be at least ${MIN_SECRET} characters`);
          else if (!HEADER_VALUE.test(given)) tell(key, 'must be made of ASCII letters, digits and signs, without a space');
        }
      }),
    )
    .transform((one) => ({
      name: one.name,
      direction: one.direction,
      passwordless: one.passwordless,
      webhookSecret: one.webhook_secret ?? one.webhook_secret_file ?? null,
      secretInUrl: one.secret_in_url,
      configurePlugin: one.configure_plugin,
    }));

export type SyncServer = z.output<ReturnType<typeof server>>;

const kindKeys = () => ({
  playback_progress: flag().describe('Positions are kept the same.').prefault(true),
  watched_status: flag().describe('Watched and unwatched, play counts and dates are kept the same.').prefault(true),
  favorites: flag().describe('Favourites are kept the same.').prefault(true),
  ratings: flag().describe('Likes and ratings are kept the same.').prefault(true),
  playlists: flag().describe('Playlists are kept the same.').prefault(true),
  users: flag()
    .describe(
      'true: users who are made on one server are made on the others, and deleted there after a delay and a confirmation.',
    )
    .prefault(false),
});

const pathMap = () =>
  z.strictObject({
    server: plainName().describe('One of `media_servers`.'),
    from: text(4_096).describe('How that server names the folder.').meta({ kind: 'path there' }),
    to: text(4_096).describe('What the others call it; files match where they have the same path then.').meta({ kind: 'path' }),
  });

const pathPolicy = () =>
  z
    .strictObject({
      prefix: text(4_096)
        .describe('Folder that it is for, after `path_maps`; the longest that fits counts, at whole names only.')
        .meta({ kind: 'path' }),
      absent_retry_count: whole(-1, 1_000_000)
        .describe('How often an item that a server has not is looked for again. 0: one try; -1: for ever.')
        .prefault(0),
      retry_delay_seconds: whole(1, 2_592_000).describe('Time between two tries.').prefault(300),
      ignore: flag().describe('true: items below it are never kept the same.').prefault(false),
    })
    .transform((one) => ({
      prefix: one.prefix,
      absentRetryCount: one.absent_retry_count,
      retryDelayMs: one.retry_delay_seconds * 1_000,
      ignore: one.ignore,
    }));

const reconcile = () =>
  z
    .strictObject({
      quick: duration(10_000, DAY_MS)
        .describe('How often resumable, favourite and lately played items are compared, for what no hook told.')
        .prefault('60s'),
      full: duration(10 * MINUTE_MS, 30 * DAY_MS)
        .describe('How often every state of every user is compared.')
        .prefault('6h'),
    })
    .transform((one) => ({ quickMs: one.quick, fullMs: one.full }))
    .describe('Comparing what the servers have, whether or not somebody told of a change.')
    .prefault({});

const guard = () =>
  z
    .strictObject({
      losses: whole(1, 1_000_000).describe('So many losses of one user on one server are always let through.').prefault(20),
      percent: whole(0, 100).describe('And so many percent of what that user has there, where that is more.').prefault(5),
      window: duration(MINUTE_MS, DAY_MS).describe('Within this time.').prefault('10m'),
    })
    .transform((one) => ({ losses: one.losses, percent: one.percent, windowMs: one.window }))
    .describe('Losses (unwatched, position or rating gone, favourite off) beyond this are held until somebody says what to do.')
    .prefault({});

const syncKeys = (deps: SchemaDeps) =>
  z.strictObject({
    enabled: flag().describe('true: the servers are kept the same.').prefault(false),
    dry_run: flag().describe('Decide and tell, but write nothing to any server.').prefault(false),
    servers: z
      .array(server(deps))
      .describe('Which servers. Without this key every Jellyfin of `media_servers`, both ways.')
      .optional(),
    ...kindKeys(),
    progress_debounce_seconds: whole(0, 3_600)
      .describe('Positions of an item that is playing are passed on at most this often; the last one always is.')
      .prefault(30),
    max_retries: whole(0, 1_000)
      .describe('Further tries of a delivery that a server refuses, before it is set aside.')
      .prefault(5),
    retry_delay_seconds: whole(1, 3_600)
      .describe('Before the first of them; then twice as long each time, up to 5 minutes.')
      .prefault(10),
    path_maps: z.array(pathMap()).describe('Where a server calls a folder otherwise than the others.').prefault([]),
    path_policies: z.array(pathPolicy()).describe('What to do with items that a server has not yet, by folder.').prefault([]),
    user_map: z
      .record(text(), z.record(plainName(), text()))
      .describe('People whose user names differ: by person, the name on each server. Others are known by their name.')
      .meta({ kind: 'person: { server: user name }' })
      .prefault({}),
    skip_users: z.array(text()).describe('User names (or people of `user_map`) that are left alone.').prefault([]),
    reconcile: reconcile(),
    guard: guard(),
    log_days: whole(1, 3_650).describe('How long it is kept what was written, and what was there before.').prefault(30),
  });

export const syncSection = (deps: SchemaDeps) =>
  syncKeys(deps)
    .check(across(checkSync))
    .transform((sync) => ({
      enabled: sync.enabled,
      dryRun: sync.dry_run,
      servers: sync.servers ?? null,
      kinds: {
        progress: sync.playback_progress,
        watched: sync.watched_status,
        favourites: sync.favorites,
        ratings: sync.ratings,
        playlists: sync.playlists,
        users: sync.users,
      },
      progressDebounceMs: sync.progress_debounce_seconds * 1_000,
      maxRetries: sync.max_retries,
      retryDelayMs: sync.retry_delay_seconds * 1_000,
      pathMaps: sync.path_maps,
      pathPolicies: sync.path_policies,
      userMap: Object.fromEntries(Object.entries(sync.user_map).map(([person, names]) => [person.toLowerCase(), names])),
      skipUsers: sync.skip_users.map((name) => name.toLowerCase()),
      reconcile: sync.reconcile,
      guard: sync.guard,
      logDays: sync.log_days,
    }))
    .describe('Jellyfin servers are kept the same: positions, watched, favourites, ratings, playlists, users.')
    .prefault({});

function checkSync(sync: Loose, tell: Tell): void {
  unique(sync['servers'], (index, sentence) => tell(['servers', index, 'name'], sentence));
  const prefixes = listOf(sync['path_policies']).map(({ prefix }) => withoutSlash(prefix));
  for (const [index, prefix] of prefixes.entries())
    if (prefix !== null && prefixes.indexOf(prefix) < index)
      tell(['path_policies', index, 'prefix'], 'stands in an earlier policy too');
  const [people, users] = [new Set<string>(), new Map<string, string>()];
  for (const [person, names] of Object.entries(asLoose(sync['user_map']))) {
    if (people.has(person.toLowerCase())) tell(['user_map', person], 'is an earlier person: big and small letters are alike');
    people.add(person.toLowerCase());
    for (const [server, name] of Object.entries(asLoose(names))) {
      if (typeof name !== 'string') continue;
      const user = `${server}/${name.toLowerCase()}`;
      const other = users.get(user);
      if (other !== undefined) tell(['user_map', person, server], `"${name}" is "${other}" already: two people would become one`);
      users.set(user, person);
    }
  }
}

const withoutSlash = (path: unknown): string | null => (typeof path === 'string' ? path.replace(/[/\\]+$/, '') : null);
