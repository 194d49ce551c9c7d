// A full line: what others send counts within two samples for torrents, within seconds for viewers, and a player's own burst never.
import t from 'tap';
import { addSample, addStarts, NO_TRAFFIC, type TrafficMemory } from '../../../src/bandwidth/line/other-traffic.ts';
import { makeRoom, NEVER_FULL, nextSaturation, rushOf, type SaturationMemory } from '../../../src/bandwidth/line/saturation.ts';
import { divideUplink } from '../../../src/bandwidth/line/uplink-budget.ts';
import { M } from '../fixtures/decision-input.ts';

type Second = { readonly wan: number; readonly full: boolean; readonly torrents?: number; readonly streams?: number };

/** One sample each second from 0 on; answers with what is known at the end of each. */
function seconds(all: readonly Second[], starts: (at: number) => readonly number[] = () => []) {
  let traffic: TrafficMemory = NO_TRAFFIC;
  let full: SaturationMemory = NEVER_FULL;
  return all.map((second, i) => {
    const now = i * 1_000;
    const own = { torrentBps: second.torrents ?? 0, streamBps: second.streams ?? 0, paused: false };
    traffic = addStarts(addSample(traffic, { at: now, wanBps: second.wan, ...own }), starts(now), now);
    full = nextSaturation(full, { isFull: second.full, lineBps: 40 * M, traffic, now });
    return rushOf(full, traffic);
  });
}
const calm = { wan: 11 * M, full: false, streams: 8 * M };
const upload = { wan: 40 * M, full: true, streams: 8 * M };
const times = (count: number, second: Second): readonly Second[] => Array.from({ length: count }, () => second);

t.test('a line that is not full is no rush, however much is sent', async (t) => {
  t.same(new Set(seconds(times(30, { ...upload, full: false }))), new Set([null]));
});

t.test(
  'what others send counts for torrents with the second sample, and for viewers once no unseen start can be behind it',
  async (t) => {
    const seen = seconds([...times(10, calm), ...times(10, upload)]);
    t.equal(seen[9], null);
    t.same(seen[10], { isNow: true, bps: 3 * M, sureBps: 0, torrentsBps: null }, 'full, but one second of 32 Mbit/s is a burst');
    t.match(seen[11], { isNow: true, sureBps: 0 });
    t.equal(seen[12]?.bps, 32 * M, 'three samples');
    t.equal(seen[15]?.sureBps, 0);
    t.equal(seen[16]?.sureBps, 32 * M, 'after 6 s: a start is seen after 4.5 s at the latest');
  },
);

t.test('a player that fills its buffer explains the full line: nobody is cut for it', async (t) => {
  // Seen 4 s after its burst began, full from the first second of it.
  const start = (now: number): readonly number[] => (now >= 14_000 ? [11_000] : []);
  const burst = { wan: 40 * M, full: true, streams: 8 * M };
  const seen = seconds([...times(10, calm), ...times(21, burst), ...times(5, calm)], start);
  for (const rush of seen) t.equal(rush?.sureBps ?? 0, 0, 'nothing to take from viewers');
  t.same(new Set(seen.slice(14)), new Set([null]), 'and from the moment it is seen, nothing at all');
});

t.test('a burst that does not end is a burst no more', async (t) => {
  const seen = seconds([...times(10, calm), ...times(40, upload)], (now) => (now >= 11_000 ? [10_000] : []));
  t.equal(seen[29], null);
  t.match(seen[31], { isNow: true });
  t.equal(seen[38]?.sureBps, 32 * M);
});

t.test(
  'full before the start: the start does not explain it, so it is told, but nothing is counted from its seconds',
  async (t) => {
    const torrents = { wan: 40 * M, full: true, torrents: 37 * M };
    const seen = seconds([...times(30, torrents), ...times(10, torrents)], (now) => (now >= 31_000 ? [31_000] : []));
    t.match(seen[35], { isNow: true });
    t.ok(Number(seen[35]?.sureBps) < M);
  },
);

t.test('torrents that fill the line are ours: nothing is to be taken from anybody', async (t) => {
  const seen = seconds([...times(10, calm), ...times(20, { wan: 39.2 * M, full: true, torrents: 26 * M, streams: 8 * M })]);
  t.ok((seen.at(-1)?.sureBps ?? 0) < 4 * M);
});

t.test('others get what torrents leave them: so torrents go to half, and to half again, until there is room', async (t) => {
  const full = (torrents: number): Second => ({ wan: 40 * M, full: true, streams: 8 * M, torrents });
  const seen = seconds([
    ...times(5, calm),
    full(24 * M),
    ...times(3, full(24 * M)),
    ...times(3, full(12 * M)),
    ...times(5, calm),
  ]);
  t.equal(seen[5]?.torrentsBps, null, 'one second is none');
  t.equal(seen[7]?.torrentsBps, 12 * M);
  t.equal(seen[11]?.torrentsBps, 6 * M);
  t.equal(seen[16]?.torrentsBps, 6 * M, 'and no further once there is room');
  t.equal(
    seconds([...times(5, calm), ...times(9, { ...full(24 * M), wan: 37 * M })]).at(-1)?.torrentsBps,
    null,
    'what the budget aims at is not full',
  );
});

t.test('it holds for a minute after the line was full, then it is forgotten', async (t) => {
  const seen = seconds([...times(10, calm), ...times(10, upload), ...times(70, calm)]);
  t.same(seen[20], { isNow: false, bps: 32 * M, sureBps: 32 * M, torrentsBps: 0 });
  t.same(seen[78], { isNow: false, bps: 32 * M, sureBps: 32 * M, torrentsBps: 0 });
  t.equal(seen[80], null);
});

t.test('torrents make room, down to their floor; the viewers’ part is not touched', async (t) => {
  const budget = divideUplink({
    capacityBps: 40 * M,
    reserve: { percent: 10 },
    otherBps: 3 * M,
    runningBps: 8 * M,
    torrentFloorBps: M,
  });
  const rush = (bps: number) => ({ isNow: true, bps, sureBps: 0, torrentsBps: null });
  t.same(makeRoom(budget, null, M), budget);
  t.same(makeRoom(budget, rush(2 * M), M), budget, 'less than what is known already');
  t.same(makeRoom(budget, rush(13 * M), M), { ...budget, torrentsBps: 15 * M });
  t.same(makeRoom(budget, rush(90 * M), M), { ...budget, torrentsBps: M });
  t.same(makeRoom(budget, { ...rush(2 * M), torrentsBps: 5 * M }, M), { ...budget, torrentsBps: 5 * M });
  t.same(makeRoom(budget, { ...rush(2 * M), torrentsBps: 0 }, M), { ...budget, torrentsBps: M });
});
