// `import --from jellyfin-db-sync`: its documented file, printed, loaded, the same (rows 282 to 293).
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { importConfig } from '../../../src/config/import/import-config.ts';
import { loadConfig } from '../../../src/config/load-config.ts';

const algorithms = ['equal', 'priority', 'demand'];
const FILE = fileURLToPath(new URL('fixtures/jellyfin-db-sync.yaml', import.meta.url));
const KEYS = { JELLYFIN_API_KEY_WAN: 'one', JELLYFIN_API_KEY_LAN: 'two' };

const run = async (file: string): Promise<string> =>
  (await importConfig({ from: 'jellyfin-db-sync', file, out: undefined, algorithms })).answer;

async function load(t: Test, yaml: string, env: Record<string, string> = KEYS) {
  const path = join(t.testdir(), 'controller.yaml');
  writeFileSync(path, yaml, { mode: 0o600 });
  return await loadConfig({ path, env, algorithms });
}

async function runText(t: Test, text: string): Promise<string> {
  const path = join(t.testdir(), 'config.yaml');
  writeFileSync(path, text);
  return await run(path);
}

t.test('rows 282 to 293: the documented file becomes one that means the same, without its secrets', async (t) => {
  const yaml = await run(FILE);
  t.notMatch(yaml, /key-of-/);
  const { mediaServers, sync, http, logging } = await load(t, yaml);
  t.match(mediaServers, [
    { name: 'wan', type: 'jellyfin', url: 'https://jellyfin-wan.example.com' },
    { name: 'lan', type: 'jellyfin', url: 'https://jellyfin-lan.example.com' },
  ]);
  t.same(
    mediaServers.map(({ apiKey }) => apiKey.reveal()),
    ['one', 'two'],
  );
  t.match(sync, {
    enabled: true,
    dryRun: false,
    servers: [
      { name: 'wan', passwordless: false },
      { name: 'lan', passwordless: true },
    ],
    kinds: { progress: true, watched: true, favourites: true, ratings: true, playlists: true, users: true },
    progressDebounceMs: 30_000,
    maxRetries: 5,
    pathPolicies: [
      { prefix: '/mnt/nfs/movies', absentRetryCount: 10, retryDelayMs: 600_000 },
      { prefix: '/mnt/nfs/tv', absentRetryCount: -1, retryDelayMs: 300_000 },
      { prefix: '/mnt/nfs/music', absentRetryCount: 0, retryDelayMs: 300_000 },
    ],
  });
  t.match(http.listen, { host: '0.0.0.0', port: 8080 });
  t.equal(logging.level, 'info');
  t.match(yaml, /^# sync\.worker_interval_seconds: what is to be delivered is delivered at once$/m);
  t.match(yaml, /^# database\.path: /m);
});

t.test('where the servers reach us is taken from the old address, and asked for where that names none', async (t) => {
  const every = await run(FILE);
  t.equal((await load(t, every)).http.publicUrl, null);
  t.match(every, /^ {2}# public_url: http:\/\/192\.168\.1\.10:8080 # to be set: /m);
  t.match(every, /^# server\.host: is every address of this machine: set http\.public_url/m);
  for (const [host, url] of [
    ['192.168.7.7', 'http://192.168.7.7:8080'],
    ['"fd00::7"', 'http://[fd00::7]:8080'],
  ] as const) {
    const yaml = await runText(t, readFileSync(FILE, 'utf8').replace('host: 0.0.0.0', `host: ${host}`));
    t.equal((await load(t, yaml)).http.publicUrl, url);
    t.notMatch(yaml, /^# server\.host/m);
  }
});

t.test('what differs from the defaults is taken over, what has no place is told', async (t) => {
  const text = readFileSync(FILE, 'utf8')
    .replace('favorites: true', 'favorites: false')
    .replace(
      'progress_debounce_seconds: 30',
      'progress_debounce_seconds: 5000\n  likes: true\n  audio_stream: true\n  dry_run: true\n  colour: red',
    )
    .replace('level: INFO', 'level: WARNING')
    .replace('port: 8080', 'port: 9000');
  const yaml = await runText(t, text);
  const { sync, http, logging } = await load(t, yaml);
  t.match(sync, { dryRun: true, kinds: { favourites: false, watched: true }, progressDebounceMs: 3_600_000 });
  t.equal(http.listen.port, 9000);
  t.equal(logging.level, 'warn');
  for (const key of ['sync.likes', 'sync.audio_stream', 'sync.progress_debounce_seconds', 'sync.colour'])
    t.match(yaml, new RegExp(`^# ${key.replaceAll('.', '\\.')}: `, 'm'));
});

t.test('one server alone is taken over, and nothing is switched on', async (t) => {
  const yaml = await runText(t, 'servers: [{ name: wan, url: http://wan, api_key: k }]');
  t.match((await load(t, yaml)).sync, { enabled: false });
  t.match(yaml, /^# sync: is switched off: there are no two servers$/m);
});

t.test('its file is told from those of others', async (t) => {
  const wrong = importConfig({ from: 'jellydemon', file: FILE, out: undefined, algorithms });
  await t.rejects(wrong, { message: /looks like the configuration of jellyfin-db-sync: import --from jellyfin-db-sync/ });
  await t.rejects(runText(t, 'servers: [{ name: "a b", url: 5 }]'), { message: /servers\[0\]\.name: must be letters/ });
});
