// One adapter for the real 4.5.2 and for the simulated 4.5.2 to 5.2.3: log-in, both limits, refusals.
import t from 'tap';
import { hasQbittorrent, startQbittorrent } from '../../../deploy/demo/qbittorrent/start-qbittorrent.ts';
import {
  type SimulatedVersion,
  startQbittorrentSimulator,
} from '../../../deploy/demo/qbittorrent/start-qbittorrent-simulator.ts';
import { systemClock } from '../../src/clock.ts';
import type { TorrentClient } from '../../src/neighbours/download-client.ts';
import { makeCertificate } from '../http-client/make-certificate.ts';
import { createTestClock, listen, openTestClient, patience } from './open-test-client.ts';

const secret = 'pä ss&=+%'; // must survive a form
const apiKey = `qbt_${'k'.repeat(28)}`;
const versions: readonly SimulatedVersion[] = ['4.5.2', '5.0.5', '5.1.4', '5.2.3'];
const installed = await hasQbittorrent();

type Neighbour = AsyncDisposable & { readonly url: string };
const password = { username: 'admin', password: secret };
const ways: readonly { readonly name: string; readonly open: () => Promise<Neighbour>; readonly credentials: object }[] = [
  ...(installed
    ? [
        { name: 'the real 4.5.2 by password', open: () => startQbittorrent({ password: secret }), credentials: password },
        {
          name: 'the real 4.5.2 without log-in',
          open: () => startQbittorrent({ password: null }),
          credentials: { username: '' },
        },
      ]
    : []),
  ...versions.map((version) => ({
    name: `${version} by password`,
    open: () => startQbittorrentSimulator({ version, password: secret }),
    credentials: password,
  })),
  {
    name: '5.2.3 by key',
    open: () => startQbittorrentSimulator({ version: '5.2.3', password: secret, apiKey }),
    credentials: { apiKey },
  },
  { name: '5.2.3 without log-in', open: () => startQbittorrentSimulator({ version: '5.2.3', password: null }), credentials: {} },
];

t.test('the adapter is a torrent client of the bandwidth feature', async (t) => {
  await using qbittorrent = openTestClient('http://127.0.0.1:9', { onUplink: false });
  const client: TorrentClient = qbittorrent;
  t.equal(client.name, 'qbit');
  t.equal(client.onUplink, false);
  t.equal(client.rounded(5_600_000, 'upload'), 5_595_136);
  t.equal(client.rounded(1, 'download'), 8_192);
});

for (const { name, open, credentials } of ways) {
  t.test(`${name}: both limits are read and written, each in its slot`, async (t) => {
    await using neighbour = await open();
    await using client = openTestClient(`${neighbour.url}/`, credentials);
    t.match(await client.check(patience()), /^qBittorrent v[45]\.\d\.\d, upload limit none, alternative 0\.1 Mbit\/s$/);
    t.same(await client.changeLimit({ direction: 'upload', mode: 'normal' }, async () => 8 * 500_000, patience()), {
      beforeBps: 0,
      afterBps: 3_997_696,
      written: true,
    });
    t.same(
      await client.changeLimit({ direction: 'upload', mode: 'alternative' }, async () => 1, patience()),
      { beforeBps: 81_920, afterBps: 8_192, written: true },
      'never 0',
    );
    t.same(
      await client.changeLimit(
        { direction: 'upload', mode: 'normal' },
        async (stands) => (stands === 3_997_696 ? null : 1),
        patience(),
      ),
      {
        beforeBps: 3_997_696,
        afterBps: 3_997_696,
        written: false,
      },
    );
    await using heard = listen(client);
    await heard.until('a reading', ({ readings }) => readings.length > 0);
    t.match(heard.readings[0], {
      mode: 'normal',
      uploadLimitBps: { normal: 3_997_696, alternative: 8_192 },
      limitsLanPeers: true,
      uploadBps: 0,
      downloadBps: 0,
    });
    t.same(
      await client.changeLimit({ direction: 'upload', mode: 'normal' }, async () => 0, patience()),
      { beforeBps: 3_997_696, afterBps: 0, written: true },
      '0 restores "none"',
    );
    t.same(
      heard.health.map(({ state }) => state),
      ['starting', 'live'],
    );
  });
}

for (const version of versions) {
  t.test(`${version}: a write lands in its slot though the mode is toggled under it, and the mode stays`, async (t) => {
    await using simulator = await startQbittorrentSimulator({
      version,
      ...password,
      settings: { up_limit: 800 * 1024, alt_up_limit: 50 * 1024 },
    });
    await using client = openTestClient(simulator.url, password);
    const toggled = async (): Promise<number> => {
      simulator.edit({ use_alt_speed_limits: true });
      return 8 * 300 * 1024;
    };
    await client.changeLimit({ direction: 'upload', mode: 'normal' }, toggled, patience());
    t.match(simulator.settings(), { up_limit: 300 * 1024, alt_up_limit: 50 * 1024, use_alt_speed_limits: true });
    await using heard = listen(client);
    await heard.until('the mode', ({ readings }) => readings.at(-1)?.mode === 'alternative');
    t.same(heard.readings.at(-1)?.uploadLimitBps, { normal: 8 * 300 * 1024, alternative: 8 * 50 * 1024 });
    t.notOk(
      simulator.requests().some(({ path }) => /Mode$/.test(path) && path !== 'transfer/speedLimitsMode'),
      'we never switch the mode',
    );
  });

  t.test(`${version}: a wrong password is tried once and never again`, async (t) => {
    await using simulator = await startQbittorrentSimulator({ version, password: secret });
    await using client = openTestClient(simulator.url, { username: 'admin', password: 'wrong' });
    await using heard = listen(client);
    await heard.until('the refusal', ({ health }) => health.at(-1)?.state === 'refused');
    t.match(heard.health.at(-1)?.problem, /refuses the username or password/);
    await t.rejects(client.check(patience()), { code: 'upstream_refused' });
    await t.rejects(
      client.changeLimit({ direction: 'upload', mode: 'normal' }, async () => 8_192, patience()),
      { code: 'upstream_refused' },
    );
    await t.rejects(Promise.all([1, 2, 3].map(() => client.check(patience()))), { code: 'upstream_refused' });
    t.equal(simulator.requests().filter(({ path }) => path === 'auth/login').length, 1);
    t.same(
      heard.health.map(({ state }) => state),
      ['starting', 'refused'],
    );
  });

  t.test(`${version}: a session that ended is renewed once, and the request repeated`, async (t) => {
    await using simulator = await startQbittorrentSimulator({ version, ...password });
    await using client = openTestClient(simulator.url, password);
    await client.check(patience());
    simulator.expireSessions();
    simulator.clearRequests();
    await Promise.all([client.check(patience()), client.check(patience())]);
    const paths = simulator.requests().map(({ path, status }) => `${path} ${status}`);
    t.equal(paths.filter((line) => line.startsWith('auth/login')).length, 1, 'one log-in for two callers');
    t.equal(paths.filter((line) => line === 'app/version 200').length, 2, paths.join(', '));
  });
}

t.test('a 403 that arrives after the password was refused does not try it again', async (t) => {
  await using simulator = await startQbittorrentSimulator({ version: '5.2.3', password: secret });
  await using client = openTestClient(simulator.url, { username: 'admin', password: 'wrong' });
  simulator.disturb({ paths: ['app/preferences'], times: 1, delayMs: 300 });
  const late = client.changeLimit({ direction: 'upload', mode: 'normal' }, async () => 8_192, patience());
  await t.rejects(client.check(patience()), { code: 'upstream_refused' });
  await t.rejects(late, { code: 'upstream_refused' });
  t.equal(simulator.requests().filter(({ path }) => path === 'auth/login').length, 1);
});

t.test('a log-in that everybody left still counts, and hurts nobody', async (t) => {
  await using simulator = await startQbittorrentSimulator({ version: '5.1.4', password: secret });
  await using client = openTestClient(simulator.url, { username: 'admin', password: 'wrong' });
  simulator.disturb({ paths: ['auth/login'], times: 1, delayMs: 100 });
  const stop = new AbortController();
  const leaving = client.check(stop.signal);
  while (!simulator.requests().some(({ path }) => path === 'auth/login')) await systemClock.sleep(2, patience());
  stop.abort();
  await t.rejects(leaving, { name: 'AbortError' });
  await t.rejects(client.check(patience()), { code: 'upstream_refused' });
  t.equal(simulator.requests().filter(({ path }) => path === 'auth/login').length, 1);
});

t.test('a write whose answer was lost is sent once more', async (t) => {
  await using simulator = await startQbittorrentSimulator({ version: '5.2.3', ...password });
  await using client = openTestClient(simulator.url, password);
  await client.check(patience());
  simulator.disturb({ paths: ['app/setPreferences'], times: 1, answer: 'cut' });
  t.equal((await client.changeLimit({ direction: 'upload', mode: 'normal' }, async () => 81_920, patience())).afterBps, 81_920);
  t.equal(simulator.requests().filter(({ path }) => path === 'app/setPreferences').length, 2);
});

t.test('neither Origin nor Referer is sent, and whatever cookie was set comes back', async (t) => {
  await using simulator = await startQbittorrentSimulator({
    version: '5.2.3',
    ...password,
    webPort: 8080,
    hostHeaderValidation: false,
  });
  await using client = openTestClient(simulator.url, password);
  await client.check(patience());
  await client.changeLimit({ direction: 'upload', mode: 'normal' }, async () => 8_192, patience());
  for (const { headers } of simulator.requests())
    t.notOk('origin' in headers || 'referer' in headers, Object.keys(headers).join(' '));
  t.equal(simulator.sessionCount(), 1);
});

t.test('with log-in switched off, our polls are one session and not thousands', async (t) => {
  await using simulator = await startQbittorrentSimulator({ version: '4.5.2', password: null });
  await using client = openTestClient(simulator.url);
  await using heard = listen(client);
  await heard.until('ten readings', ({ readings }) => readings.length >= 10);
  t.equal(simulator.sessionCount(), 1);
  t.notOk(
    simulator.requests().some(({ path }) => path === 'auth/login'),
    'no log-in is tried',
  );
});

t.test('a missing username is told where a log-in is wanted', async (t) => {
  await using simulator = await startQbittorrentSimulator({ version: '5.1.4', password: secret });
  await using client = openTestClient(simulator.url);
  await t.rejects(client.check(patience()), { code: 'upstream_refused', message: /no username is configured/ });
});

t.test('a ban is told apart, and looked at again after five minutes', async (t) => {
  const clock = createTestClock();
  let now = 0;
  await using simulator = await startQbittorrentSimulator({ version: '5.2.3', ...password, now: () => now });
  for (let count = 0; count < 5; count += 1) {
    await using wrong = openTestClient(simulator.url, { username: 'admin', password: `wrong ${count}` });
    await t.rejects(wrong.check(patience()), { message: /refuses the username or password/ });
  }
  await using client = openTestClient(simulator.url, { ...password, clock });
  simulator.clearRequests();
  await t.rejects(client.check(patience()), { code: 'upstream_refused', message: /banned this address/ });
  await t.rejects(client.check(patience()), { message: /banned/ });
  t.equal(simulator.requests().filter(({ path }) => path === 'auth/login').length, 1, 'not knocked at meanwhile');
  now += 3_600_000;
  clock.forward(301_000);
  t.match(await client.check(patience()), /^qBittorrent v5\.2\.3/);
});

t.test('a wrong API key is told, without a log-in', async (t) => {
  await using simulator = await startQbittorrentSimulator({ version: '5.2.3', ...password, apiKey });
  await using client = openTestClient(simulator.url, { apiKey: 'qbt_wrong', ...password });
  await t.rejects(client.check(patience()), { code: 'upstream_refused', message: /refuses the API key/ });
  t.notOk(simulator.requests().some(({ path }) => path === 'auth/login'));
});

t.test('the decision sees the rate that stands; where it throws or is no rate, nothing is written', async (t) => {
  await using simulator = await startQbittorrentSimulator({ version: '5.2.3', ...password, settings: { up_limit: 700_000 } });
  await using client = openTestClient(simulator.url, password);
  const full = new Error('disk full');
  await t.rejects(
    client.changeLimit({ direction: 'upload', mode: 'normal' }, async () => Promise.reject(full), patience()),
    full,
  );
  for (const wrong of [-1, Number.NaN, Infinity])
    await t.rejects(
      client.changeLimit({ direction: 'upload', mode: 'normal' }, async () => wrong, patience()),
      { code: 'input_invalid' },
    );
  const stop = new AbortController();
  const stopped = async (): Promise<number> => {
    stop.abort();
    return 8_192;
  };
  await t.rejects(client.changeLimit({ direction: 'upload', mode: 'normal' }, stopped, stop.signal), { name: 'AbortError' });
  t.notOk(
    simulator.requests().some(({ path }) => path === 'app/setPreferences'),
    'no write',
  );
  t.equal(simulator.settings().up_limit, 683 * 1024);
});

t.test('changes go one at a time: each sees what the one before it left', async (t) => {
  await using simulator = await startQbittorrentSimulator({ version: '5.2.3', ...password, settings: { up_limit: 1024 } });
  await using client = openTestClient(simulator.url, password);
  const more = async (stands: number): Promise<number> => stands + 8_192;
  const changes = await Promise.all(
    Array.from({ length: 10 }, () => client.changeLimit({ direction: 'upload', mode: 'normal' }, more, patience())),
  );
  t.equal(changes.at(-1)?.afterBps, 11 * 8_192);
  t.equal(simulator.settings().up_limit, 11 * 1024);
});

t.test('a value that reads back differently is a failure, and the next change still works', async (t) => {
  await using simulator = await startQbittorrentSimulator({ version: '5.1.4', ...password });
  await using client = openTestClient(simulator.url, password);
  simulator.disturb({ paths: ['app/setPreferences'], times: 1, instead: { status: 200, body: '' } });
  await t.rejects(
    client.changeLimit({ direction: 'upload', mode: 'normal' }, async () => 80_000, patience()),
    { code: 'upstream_failed', message: /reads 0/ },
  );
  t.equal((await client.changeLimit({ direction: 'upload', mode: 'normal' }, async () => 80_000, patience())).afterBps, 73_728);
});

t.test('a page that is not qBittorrent is told as such', async (t) => {
  await using simulator = await startQbittorrentSimulator({ version: '5.1.4', ...password });
  const pages: readonly [number, string, string][] = [
    [200, '<!DOCTYPE html>', 'upstream_failed'],
    [302, '', 'upstream_failed'],
    [502, 'Bad Gateway', 'upstream_unreachable'],
    [401, 'Unauthorized', 'upstream_refused'],
    [404, 'Not Found', 'upstream_failed'],
  ];
  for (const [status, body, code] of pages) {
    await using client = openTestClient(simulator.url, password);
    simulator.disturb({ instead: { status, body } });
    await t.rejects(client.check(patience()), { code }, String(status));
  }
});

t.test('a mapped port is explained, and costs no log-in try', async (t) => {
  await using simulator = await startQbittorrentSimulator({ version: '5.2.3', ...password, webPort: 8080 });
  await using client = openTestClient(simulator.url, password);
  await t.rejects(client.check(patience()), { code: 'upstream_refused', message: /Host header/ });
  t.notOk(simulator.requests().some(({ path }) => path === 'auth/login'));
});

t.test('a base path works, with and without a trailing slash', async (t) => {
  await using simulator = await startQbittorrentSimulator({ version: '5.2.3', ...password, basePath: '/apps/qb' });
  for (const url of [simulator.url, `${simulator.url}/`]) {
    await using client = openTestClient(url, password);
    t.match(await client.check(patience()), /^qBittorrent v5\.2\.3/);
  }
});

t.test('https with a self-signed certificate is refused before the password is sent, and works when pinned', async (t) => {
  const { key, cert, fingerprint } = await makeCertificate();
  await using simulator = await startQbittorrentSimulator({ version: '5.2.3', ...password, tls: { key, cert } });
  await using stranger = openTestClient(simulator.url, password);
  await t.rejects(stranger.check(patience()), { code: 'upstream_unreachable', message: /self-signed certificate/ });
  t.same(simulator.requests(), []);
  for (const tls of [{ fingerprint256: fingerprint }, { ca: cert }]) {
    await using client = openTestClient(simulator.url, { ...password, tls });
    t.match(await client.check(patience()), /^qBittorrent v5\.2\.3/);
  }
});

t.test(
  'the real 4.5.2: the mode is toggled under a write, which still lands in its slot',
  { skip: !installed && 'qbittorrent-nox is not installed' },
  async (t) => {
    await using real = await startQbittorrent({ password: null, uploadLimitKiB: 800, alternativeUploadLimitKiB: 50 });
    await using client = openTestClient(real.url);
    const toggle = async (): Promise<number> => {
      await (await fetch(`${real.url}/api/v2/transfer/toggleSpeedLimitsMode`, { method: 'POST' })).text();
      return 8 * 512_000;
    };
    t.same(await client.changeLimit({ direction: 'upload', mode: 'normal' }, toggle, patience()), {
      beforeBps: 8 * 800 * 1024,
      afterBps: 8 * 512_000,
      written: true,
    });
    await using heard = listen(client);
    await heard.until('a reading', ({ readings }) => readings.length > 0);
    t.match(heard.readings[0], { mode: 'alternative', uploadLimitBps: { normal: 8 * 512_000, alternative: 8 * 50 * 1024 } });
    await client.changeLimit({ direction: 'upload', mode: 'alternative' }, toggle, patience());
    const info = await (await fetch(`${real.url}/api/v2/transfer/info`)).json();
    t.match(info, { up_rate_limit: 512_000 }, 'the mode is normal again, with the limit that was set for it');
  },
);
