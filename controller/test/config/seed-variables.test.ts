// JellyStream's environment is taken where the file says nothing (rows 151 to 158).
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { loadConfig } from '../../src/config/load-config.ts';

async function load(t: Test, yaml: string, env: Record<string, string>) {
  const folder = t.testdir({ key: 'key-of-file\n' });
  const path = join(folder, 'controller.yaml');
  await writeFile(path, yaml, { mode: 0o600 });
  const config = await loadConfig({ path, env, algorithms: ['demand'] });
  return { ...config, folder, key: config.mediaServers[0]?.apiKey.reveal() };
}

const URL_ONLY = { JELLYFIN_URL: 'http://jellyfin:8096/' };
const BOTH = { ...URL_ONLY, JELLYFIN_API_KEY: 'jelly\n' };
const USER = '365cea9f10674aed897ef30a811adb9f';

t.test('row 151: JELLYFIN_URL and its key are a Jellyfin; the key is a secret of the log', async (t) => {
  const { mediaServers, key, source } = await load(t, '', BOTH);
  t.match(mediaServers, [{ name: 'jellyfin', type: 'jellyfin', url: 'http://jellyfin:8096' }]);
  t.equal(key, 'jelly');
  t.same(
    source.secrets.map((one) => one.reveal()),
    ['jelly'],
  );
  t.same(source.notes, [
    'media_servers[0].url is JELLYFIN_URL of the environment',
    'media_servers[0].api_key is JELLYFIN_API_KEY of the environment',
  ]);
  t.same(source.warnings, []);
  t.equal((await load(t, '', { ...URL_ONLY, JELLYFIN_API_KEY_FILE: 'key' })).key, 'key-of-file');
});

t.test('row 151: without the key Headgate starts, and says what is missing', async (t) => {
  const { mediaServers, source } = await load(t, '', URL_ONLY);
  t.same(mediaServers, []);
  t.same(source.warnings, [
    'JELLYFIN_URL of the environment is not used: JELLYFIN_API_KEY is missing; make one in Jellyfin under Dashboard > API Keys',
  ]);
});

t.test('the file goes first; what it leaves out is completed', async (t) => {
  const file = 'media_servers: [{ name: main, type: jellyfin, url: http://mine, api_key: mine }]';
  const { mediaServers, key } = await load(t, file, { ...BOTH, JELLYFIN_USER_ID: USER });
  t.match(mediaServers, [{ name: 'main', url: 'http://mine', userId: USER }]);
  t.equal(key, 'mine');
  const without = 'media_servers: [{ name: main, type: jellyfin, url: http://mine }]';
  t.equal((await load(t, without, { JELLYFIN_API_KEY: 'theirs' })).key, 'theirs');
  const plex = 'media_servers: [{ name: p, type: plex, url: http://p, api_key: p }]';
  t.match((await load(t, plex, BOTH)).mediaServers, [{ type: 'plex' }, { type: 'jellyfin', name: 'jellyfin' }]);
});

t.test('with two Jellyfins in the file nothing is guessed', async (t) => {
  const one = (name: string) => `{ name: ${name}, type: jellyfin, url: http://${name}, api_key: k }`;
  const { mediaServers, source } = await load(t, `media_servers: [${one('a')}, ${one('b')}]`, BOTH);
  t.equal(mediaServers.length, 2);
  t.same(source.warnings, ['JELLYFIN_URL, JELLYFIN_API_KEY of the environment are not used: the file has 2 of type jellyfin']);
});

t.test('row 152: JELLYFIN_USER_ID is optional', async (t) => {
  t.match((await load(t, '', BOTH)).mediaServers, [{ userId: null }]);
  t.match((await load(t, '', { ...BOTH, JELLYFIN_USER_ID: USER })).mediaServers, [{ userId: USER }]);
});

t.test('row 153: JELLYFIN_CLIENT_NAME, JELLYFIN_DEVICE_NAME and JELLYFIN_DEVICE_ID say who Headgate is there', async (t) => {
  const env = { ...BOTH, JELLYFIN_CLIENT_NAME: 'TV', JELLYFIN_DEVICE_NAME: 'attic', JELLYFIN_DEVICE_ID: 'd-1' };
  t.match((await load(t, '', env)).mediaServers, [{ clientName: 'TV', deviceName: 'attic', deviceId: 'd-1' }]);
});

t.test('row 154: JELLYFIN_DEFAULT_PAGE_SIZE and JELLYFIN_MAX_PAGE_SIZE', async (t) => {
  t.match((await load(t, '', {})).channels, { defaultPageSize: 50, maxPageSize: 1000 });
  const env = { JELLYFIN_DEFAULT_PAGE_SIZE: '20', JELLYFIN_MAX_PAGE_SIZE: '200' };
  t.match((await load(t, '', env)).channels, { defaultPageSize: 20, maxPageSize: 200 });
  const { channels, source } = await load(t, '', { JELLYFIN_MAX_PAGE_SIZE: 'many' });
  t.equal(channels.maxPageSize, 1000);
  t.same(source.warnings, ['JELLYFIN_MAX_PAGE_SIZE stands in the environment, but is not used: "many" is not a whole number']);
});

t.test('row 155: loopback by default; HOST and PORT count beside JELLYFIN_URL', async (t) => {
  t.match((await load(t, '', {})).http.listen, { host: '127.0.0.1', port: 8400 });
  t.match((await load(t, '', { HOST: '0.0.0.0', PORT: '8000' })).http.listen, { host: '127.0.0.1', port: 8400 });
  const { http, source } = await load(t, '', { ...BOTH, HOST: '0.0.0.0', PORT: '8000' });
  t.match(http.listen, { host: '0.0.0.0', port: 8000 });
  t.ok(source.notes.includes('http.listen is HOST and PORT of the environment'));
  t.match((await load(t, '', { ...BOTH, PORT: '8000' })).http.listen, { host: '127.0.0.1', port: 8000 });
  t.match((await load(t, '', { ...BOTH, HOST: '::1' })).http.listen, { host: '::1', port: 8400 });
  const mine = await load(t, 'http: { listen: 127.0.0.1:9000 }', { ...BOTH, PORT: '8000' });
  t.equal(mine.http.listen.port, 9000);
  t.ok(
    mine.source.warnings.includes('PORT stands in the environment, but is not used: the file has http.listen'),
    'and that is said',
  );
});

t.test(
  'row 156: LOG_LEVEL, LOG_TO_FILE, LOG_FILE_PATH, LOG_FILE_MAX_BYTES, LOG_FILE_BACKUP_COUNT, LOG_RETENTION_DAYS',
  async (t) => {
    const env = {
      ...BOTH,
      LOG_LEVEL: 'WARNING',
      LOG_TO_FILE: 'true',
      LOG_FILE_PATH: './logs',
      LOG_FILE_MAX_BYTES: '10485760',
      LOG_FILE_BACKUP_COUNT: '7',
      LOG_RETENTION_DAYS: '14',
    };
    const { logging, folder } = await load(t, '', env);
    const file = join(folder, 'logs', 'headgate.log');
    t.match(logging, { level: 'warn', file, maxBytes: 10_485_760, backups: 7, retentionDays: 14 });
    t.equal((await load(t, '', { ...env, LOG_TO_FILE: 'false' })).logging.file, null);
    t.match((await load(t, '', { LOG_LEVEL: 'ERROR' })).logging, { level: 'info' }, 'any container may have this one');
    t.match((await load(t, 'logging: { level: debug }', env)).logging, { level: 'debug', backups: 7 });
  },
);

t.test('row 157: COMMERCIALS_PATH and LOGOS_PATH', async (t) => {
  const env = { COMMERCIALS_PATH: './data/commercials', LOGOS_PATH: '/srv/logos' };
  const { channels, folder } = await load(t, '', env);
  t.match(channels, { commercialsPath: join(folder, 'data/commercials'), logosPath: '/srv/logos' });
});

t.test('row 158: SCHEDULER_ENABLED', async (t) => {
  t.equal((await load(t, '', {})).channels.scheduler, true);
  t.equal((await load(t, '', { SCHEDULER_ENABLED: 'False' })).channels.scheduler, false);
  t.equal((await load(t, 'channels: { scheduler: true }', { SCHEDULER_ENABLED: 'false' })).channels.scheduler, true);
});
