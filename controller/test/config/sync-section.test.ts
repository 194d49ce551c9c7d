// The section sync (rows 282 to 290): which servers are kept the same, in what, and what cannot be.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { loadConfig } from '../../src/config/load-config.ts';
import { messageOf } from '../../src/errors.ts';

const SERVERS = `media_servers:
  - { name: wan, type: jellyfin, url: http://wan, api_key: k }
  - { name: lan, type: jellyfin, url: http://lan, api_key: k }
  - { name: cinema, type: plex, url: http://plex, api_key: k }
`;

const load = async (t: Test, yaml: string) => {
  const path = join(t.testdir({ secret: 'out-of-a-file-long-enough\n', short: 'short' }), 'controller.yaml');
  await writeFile(path, yaml, { mode: 0o600 });
  return await loadConfig({ path, env: {}, algorithms: ['demand'] });
};
const sync = async (t: Test, section: string) => (await load(t, `${SERVERS}sync: ${section}`)).sync;

/** What is wrong, one line each, without the place. */
const problems = async (t: Test, yaml: string): Promise<readonly string[]> =>
  await load(t, yaml).then(
    () => ['nothing is wrong'],
    (error: unknown) =>
      messageOf(error)
        .split('\n')
        .map((line) => line.replace(/^.*controller\.yaml:\d+:\d+: /, '')),
  );
const wrong = (t: Test, section: string) => problems(t, `${SERVERS}sync: ${section}`);

t.test(
  'without the section nothing is kept the same; every Jellyfin would be, both ways, and users stay as they are',
  async (t) => {
    const { sync } = await load(t, SERVERS);
    t.match(sync, {
      enabled: false,
      dryRun: false,
      kinds: { progress: true, watched: true, favourites: true, ratings: true, playlists: true, users: false },
      progressDebounceMs: 30_000,
      maxRetries: 5,
      retryDelayMs: 10_000,
      pathMaps: [],
      pathPolicies: [],
      userMap: {},
      skipUsers: [],
      reconcile: { quickMs: 60_000, fullMs: 6 * 3_600_000 },
      guard: { losses: 20, percent: 5, windowMs: 600_000 },
      logDays: 30,
    });
    const each = { direction: 'both', passwordless: false, webhookSecret: null, secretInUrl: false, configurePlugin: true };
    t.same(sync.servers, [
      { name: 'wan', ...each },
      { name: 'lan', ...each },
    ]);
  },
);

t.test('row 282: servers are those of media_servers, each once, and Jellyfins', async (t) => {
  t.match((await sync(t, '{ enabled: true, servers: [{ name: lan, direction: target }, { name: wan }] }')).servers, [
    { name: 'lan', direction: 'target' },
    { name: 'wan', direction: 'both' },
  ]);
  t.same(await wrong(t, '{ servers: [{ name: wan }, { name: wan }] }'), [
    'sync.servers[1].name: the name "wan" is taken by an earlier entry',
  ]);
  t.same(await wrong(t, '{ servers: [{ name: attic }, { name: cinema }] }'), [
    'sync.servers[0].name: "attic" is not one of media_servers',
    'sync.servers[1].name: "cinema" is no Jellyfin, and only those can be kept the same',
  ]);
  t.same(await wrong(t, '{ servers: [{ direction: up }] }'), [
    'sync.servers[0].name: is missing',
    'sync.servers[0].direction: must be both, source, target',
  ]);
});

t.test('row 283: a server without passwords', async (t) => {
  t.match((await sync(t, '{ servers: [{ name: lan, passwordless: true }, { name: wan }] }')).servers, [
    { passwordless: true },
    { passwordless: false },
  ]);
});

t.test('keeping the same needs two servers, one to read from and one to write to', async (t) => {
  t.equal((await sync(t, '{ enabled: true }')).enabled, true);
  const one = 'media_servers: [{ name: wan, type: jellyfin, url: http://wan, api_key: k }]\nsync: { enabled: true }';
  t.same(await problems(t, one), ['sync.enabled: needs two Jellyfin servers to keep the same; there is one']);
  t.same(await problems(t, 'sync: { enabled: true }'), [
    'sync.enabled: needs two Jellyfin servers to keep the same; there is none',
  ]);
  const both = (way: string) =>
    `{ enabled: true, servers: [{ name: wan, direction: ${way} }, { name: lan, direction: ${way} }] }`;
  t.same(await wrong(t, both('target')), ['sync.servers: are all targets: nothing would come from anywhere']);
  t.same(await wrong(t, both('source')), ['sync.servers: are all sources: nothing would go anywhere']);
});

t.test('rows 284 to 288: each kind can be switched off by itself', async (t) => {
  const keys = [
    ['playback_progress', 'progress'],
    ['watched_status', 'watched'],
    ['favorites', 'favourites'],
    ['ratings', 'ratings'],
    ['playlists', 'playlists'],
  ] as const;
  const on = { progress: true, watched: true, favourites: true, ratings: true, playlists: true, users: false };
  for (const [key, kind] of keys)
    t.same((await sync(t, `{ ${key}: false }`)).kinds, { ...on, [kind]: false }, `row 284 to 288: ${key}`);
  t.same((await sync(t, '{ users: true }')).kinds, { ...on, users: true });
  t.same(await wrong(t, '{ ratings: maybe }'), ['sync.ratings: must be true or false']);
});

t.test('rows 289, 290: progress_debounce_seconds and max_retries', async (t) => {
  t.match(await sync(t, '{ progress_debounce_seconds: 0, max_retries: 0, retry_delay_seconds: 1 }'), {
    progressDebounceMs: 0,
    maxRetries: 0,
    retryDelayMs: 1_000,
  });
  t.same(await wrong(t, '{ progress_debounce_seconds: -1, max_retries: many }'), [
    'sync.progress_debounce_seconds: must be a whole number from 0 to 3600',
    'sync.max_retries: must be a whole number from 0 to 1000',
  ]);
});

t.test('secrets of hooks are given in place or as a file, and are long enough', async (t) => {
  const server = (keys: string) => `{ servers: [{ name: wan, ${keys} }, { name: lan }] }`;
  const { servers } = await sync(t, server('webhook_secret_file: secret, secret_in_url: true, configure_plugin: false'));
  t.match(servers[0], { secretInUrl: true, configurePlugin: false });
  const config = await load(t, `${SERVERS}sync: ${server('webhook_secret: sixteen-or-more-letters')}`);
  t.equal(config.sync.servers[0]?.webhookSecret?.reveal(), 'sixteen-or-more-letters');
  t.ok(
    config.source.secrets.some((one) => one.reveal() === 'sixteen-or-more-letters'),
    'the log masks it',
  );
  t.notMatch(JSON.stringify(config.sync), /sixteen/);
  t.same(await wrong(t, server('webhook_secret_file: short')), [
    'sync.servers[0].webhook_secret_file: must be at least 16 characters',
  ]);
  t.same(await wrong(t, server('webhook_secret: "with a space in it"')), [
    'sync.servers[0].webhook_secret: must be made of ASCII letters, digits and signs, without a space',
  ]);
  const both = await wrong(t, server('webhook_secret: sixteen-or-more-letters, webhook_secret_file: secret'));
  t.same(both, ['sync.servers[0].webhook_secret_file: give either webhook_secret or webhook_secret_file, not both']);
});

t.test('rows 268 to 270: path policies are taken as they stand, path maps for servers that there are', async (t) => {
  const policies = '{ prefix: /mnt/tv, absent_retry_count: -1, retry_delay_seconds: 300 }, { prefix: /mnt/music, ignore: true }';
  const { pathPolicies, pathMaps } = await sync(
    t,
    `{ path_policies: [${policies}], path_maps: [{ server: wan, from: 'D:\\TV', to: /mnt/tv }] }`,
  );
  t.same(pathPolicies, [
    { prefix: '/mnt/tv', absentRetryCount: -1, retryDelayMs: 300_000, ignore: false },
    { prefix: '/mnt/music', absentRetryCount: 0, retryDelayMs: 300_000, ignore: true },
  ]);
  t.same(pathMaps, [{ server: 'wan', from: 'D:\\TV', to: '/mnt/tv' }]);
  t.same(await wrong(t, '{ path_policies: [{ prefix: /a }, { prefix: /a/ }, { prefix: /b, absent_retry_count: -2 }] }'), [
    'sync.path_policies[1].prefix: stands in an earlier policy too',
    'sync.path_policies[2].absent_retry_count: must be a whole number from -1 to 1000000',
  ]);
  t.same(await wrong(t, '{ path_maps: [{ server: attic, from: /a, to: /b }] }'), [
    'sync.path_maps[0].server: "attic" is not one of media_servers',
  ]);
});

t.test('row 254: people whose names differ are mapped, whatever the size of letters', async (t) => {
  const config = await sync(t, '{ user_map: { Anna: { wan: anna.m, lan: Annie } }, skip_users: [Guest] }');
  t.same(config.userMap, { anna: { wan: 'anna.m', lan: 'Annie' } });
  t.same(config.skipUsers, ['guest']);
  t.same(await wrong(t, '{ user_map: { anna: { attic: anna } } }'), [
    'sync.user_map.anna.attic: "attic" is not one of media_servers',
  ]);
  t.same(await wrong(t, '{ user_map: { anna: { wan: Sam }, bob: { wan: sam } } }'), [
    'sync.user_map.bob.wan: "sam" is "anna" already: two people would become one',
  ]);
  t.same(await wrong(t, '{ user_map: { anna: { wan: a }, ANNA: { lan: a } } }'), [
    'sync.user_map.ANNA: is an earlier person: big and small letters are alike',
  ]);
});

t.test('what cannot be is told by its key', async (t) => {
  t.same(await wrong(t, '{ favourites: false }'), ['sync.favourites: is not a key; did you mean favorites?']);
  t.same(await wrong(t, '{ reconcile: { quick: 1s, full: 1m } }'), [
    'sync.reconcile.quick: must be from 10s to 86400s',
    'sync.reconcile.full: must be from 600s to 2592000s',
  ]);
  t.same(await wrong(t, '{ guard: { losses: 0, percent: 101, window: 1s } }'), [
    'sync.guard.losses: must be a whole number from 1 to 1000000',
    'sync.guard.percent: must be a whole number from 0 to 100',
    'sync.guard.window: must be from 60s to 86400s',
  ]);
});

t.test('row 309: CONFIG_PATH names the file, after --config and HEADGATE_CONFIG', async (t) => {
  const folder = t.testdir({ 'a.yaml': 'home: { name: a }', 'b.yaml': 'home: { name: b }' });
  const name = async (env: Record<string, string>) => {
    const { home } = await loadConfig({ env, algorithms: ['demand'] });
    return home.name;
  };
  const [a, b] = [join(folder, 'a.yaml'), join(folder, 'b.yaml')];
  t.equal(await name({ CONFIG_PATH: a }), 'a');
  t.equal(await name({ CONFIG_PATH: a, HEADGATE_CONFIG: b }), 'b');
  t.equal(await name({ CONFIG_PATH: '', HEADGATE_CONFIG: b }), 'b');
  await t.rejects(name({ CONFIG_PATH: join(folder, 'none.yaml') }), { message: /none\.yaml does not exist/ });
});

t.test('rows 291, 292: where data goes and where it listens: a folder of its own, this machine only', async (t) => {
  const { http, database, source } = await load(t, 'database: { path: not/there/yet }');
  t.match(http.listen, { host: '127.0.0.1', port: 8400 });
  t.equal(database.path, join(source.path ?? '', '..', 'not/there/yet'));
});
