// The simulator is held to the real qbittorrent-nox of this machine, and to what the sources of later versions say.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { hasQbittorrent, startQbittorrent } from '../../../demo/qbittorrent/start-qbittorrent.ts';
import { startQbittorrentSimulator } from '../../../demo/qbittorrent/start-qbittorrent-simulator.ts';
import { ask, converse, cookiePair } from './ask-qbittorrent.ts';

const installed = await hasQbittorrent();
const login = (password: string) => ({ form: { username: 'admin', password } });
const limitsOf = (body: string) => {
  const { up_limit, alt_up_limit } = JSON.parse(body);
  return { up_limit, alt_up_limit };
};

t.test(
  'the simulated 4.5.2 says the same as the real one, word for word',
  { skip: !installed && 'qbittorrent-nox is not installed' },
  async (t) => {
    await using real = await startQbittorrent({ password: 'secret', uploadLimitKiB: 777 });
    await using simulator = await startQbittorrentSimulator({
      version: '4.5.2',
      password: 'secret',
      settings: { up_limit: 777 * 1024 },
    });
    const said = await converse(real.url);
    t.ok(said.length > 80, `${said.length} lines`);
    t.same(await converse(simulator.url), said);
  },
);

t.test('both forget the same when they are killed', async (t) => {
  const start = {
    real: () => startQbittorrent({ password: 'secret' }),
    simulated: () => startQbittorrentSimulator({ version: '4.5.2', password: 'secret' }),
  };
  for (const [name, open] of Object.entries(start)) {
    if (name === 'real' && !installed) continue;
    await using client = await open();
    const before = { cookie: cookiePair(await ask(client.url, 'auth/login', login('secret'))) };
    await ask(client.url, 'app/setPreferences', { form: { json: '{"up_limit":204800}' }, headers: before });
    await ask(client.url, 'transfer/setUploadLimit', { form: { limit: '102400' }, headers: before });
    await client.kill();
    await client.start();
    t.equal((await ask(client.url, 'app/version', { headers: before })).status, 403, `${name}: the session is gone`);
    const after = { cookie: cookiePair(await ask(client.url, 'auth/login', login('secret'))) };
    t.same(
      limitsOf((await ask(client.url, 'app/preferences', { headers: after })).body),
      { up_limit: 204_800, alt_up_limit: 10_240 },
      name,
    );
    await ask(client.url, 'transfer/setUploadLimit', { form: { limit: '102400' }, headers: after });
    await client.stop();
    await client.start();
    const last = { cookie: cookiePair(await ask(client.url, 'auth/login', login('secret'))) };
    t.equal(
      limitsOf((await ask(client.url, 'app/preferences', { headers: last })).body).up_limit,
      102_400,
      `${name}: a clean end saves`,
    );
  }
});

t.test('5.2.3 greets with 204 and refuses with 401, and its cookie is named after its own port', async (t) => {
  await using simulator = await startQbittorrentSimulator({
    version: '5.2.3',
    password: 'secret',
    webPort: 8080,
    hostHeaderValidation: false,
  });
  t.match(await ask(simulator.url, 'auth/login', login('wrong')), { status: 401, cookie: null });
  const welcome = await ask(simulator.url, 'auth/login', login('secret'));
  t.match(welcome, { status: 204, body: '', cookie: /^QBT_SID_8080=[^;]+; HttpOnly; SameSite=Lax; expires=/ });
  t.equal((await ask(simulator.url, 'app/version', { headers: { cookie: cookiePair(welcome) } })).body, 'v5.2.3');
  t.equal(
    (await ask(simulator.url, 'app/version', { headers: { cookie: cookiePair(welcome).replace('QBT_SID_8080', 'SID') } })).status,
    403,
  );
  t.same(await ask(simulator.url, 'transfer/nosuch', { headers: { cookie: cookiePair(welcome) } }), {
    status: 404,
    body: 'Endpoint does not exist',
    cookie: null,
  });
});

t.test('a mapped port is refused by its Host header', async (t) => {
  await using simulator = await startQbittorrentSimulator({ version: '5.1.4', password: 'secret', webPort: 8080 });
  t.equal((await ask(simulator.url, 'auth/login', login('secret'))).status, 401);
});

t.test('an API key opens 5.2.3 without a session, but not auth, and not 5.1.4', async (t) => {
  const apiKey = `qbt_${'k'.repeat(28)}`;
  const headers = { authorization: `Bearer ${apiKey}` };
  await using simulator = await startQbittorrentSimulator({ version: '5.2.3', password: 'secret', apiKey });
  t.match(await ask(simulator.url, 'app/version', { headers }), { status: 200, cookie: null });
  t.equal(
    (await ask(simulator.url, 'app/version', { headers: { ...headers, referer: 'http://evil.example/' } })).status,
    200,
    'no CSRF check',
  );
  t.equal((await ask(simulator.url, 'auth/login', { ...login('secret'), headers })).status, 403);
  t.equal((await ask(simulator.url, 'app/version', { headers: { authorization: 'Bearer qbt_other' } })).status, 403);
  simulator.expireSessions();
  t.equal((await ask(simulator.url, 'app/version', { headers })).status, 200, 'there is nothing to expire');
  await using older = await startQbittorrentSimulator({ version: '5.1.4', password: 'secret', apiKey });
  t.equal((await ask(older.url, 'app/version', { headers })).status, 403);
});

t.test('a session ends after its time, a ban after an hour', async (t) => {
  let now = 0;
  await using simulator = await startQbittorrentSimulator({ version: '5.0.5', password: 'secret', now: () => now });
  const headers = { cookie: cookiePair(await ask(simulator.url, 'auth/login', login('secret'))) };
  now += 3_599_000;
  t.equal((await ask(simulator.url, 'app/version', { headers })).status, 200);
  now += 3_601_000;
  t.equal((await ask(simulator.url, 'app/version', { headers })).status, 403);
  for (let count = 0; count < 5; count += 1) await ask(simulator.url, 'auth/login', login('wrong'));
  t.equal((await ask(simulator.url, 'auth/login', login('secret'))).status, 403);
  now += 3_600_000;
  t.equal((await ask(simulator.url, 'auth/login', login('secret'))).body, 'Ok.');
});

t.test('it moves what its torrents want, held down by the limit of the active mode', async (t) => {
  let now = 0;
  await using simulator = await startQbittorrentSimulator({ version: '5.2.3', password: null, now: () => now });
  simulator.traffic.want({ upload: 3_000_000 });
  now += 1_000;
  simulator.edit({ up_limit: 1_024_000 });
  t.equal(simulator.rates().upload, 1_024_000);
  now += 2_000;
  simulator.edit({ use_alt_speed_limits: true });
  t.equal(simulator.rates().upload, 10_240);
  t.match(JSON.parse((await ask(simulator.url, 'transfer/info')).body), {
    up_info_speed: 10_240,
    up_info_data: 3_000_000 + 2_048_000,
  });
});

t.test('its log tells what was asked, without secrets, and faults come when wanted', async (t) => {
  await using simulator = await startQbittorrentSimulator({ version: '4.5.2', password: 'secret', basePath: '/qb' });
  simulator.disturb({ paths: ['app/version'], times: 1, instead: { status: 502, body: 'Bad Gateway' } });
  const headers = { cookie: cookiePair(await ask(simulator.url, 'auth/login', login('secret'))) };
  t.equal((await ask(simulator.url, 'app/version', { headers })).status, 502);
  t.equal((await ask(simulator.url, 'app/version', { headers })).status, 200);
  simulator.disturb({ answer: 'cut' });
  await t.rejects(ask(simulator.url, 'app/setPreferences', { form: { json: '{"up_limit":10240}' }, headers }));
  t.equal(simulator.settings().up_limit, 10_240, 'the work was done');
  simulator.disturb(null);
  t.equal((await ask(simulator.url.replace('/qb', ''), 'app/version', { headers })).status, 404);
  const log = JSON.stringify(simulator.requests());
  t.notMatch(log, /secret"|SID=/);
  t.match(simulator.requests(), [
    { method: 'POST', path: 'auth/login', fields: { username: 'admin' }, status: 200 },
    { path: 'app/version', status: 502 },
    { path: 'app/version', status: 200 },
    { path: 'app/setPreferences', fields: { json: '{"up_limit":10240}' }, status: 0 },
    { status: 404 },
  ]);
});

t.test('saved settings live in the state file as well', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'headgate-simulator-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const stateFile = join(folder, 'state.json');
  {
    await using simulator = await startQbittorrentSimulator({
      version: '5.1.4',
      password: null,
      stateFile,
      settings: { up_limit: 5_000 },
    });
    t.equal(simulator.settings().up_limit, 4_096);
    await ask(simulator.url, 'app/setPreferences', { form: { json: '{"up_limit":9000}' } });
  }
  await using again = await startQbittorrentSimulator({ version: '5.1.4', password: null, stateFile });
  t.equal(again.settings().up_limit, 8_192);
});
