// Ruling 4, row 2: what leaves the home that is neither a stream nor a torrent.
import t from 'tap';
import { addSample, addStarts, NO_TRAFFIC, otherTraffic, type TrafficMemory } from '../../../src/bandwidth/line/other-traffic.ts';
import { seededRandom } from '../../fixtures/seeded-random.ts';
import { M } from '../fixtures/decision-input.ts';

type Second = { readonly up: number; readonly torrent?: number; readonly stream?: number };

/** Plays a trace second by second; answers with other traffic after each. */
function replay(seconds: number, at: (second: number) => Second, starts: readonly number[] = []) {
  let memory: TrafficMemory = NO_TRAFFIC;
  let other: number | null = null;
  const told: (number | null)[] = [];
  for (let second = 0; second < seconds; second += 1) {
    const { up, torrent = 0, stream = 0 } = at(second);
    memory = addStarts(
      memory,
      starts.filter((start) => start <= second).map((start) => start * 1_000),
      second * 1_000,
    );
    memory = addSample(memory, { at: second * 1_000, wanBps: up, torrentBps: torrent, streamBps: stream, paused: false });
    other = otherTraffic(memory, second * 1_000, other);
    told.push(other);
  }
  return { told, memory };
}
const last = (told: readonly (number | null)[]): number => told.at(-1) ?? Number.NaN;

t.test('row 2, ruling 14: 40 Mbit/s of others beside 10 Mbit/s of Jellyfin and 5 of torrents are 40 ± 5 %', async (t) => {
  const random = seededRandom(2);
  const noise = (): number => (random() - 0.5) * 2 * M;
  const { told } = replay(120, () => ({ up: 40 * M + 10 * M + 5 * M * 1.06 + noise(), torrent: 5 * M, stream: 10 * M }));
  t.ok(
    told.slice(20).every((other) => other !== null && Math.abs(other - 40 * M) <= 2 * M),
    String(last(told)),
  );
});

t.test('from the first second on it is not 0 by ignorance', async (t) => {
  const { told } = replay(10, () => ({ up: 20 * M }));
  t.ok(told.every((other) => other === 20 * M));
  t.equal(otherTraffic(NO_TRAFFIC, 0, null), null);
});

t.test('it is the 60 s maximum of 15 s means: a rise counts in full after 15 s and stays a minute', async (t) => {
  const { told } = replay(240, (second) => ({ up: second >= 60 && second < 90 ? 15 * M : 3 * M }));
  t.equal(told[59], 3 * M);
  t.equal(told[82], 15 * M, 'a mean of 15 s, and 6 s of waiting for a start that explains it');
  t.equal(told[140], 15 * M, 'held');
  t.equal(told[170], 3 * M, 'and let go');
  const spike = replay(200, (second) => ({ up: second === 60 ? 18 * M : 3 * M }));
  t.equal(Math.max(...spike.told.map(Number)), 4 * M, 'one second of 15 Mbit/s more counts for a fifteenth');
});

t.test('ruling 4: a player that bursts at its start moves it by less than one step', async (t) => {
  // Direct play of 8 Mbit/s: 4.5 MB of bitrate test in the second before it is seen, 1.75 times its rate for 20 s.
  const stream = (second: number): Second => {
    if (second < 60) return { up: 3 * M };
    if (second < 62) return { up: 3 * M + 18 * M };
    if (second < 63) return { up: 3 * M + 14 * M };
    return { up: 3 * M + (second < 83 ? 14 : 8.4) * M, stream: 8 * M };
  };
  const { told } = replay(240, stream, [63]);
  for (const [second, other] of told.entries()) t.ok(Math.abs((other ?? 0) - 3 * M) <= M / 2, `at ${second} s: ${other}`);
});

t.test('a seek bursts as a start does', async (t) => {
  const seek = (second: number): Second => ({ up: 3 * M + (second >= 100 && second < 119 ? 14 : 8) * M, stream: 8 * M });
  t.ok(Math.max(...replay(240, seek, [10, 100]).told.slice(60).map(Number)) <= 3.5 * M);
  t.ok(
    Math.max(...replay(240, seek, [10]).told.slice(60).map(Number)) > 5 * M,
    'without the start it would count: the test can fail',
  );
});

t.test('the end of a stream, or of torrents, is no traffic of others', async (t) => {
  // The session is gone while its last bytes still leave; torrent rates are told 3 s late.
  const end = replay(200, (second) => ({ up: second < 101 ? 11 * M : 3 * M, stream: second < 100 ? 8 * M : 0 }), [0]);
  t.ok(Math.max(...end.told.slice(60).map(Number)) <= 3.05 * M);
  const torrents = replay(200, (second) => ({ up: 3 * M + (second < 100 ? 0 : 31.8 * M), torrent: second < 103 ? 0 : 30 * M }));
  t.ok(Math.max(...torrents.told.map(Number)) <= 3.05 * M);
});

t.test('where there was nothing but bursts, what was known before stands', async (t) => {
  const starts = Array.from({ length: 40 }, (_, i) => 60 + i * 20);
  const { told } = replay(600, (second) => ({ up: second < 60 ? 3 * M : 17 * M, stream: second < 60 ? 0 : 8 * M }), starts);
  t.equal(last(told), 3 * M);
});

t.test('a gap without samples, and clocks that say the same twice, do no harm', async (t) => {
  let { memory } = replay(60, () => ({ up: 5 * M }));
  memory = addSample(memory, { at: 59_000, wanBps: 7 * M, torrentBps: 0, streamBps: 0, paused: false });
  memory = addSample(memory, { at: 3_600_000, wanBps: 5 * M, torrentBps: 0, streamBps: 0, paused: false });
  t.equal(memory.samples.length, 1);
  t.equal(otherTraffic(memory, 3_600_000, 4 * M), 4 * M);
  t.equal(
    otherTraffic({ samples: [{ at: 0, wanBps: M, torrentBps: 5 * M, streamBps: 0, paused: false }], starts: [] }, 0, null),
    0,
    'never negative',
  );
});

t.test('memory stays small over a day of starts, with and without a router', async (t) => {
  let memory: TrafficMemory = NO_TRAFFIC;
  let most = 0;
  for (let second = 0; second < 86_400; second += 1) {
    memory = addStarts(memory, [second * 1_000 - 500, 7], second * 1_000);
    if (second < 3_600) memory = addSample(memory, { at: second * 1_000, wanBps: M, torrentBps: 0, streamBps: 0, paused: false });
    most = Math.max(most, memory.starts.length, memory.samples.length);
  }
  t.ok(most <= 110, `${most} entries`);
});

t.test('a paused stream of which more is set aside than it draws: others are not taken for fewer than they are', async (t) => {
  let memory: TrafficMemory = NO_TRAFFIC;
  let other: number | null = null;
  const told: number[] = [];
  const say = (second: number, up: number, own: { readonly streamBps: number; readonly paused: boolean }): void => {
    memory = addSample(memory, { at: second * 1_000, wanBps: up, torrentBps: 0, ...own });
    other = otherTraffic(memory, second * 1_000, other);
    told[second] = other ?? -1;
  };
  const [draws, rests, gone] = [
    { streamBps: 12 * M, paused: false },
    { streamBps: 12 * M, paused: true },
    { streamBps: 0, paused: false },
  ];
  for (let second = 0; second < 100; second += 1) say(second, 3 * M + 12 * M, draws);
  for (let second = 100; second < 190; second += 1) say(second, 3 * M, rests);
  for (let second = 190; second < 290; second += 1) say(second, 3 * M + 12 * M, draws);
  t.ok(
    told.slice(20).every((bps) => bps === 3 * M),
    'through the pause and after it',
  );
  for (let second = 290; second < 300; second += 1) say(second, 3 * M, rests);
  for (let second = 300; second < 330; second += 1) say(second, 20 * M, rests);
  t.equal(told[329], 8 * M, 'what others add meanwhile is seen');
  for (let second = 330; second < 420; second += 1) say(second, 5 * M, gone);
  t.equal(told[419], 5 * M, 'once it is gone they may be fewer again');
});

t.test('streams that come and go all the time do not keep others at their most', async (t) => {
  let memory: TrafficMemory = NO_TRAFFIC;
  let other: number | null = null;
  for (let second = 0; second < 300; second += 1) {
    const streamBps = second % 20 < 10 ? 8 * M : 0;
    const others = second < 60 ? 10 * M : 3 * M;
    memory = addSample(memory, { at: second * 1_000, wanBps: others + streamBps, torrentBps: 0, streamBps, paused: false });
    other = otherTraffic(memory, second * 1_000, other);
  }
  t.equal(other, 3 * M);
});
