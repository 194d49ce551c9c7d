// One adapter and the real 3.00: log-in, addresses, refusals, restarts and polling.
import t from 'tap';
import { hasTransmission, startTransmission } from '../../../deploy/demo/transmission/start-transmission.ts';
import { systemClock } from '../../src/clock.ts';
import type { TorrentClient } from '../../src/neighbours/download-client.ts';
import { createTestClock, listen, patience } from '../qbittorrent/open-test-client.ts';
import { openBrowser, openTestClient } from './open-test-client.ts';

const skip = !(await hasTransmission()) && 'transmission-daemon is not installed';
const password = 'pä:ss word'; // UTF-8, and a colon is none of the name's business
const logIn = { username: 'ädmin', password };
const upload = { direction: 'upload', mode: 'normal' } as const;
const states = (heard: { readonly health: readonly { readonly state: string }[] }) => heard.health.map(({ state }) => state);
const knock = (url: string, logIn: string): Promise<Response> =>
  fetch(`${url}/transmission/rpc`, { headers: { authorization: `Basic ${Buffer.from(logIn).toString('base64')}` } });

t.test('the adapter is a torrent client of the bandwidth feature', async (t) => {
  await using transmission = openTestClient('http://127.0.0.1:9', { onUplink: false });
  const client: TorrentClient = transmission;
  t.match(client, { name: 'seedbox', type: 'transmission', onUplink: false });
  t.equal(client.rounded(5_607_999, 'upload'), 5_600_000);
  t.equal(client.rounded(1, 'download'), 8_000);
});

t.test('with a log-in, and at any of its addresses, it says what it is', { skip }, async (t) => {
  await using open = await startTransmission({ settings: { 'speed-limit-up': 700, 'speed-limit-up-enabled': true } });
  for (const path of ['', '/', '/transmission', '/transmission/rpc', '/transmission/web/']) {
    await using client = openTestClient(open.url + path);
    t.equal(await client.check(patience()), 'Transmission 3.00, upload limit 5.6 Mbit/s, alternative 0.4 Mbit/s', path);
  }
  await using locked = await startTransmission({ ...logIn, rpcPath: '/torrents/', settings: { 'alt-speed-up': 0 } });
  await using client = openTestClient(`${locked.url}/torrents/web/`, logIn);
  t.equal(await client.check(patience()), 'Transmission 3.00, upload limit none, alternative 0 (nothing flows)');
  await using lost = openTestClient(locked.url, logIn);
  await t.rejects(lost.check(patience()), { code: 'upstream_failed', message: /redirects us/ });
});

t.test('a wrong password is tried once and never again', { skip }, async (t) => {
  await using locked = await startTransmission(logIn);
  await using client = openTestClient(locked.url, { ...logIn, password: 'Tippfehler' });
  await using heard = listen(client);
  const many = [1, 2, 3].map(() => client.check(patience()));
  for (const one of many) await t.rejects(one, { code: 'upstream_refused', message: /refuses the username or password/ });
  await heard.until('the refusal', ({ health }) => health.at(-1)?.state === 'refused');
  await t.rejects(
    client.changeLimit(upload, async () => 8_000, patience()),
    { code: 'upstream_refused' },
  );
  t.match(
    await (await knock(locked.url, 'other:wrong')).text(),
    /2 unsuccessful login attempts/,
    'its own count: one of ours, one of this',
  );
  t.same(states(heard), ['starting', 'refused']);
  t.notMatch(JSON.stringify(heard.health), /Tippfehler|ädmin/);
});

t.test('a missing log-in is told, and looked at again after an hour', { skip }, async (t) => {
  const clock = createTestClock();
  await using locked = await startTransmission(logIn);
  await using client = openTestClient(locked.url, { clock });
  for (const after of [0, 3_500_000, 200_000]) {
    clock.forward(after);
    await t.rejects(client.check(patience()), { code: 'upstream_refused', message: /no username is configured/ });
  }
  t.match(
    await (await knock(locked.url, 'other:wrong')).text(),
    /3 unsuccessful login attempts/,
    'it counts a missing one as a wrong one',
  );
  t.throws(() => openTestClient(locked.url, { username: 'a:b', password }), { code: 'config_invalid' });
});

t.test('a lock-out and a stranger are told apart, and looked at again after five minutes', { skip }, async (t) => {
  const clock = createTestClock();
  await using locked = await startTransmission(logIn);
  for (let count = 0; count < 100; count += 1) await (await knock(locked.url, 'other:wrong')).text();
  await using client = openTestClient(locked.url, { ...logIn, clock });
  await t.rejects(client.check(patience()), { code: 'upstream_refused', message: /locked everybody out.*restart/ });
  await locked.kill();
  await locked.start();
  await t.rejects(client.check(patience()), { message: /locked everybody out/ }, 'not knocked at meanwhile');
  clock.forward(301_000);
  t.match(await client.check(patience()), /^Transmission 3\.00/);
  await using closed = await startTransmission({ whitelist: '192.0.2.*' });
  await using stranger = openTestClient(closed.url);
  await t.rejects(stranger.check(patience()), {
    code: 'upstream_refused',
    message: /does not let our address in: add it to rpc-whitelist$/,
  });
});

t.test('killed and started anew: told once each, what was set is lost there and read again here', { skip }, async (t) => {
  await using daemon = await startTransmission({ ...logIn, settings: { 'speed-limit-up': 700, 'speed-limit-up-enabled': true } });
  await using client = openTestClient(daemon.url, logIn);
  await using heard = listen(client);
  await heard.until('a reading', ({ readings }) => readings.length > 0);
  await client.changeLimit(upload, async () => 80_000, patience());
  await heard.until('our limit', ({ readings }) => readings.at(-1)?.uploadLimitBps?.normal === 80_000);
  await daemon.kill();
  await heard.until('the outage', ({ health }) => health.at(-1)?.state === 'unreachable');
  const seen = heard.readings.length;
  await daemon.start();
  await heard.until('life', ({ readings }) => readings.length > seen);
  t.same(states(heard), ['starting', 'live', 'unreachable', 'live']);
  t.match(heard.health[2]?.problem, /refuses connections/);
  t.equal(heard.readings.at(-1)?.uploadLimitBps?.normal, 5_600_000, 'settings are saved at a clean end only');
  t.equal((await client.changeLimit(upload, async () => 160_000, patience())).afterBps, 160_000);
  await daemon.stop();
  await daemon.start();
  t.match(await client.check(patience()), /upload limit 0\.2 Mbit/, 'a clean end saved it; no poll in between was needed');
});

t.test('readings tell mode and limits as they are, and a hand edit of any of them at the next poll', { skip }, async (t) => {
  await using daemon = await startTransmission();
  const browser = openBrowser(daemon.url);
  await using client = openTestClient(daemon.url);
  await using heard = listen(client);
  await heard.until('a reading', ({ readings }) => readings.length > 0);
  t.match(heard.readings[0], {
    uploadBps: 0,
    downloadBps: 0,
    mode: 'normal',
    uploadLimitBps: { normal: -800_000, alternative: 400_000 },
    downloadLimitBps: { normal: -800_000, alternative: 400_000 },
    limitsLanPeers: null,
  });
  t.ok(Math.abs((heard.readings[0]?.at ?? 0) - Date.now()) < 30_000);
  await browser('session-set', { 'alt-speed-down': 7, 'speed-limit-up-enabled': true });
  await heard.until('both edits', ({ readings }) => readings.at(-1)?.downloadLimitBps?.alternative === 56_000);
  t.equal(heard.readings.at(-1)?.uploadLimitBps?.normal, 800_000);
  await browser('session-set', { 'alt-speed-enabled': true });
  await heard.until('the mode', ({ readings }) => readings.at(-1)?.mode === 'alternative');
});

t.test('no reading after a change shows the value from before it', { skip }, async (t) => {
  await using daemon = await startTransmission();
  await using client = openTestClient(daemon.url, { pollIntervalMs: 1 });
  await using heard = listen(client);
  for (let kB = 1; kB <= 30; kB += 1) {
    const { afterBps } = await client.changeLimit(upload, async () => kB * 8_000, patience());
    const seen = heard.readings.length;
    await heard.until('the next reading', ({ readings }) => readings.length > seen);
    if (heard.readings[seen]?.uploadLimitBps?.normal !== afterBps) t.fail(`after ${kB} kB/s`);
  }
  t.same(states(heard), ['starting', 'live']);
});

t.test('one that is mute is left at once when we stop', { skip }, async (t) => {
  await using daemon = await startTransmission();
  await using client = openTestClient(daemon.url);
  await client.check(patience());
  daemon.freeze(true);
  const stop = new AbortController();
  const started = systemClock.monotonic();
  const changing = client.changeLimit(upload, async () => 8_000, stop.signal);
  setTimeout(() => stop.abort(), 50);
  await t.rejects(changing, { name: 'AbortError' });
  t.ok(systemClock.monotonic() - started < 3_000);
  daemon.freeze(false);
  t.match(await client.check(patience()), /^Transmission/);
});
