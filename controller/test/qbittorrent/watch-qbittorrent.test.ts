// Polling over edits, restarts and outages: what is heard, how often it is asked, and that our own writes never look like somebody else's.
import t from 'tap';
import { hasQbittorrent, startQbittorrent } from '../../../deploy/demo/qbittorrent/start-qbittorrent.ts';
import { startQbittorrentSimulator } from '../../../deploy/demo/qbittorrent/start-qbittorrent-simulator.ts';
import { systemClock } from '../../src/clock.ts';
import type { Log } from '../../src/log.ts';
import { createTestClock, listen, openTestClient, patience } from './open-test-client.ts';

const installed = await hasQbittorrent();
const password = { username: 'admin', password: 'secret' };
const states = (heard: { readonly health: readonly { readonly state: string }[] }) => heard.health.map(({ state }) => state);

t.test(
  'the real 4.5.2 is killed and started: told once each, and both limits are read again',
  { skip: !installed && 'qbittorrent-nox is not installed' },
  async (t) => {
    await using real = await startQbittorrent({ password: 'secret', uploadLimitKiB: 700 });
    await using client = openTestClient(real.url, password);
    await using heard = listen(client);
    await heard.until('a reading', ({ readings }) => readings.length > 0);
    await client.changeLimit({ direction: 'upload', mode: 'alternative' }, async () => 8 * 2048, patience());
    await real.kill();
    await heard.until('the outage', ({ health }) => health.at(-1)?.state === 'unreachable');
    const seen = heard.readings.length;
    await real.start();
    await heard.until('life', ({ readings }) => readings.length > seen);
    t.same(states(heard), ['starting', 'live', 'unreachable', 'live']);
    t.match(heard.health[2]?.problem, /refuses connections/);
    t.equal(heard.health[3]?.problem, null);
    t.same(heard.readings.at(-1)?.uploadLimitBps, { normal: 8 * 700 * 1024, alternative: 8 * 2048 });
  },
);

t.test('rates come in bit/s, with the mode and its limits', async (t) => {
  await using simulator = await startQbittorrentSimulator({
    version: '5.2.3',
    ...password,
    settings: { up_limit: 100 * 1024, limit_lan_peers: false },
  });
  simulator.traffic.want({ upload: 5_000_000, download: 2_000_000 });
  await using client = openTestClient(simulator.url, password);
  await using heard = listen(client);
  await heard.until('a reading', ({ readings }) => readings.length > 0);
  t.match(heard.readings[0], {
    uploadBps: 8 * 100 * 1024,
    downloadBps: 16_000_000,
    mode: 'normal',
    uploadLimitBps: { normal: 8 * 100 * 1024, alternative: 81_920 },
    limitsLanPeers: false,
  });
  t.ok(Math.abs((heard.readings[0]?.at ?? 0) - Date.now()) < 30_000);
  simulator.edit({ up_limit: 0 });
  await heard.until('a hand edit of the active limit', ({ readings }) => readings.at(-1)?.uploadLimitBps?.normal === 0);
  t.equal(heard.readings.at(-1)?.uploadBps, 40_000_000);
});

t.test('polls are small: both limits are asked for only when there is reason to, or after ten seconds', async (t) => {
  const clock = createTestClock();
  await using simulator = await startQbittorrentSimulator({ version: '5.1.4', ...password });
  await using client = openTestClient(simulator.url, { ...password, clock });
  await using heard = listen(client);
  const asked = () => simulator.requests().filter(({ path, status }) => path === 'app/preferences' && status === 200).length;
  await heard.until('ten readings', ({ readings }) => readings.length >= 10);
  t.equal(asked(), 1);
  simulator.edit({ alt_up_limit: 51_200 }); // the slot that is not active: no small answer shows it
  clock.forward(10_000);
  await heard.until('a hand edit of the other limit', ({ readings }) => readings.at(-1)?.uploadLimitBps?.alternative === 409_600);
  t.equal(asked(), 2);
});

t.test('a restart between two polls is noticed by its session or its counter', async (t) => {
  const apiKey = `qbt_${'k'.repeat(28)}`;
  let now = 0;
  for (const credentials of [password, { apiKey }]) {
    await using simulator = await startQbittorrentSimulator({ version: '5.2.3', password: 'secret', apiKey, now: () => now });
    if ('apiKey' in credentials) simulator.traffic.want({ upload: 1_000_000 }); // a key has no session to lose
    now += 60_000;
    await using client = openTestClient(simulator.url, { ...credentials, pollIntervalMs: 300 });
    await using heard = listen(client);
    await heard.until('a reading', ({ readings }) => readings.length > 0);
    simulator.edit({ alt_up_limit: 51_200 });
    await simulator.stop();
    await simulator.start();
    const seen = heard.readings.length;
    await heard.until('a reading', ({ readings }) => readings.length > seen);
    t.equal(heard.readings.at(-1)?.uploadLimitBps?.alternative, 409_600, JSON.stringify(Object.keys(credentials)));
    t.same(states(heard), ['starting', 'live']);
  }
});

t.test('an answer that a change overtook is not told: no reading after the change shows the value from before it', async (t) => {
  const clock = createTestClock();
  await using simulator = await startQbittorrentSimulator({ version: '5.2.3', ...password });
  await using client = openTestClient(simulator.url, { ...password, clock });
  await using heard = listen(client);
  const asked = () => simulator.requests().filter(({ path }) => path === 'app/preferences').length;
  for (const mode of ['normal', 'alternative'] as const) {
    await heard.until('a reading', ({ readings }) => readings.length > 0);
    const before = asked();
    simulator.disturb({ paths: ['app/preferences'], times: 1, delayMs: 300 });
    clock.forward(10_000); // the next poll asks for both limits, and is answered late
    await heard.until('that poll', () => asked() > before);
    const { afterBps } = await client.changeLimit({ direction: 'upload', mode }, async () => 800_000, patience());
    const seen = heard.readings.length;
    await heard.until('the next reading', ({ readings }) => readings.length > seen);
    t.equal(heard.readings[seen]?.uploadLimitBps?.[mode], afterBps);
  }
});

t.test('one lost answer is no outage; two are, and it is logged once', async (t) => {
  const lines: string[] = [];
  const write = (_fields: unknown, text: string): void => void lines.push(text);
  const log: Log = { debug: write, info: write, warn: write, error: write, child: () => log };
  await using simulator = await startQbittorrentSimulator({ version: '5.2.3', ...password });
  await using client = openTestClient(simulator.url, { ...password, log });
  await using heard = listen(client);
  await heard.until('a reading', ({ readings }) => readings.length > 0);
  simulator.disturb({ times: 1, instead: { status: 503, body: 'Service Unavailable' } });
  const seen = heard.readings.length;
  await heard.until('three readings', ({ readings }) => readings.length > seen + 3);
  t.same(states(heard), ['starting', 'live']);
  simulator.disturb({ instead: { status: 503, body: 'Service Unavailable' } });
  await heard.until('the outage', ({ health }) => health.at(-1)?.state === 'unreachable');
  t.match(heard.health.at(-1)?.problem, /answers 503/);
  simulator.disturb(null);
  await heard.until('life', ({ health }) => health.at(-1)?.state === 'live');
  t.same(states(heard), ['starting', 'live', 'unreachable', 'live']);
  t.same(lines, ['torrent client answers', 'torrent client cannot be heard', 'torrent client answers']);
});

t.test('a dead client is asked less and less often, at most each 15 s or so', async (t) => {
  const pauses: number[] = [];
  const stop = new AbortController();
  const clock = {
    ...systemClock,
    sleep: async (ms: number, signal: AbortSignal): Promise<void> => {
      pauses.push(ms);
      if (pauses.length >= 12) stop.abort();
      signal.throwIfAborted();
    },
  };
  await using client = openTestClient('http://127.0.0.1:9', { clock, pollIntervalMs: 2_000 });
  const health: string[] = [];
  await t.rejects(client.watch({ reading: () => {}, health: ({ state }) => health.push(state) }, stop.signal), {
    name: 'AbortError',
  });
  t.same(health, ['starting', 'unreachable']);
  t.ok((pauses[0] ?? 0) <= 2_500 && (pauses[2] ?? 0) >= 6_000, pauses.join(' '));
  t.ok(
    pauses.slice(4).every((ms) => ms >= 11_250 && ms <= 18_750),
    'with jitter',
  );
});

t.test('a client that never answers is given up on in time, and stopping does not wait for it', async (t) => {
  await using simulator = await startQbittorrentSimulator({ version: '5.2.3', ...password });
  await using client = openTestClient(simulator.url, password);
  await using heard = listen(client);
  await heard.until('a reading', ({ readings }) => readings.length > 0);
  simulator.disturb({ answer: 'never' });
  const stop = new AbortController();
  const started = systemClock.monotonic();
  const changing = client.changeLimit({ direction: 'upload', mode: 'normal' }, async () => 8_192, stop.signal);
  setTimeout(() => stop.abort(), 50);
  await t.rejects(changing, { name: 'AbortError' });
  t.ok(systemClock.monotonic() - started < 3_000);
});
