// Running streams on a fake clock: who is asked and when, what comes of it, and all that must not be asked (facts/jellyfin.md §12).
import t from 'tap';
import type { PlayingStream } from '../../../src/neighbours/media-server.ts';
import { M, playing } from '../fixtures/decision-input.ts';
import { type MemoryHome, openMemoryHome } from '../fixtures/memory-home.ts';

const SKILLS = { renegotiates: true, replays: true, shows: true };
const FILM = { client: 'Jellyfin Web', itemId: 'film', nominalBps: 8 * M, skills: SKILLS };
const SETTINGS = { restoreAfterMs: 0, writeIntervalMs: 0, minPerViewerBps: M, viewerMessage: '{rate}' };
const transcode = (bps: number) => ({ transcode: { bps, videoDirect: false, audioDirect: false, limited: true } });

/** The server says it anew each second, as its socket does; the player has reported since. */
async function watch(home: MemoryHome, seconds: number, ...streams: readonly PlayingStream[]): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    home.play(...streams.map((stream) => ({ ...stream, lastCheckInAt: home.clock.now() })));
    await home.pass(1);
  }
}

/** `anna` plays a film of 8 Mbit/s, and then there are 5.5 Mbit/s for her. */
async function tooLittle(settings: Parameters<typeof openMemoryHome>[0] = {}, change: Partial<PlayingStream> = {}) {
  const home = await openMemoryHome({ ...SETTINGS, ...settings }, ['anna']);
  const stream = playing('anna', { ...FILM, startedAt: home.clock.now(), ...change });
  await watch(home, 20, stream);
  await home.bandwidth.change({ capacityUpBps: 6.7 * M }, 'test');
  return { home, stream };
}
const asked = ({ players }: MemoryHome) => players.asks.filter((text) => !text.startsWith('show')).join();
const stateOf = ({ bandwidth }: MemoryHome) =>
  bandwidth
    .status()
    .streams.map(({ capState }) => capState)
    .join();

t.test('asked after 10 s, told why, verified over three readings; lifted the same way when room is back', async (t) => {
  const { home, stream } = await tooLittle();
  await using _ = home;
  await watch(home, 9, stream);
  t.same([asked(home), stateOf(home), home.limits.get('anna')], ['', 'pending', 5.5 * M], 'a scene’s peak passes');
  await watch(home, 4, stream);
  t.same(home.players.asks, ['renegotiate anna-1', 'show anna-1 5.5 Mbit/s']);
  t.equal(stateOf(home), 'asked');
  await watch(home, 2, { ...stream, ...transcode(5.6 * M) });
  t.equal(stateOf(home), 'asked', 'not on one reading');
  await watch(home, 6, { ...stream, ...transcode(5.6 * M) });
  t.equal(stateOf(home), 'obeyed');
  await home.bandwidth.change({ capacityUpBps: null }, 'test');
  await watch(home, 80, { ...stream, ...transcode(5.6 * M) });
  t.equal(asked(home), 'renegotiate anna-1', 'not twice within 2 min');
  await watch(home, 60, { ...stream, ...transcode(5.6 * M) });
  t.equal(asked(home), 'renegotiate anna-1,renegotiate anna-1');
  t.equal(home.players.asks.length, 3, 'nothing is shown where it gets better');
  await watch(home, 300, stream);
  t.equal(asked(home), 'renegotiate anna-1,renegotiate anna-1', 'it plays its file again: all is well');
});

t.test('who was asked and goes on as before is told of once, not asked again, and has what it takes', async (t) => {
  const { home, stream } = await tooLittle();
  await using _ = home;
  await watch(home, 60, stream);
  t.equal(stateOf(home), 'ignored');
  await watch(home, 300, stream);
  t.equal(asked(home), 'renegotiate anna-1');
  const events = home.events.filter(({ type }) => type === 'cap_ignored');
  t.equal(events.length, 1);
  t.match(
    events[0]?.text,
    /^anna at main, Jellyfin Web on Chrome: takes 8\.0 Mbit\/s over a limit of 5\.5 Mbit\/s; it was asked/,
  );
  await watch(home, 5, { ...stream, itemId: 'another film', startedAt: home.clock.now() });
  t.equal(stateOf(home), 'pending', 'another film is another matter');
});

t.test('where it is wished, one that did not obey is begun anew at its place, once', async (t) => {
  const { home, stream } = await tooLittle({ runningStreams: 'restart' });
  await using _ = home;
  await watch(home, 100, stream);
  t.equal(asked(home), 'renegotiate anna-1', 'not twice within 2 min');
  await watch(home, 400, stream);
  t.equal(asked(home), 'renegotiate anna-1,replay anna-1');
});

const spared: Readonly<Record<string, [Parameters<typeof openMemoryHome>[0], Partial<PlayingStream>]>> = {
  'the operator wants them left': [{ runningStreams: 'leave' }, {}],
  'nobody tried the player': [{}, { client: 'Jellyfin Roku' }],
  'it is paused': [{}, { paused: true }],
  'it says no track, or does not understand': [{}, { skills: { ...SKILLS, renegotiates: false } }],
  'it is live TV': [{}, { kind: 'live' }],
  'Headgate rehearses': [{ dryRun: true }, {}],
  'it keeps to it already': [{}, transcode(3 * M)],
};
for (const [why, [settings, change]] of Object.entries(spared))
  t.test(`nobody is asked where ${why}`, async (t) => {
    const { home, stream } = await tooLittle(settings, change);
    await using _ = home;
    await watch(home, 150, stream);
    t.same(home.players.asks, []);
  });

t.test('of two, the one furthest above its share is asked first, and no more than are needed', async (t) => {
  await using home = await openMemoryHome({ ...SETTINGS, algorithm: 'priority', viewers: { ben: { class: 'admin' } } }, [
    'anna',
    'ben',
  ]);
  const streams = [playing('anna', FILM), playing('ben', FILM)].map((one) => ({ ...one, startedAt: home.clock.now() }));
  await watch(home, 20, ...streams);
  await home.bandwidth.change({ capacityUpBps: 17 * M }, 'test');
  await watch(home, 15, ...streams);
  t.same([home.limits.get('anna'), home.limits.get('ben')], [3.5 * M, 11 * M]);
  t.equal(asked(home), 'renegotiate anna-1');
});

t.test('a user’s own limit that is tighter than ours is one to keep to as well', async (t) => {
  await using home = await openMemoryHome(SETTINGS, ['anna']);
  const stream = playing('anna', { ...FILM, startedAt: home.clock.now() });
  await watch(home, 20, stream);
  home.limits.set('anna', 3 * M);
  await home.bandwidth.change({ capacityUpBps: 6.7 * M }, 'test');
  await watch(home, 80, stream);
  t.same(home.players.asks, ['renegotiate anna-1', 'show anna-1 3.0 Mbit/s']);
});

t.test('what could not be sent is tried again after 15 s', async (t) => {
  const { home, stream } = await tooLittle();
  await using _ = home;
  home.players.reached = false;
  await watch(home, 14, stream);
  t.equal(stateOf(home), 'pending');
  home.players.reached = true;
  await watch(home, 18, stream);
  t.equal(asked(home), 'renegotiate anna-1');
});

t.test('a start of Headgate asks nobody who watched before it for 2 min: an earlier run may have asked', async (t) => {
  const { home, stream } = await tooLittle();
  await using _ = home;
  await watch(home, 12, stream);
  t.equal(asked(home), 'renegotiate anna-1');
  await home.kill();
  await home.start();
  await watch(home, 100, stream);
  t.equal(asked(home), 'renegotiate anna-1');
  await watch(home, 40, stream);
  t.equal(asked(home), 'renegotiate anna-1,renegotiate anna-1');
});

t.test(
  'a stream that began under its limit and takes more is one that ignores it: told, and counted with what it takes',
  async (t) => {
    await using home = await openMemoryHome({ ...SETTINGS, capacityUpBps: 6.7 * M }, ['anna', 'ben']);
    await watch(home, 20);
    const anna = playing('anna', { ...FILM, client: 'Infuse', startedAt: home.clock.now() });
    await watch(home, 60, anna);
    t.equal(stateOf(home), 'ignored');
    t.match(home.events.find(({ type }) => type === 'cap_ignored')?.text, /it began under the limit all the same/);
    t.equal(home.limits.get('anna'), M, 'its next film would have what is left');
  },
);
