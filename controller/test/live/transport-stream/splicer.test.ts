// Where the splicer places what: units made by hand, one packet each, so that every time is known.
import t from 'tap';
import { createSplicer, type Splicer } from '../../../src/live/transport-stream/splicer.ts';
import { carriesClock } from '../../../src/live/transport-stream/stamp.ts';
import type { PlacedUnit, Unit } from '../../../src/live/transport-stream/unit.ts';
import { checkStream, holes } from './fixtures/check-stream.ts';
import { bytesOf, seededRandom } from './fixtures/join-sources.ts';

const FRAME = 3_600;
const SOUND = 1_920;
const START = 900_000;

/** One packet with a PES that has both times. Without a PCR, as ffmpeg leaves them out now and then. */
function unit(kind: 'video' | 'audio', pts: number, dts = pts, key = kind === 'audio'): Unit {
  const packets = new Uint8Array(188).fill(0xff);
  const both = pts !== dts;
  packets.set([0x47, 0x41, 0x23, 0x10, 0, 0, 1, kind === 'video' ? 0xe0 : 0xc0, 0, 0, 0x80, both ? 0xc0 : 0x80, both ? 10 : 5]);
  return { kind, pts, dts, key, packets };
}

/** Pictures in decoding order as the letters say, from `from` on, with the sound multiplexed between them as ffmpeg does it. */
function source(pattern: string, from: number, soundAt = from): readonly Unit[] {
  const shown = pattern.split(' ').map((name) => ({ key: name.startsWith('I'), place: Number(name.slice(1)) }));
  const delay = Math.max(...shown.map(({ place }, index) => index - place));
  const video = shown.map(({ key, place }, index) => unit('video', from + place * FRAME, from + (index - delay) * FRAME, key));
  const count = Math.ceil(((Math.max(...shown.map(({ place }) => place)) + 1) * FRAME - (soundAt - from)) / SOUND);
  const audio = Array.from({ length: count }, (_, index) => unit('audio', soundAt + index * SOUND));
  return [...video, ...audio].sort((a, b) => a.dts - b.dts || (a.kind === 'video' ? -1 : 1));
}

const plain = (frames: number): string =>
  Array.from({ length: frames }, (_, place) => `${place === 0 ? 'I' : 'P'}${place}`).join(' ');
const open = (): Splicer => createSplicer({ frameTicks: FRAME, audioFrameTicks: SOUND, startTicks: START });
const placeAll = (splicer: Splicer, units: readonly Unit[]): readonly PlacedUnit[] =>
  units.map((one) => splicer.place(one)).filter((placed) => placed !== null);
const shown = (placed: readonly PlacedUnit[], kind: 'video' | 'audio') =>
  placed
    .filter((one) => one.kind === kind)
    .map(({ pts }) => pts)
    .sort((a, b) => a - b);

t.test('the first key frame stands where it is told, what is before it is dropped, and its sound begins with it', async (t) => {
  const splicer = open();
  const early = [unit('audio', 96_000), unit('video', 96_400), unit('audio', 98_000)];
  const placed = placeAll(splicer, [...early, ...source(plain(3), 100_000, 99_000)]);
  t.same(shown(placed, 'video'), [START, START + FRAME, START + 2 * FRAME]);
  t.equal(shown(placed, 'audio')[0], START + 920, 'the frame of sound that began 1000 before it is gone');
  t.equal(splicer.endTicks(), START + 3 * FRAME);
  t.equal(splicer.lastGapTicks(), 0);
  t.same(checkStream(bytesOf(placed)).faults, []);
  t.equal(placed[0]?.bytes.length, 4 * 188, 'PAT, PMT, a PCR because the source has none there, and the frame');
});

t.test('a source is never changed, and can be placed again', async (t) => {
  const splicer = open();
  const units = source(plain(3), 5_000);
  const before = units.map(({ packets }) => packets.join());
  const first = placeAll(splicer, units);
  splicer.cut(splicer.endTicks());
  const second = placeAll(splicer, units);
  t.same(
    units.map(({ packets }) => packets.join()),
    before,
  );
  t.same(checkStream(bytesOf([...first, ...second])).faults, []);
  t.equal(splicer.lastGapTicks(), 0);
});

t.test(
  'a cut stands at its tick, after a gap where the picture before ends earlier, at that end where it ends later',
  async (t) => {
    for (const [at, place, gap] of [
      [START + 10 * FRAME, START + 10 * FRAME, 0],
      [START + 12 * FRAME, START + 12 * FRAME, 2 * FRAME],
      [START + 9 * FRAME + 100, START + 10 * FRAME, 0],
      [START, START + 10 * FRAME, 0],
      [START + 10 * FRAME + 0.4, START + 10 * FRAME, 0],
    ] as const) {
      const splicer = open();
      placeAll(splicer, source(plain(10), 0));
      splicer.cut(at);
      const next = source(plain(4), 77_000);
      const [first] = next;
      t.equal(first && splicer.wouldPlace(first), place);
      t.equal(placeAll(splicer, next)[0]?.pts, place, `${at - START}`);
      t.equal(splicer.lastGapTicks(), gap);
      t.equal(first && splicer.wouldPlace(first), place, 'the source runs on the same offset');
    }
  },
);

t.test('a key frame that comes later in the source lands later, one before the place never earlier', async (t) => {
  for (const [pts, place] of [
    [50_000, START + 10 * FRAME],
    [50_000 + 25 * FRAME, START + 35 * FRAME],
    [50_000 - 7 * FRAME, START + 10 * FRAME],
  ] as const) {
    const splicer = open();
    placeAll(splicer, source(plain(10), 0));
    splicer.cut(START + 10 * FRAME, 50_000);
    t.equal(placeAll(splicer, source(plain(2), pts))[0]?.pts, place);
  }
});

t.test(
  'until: pictures from there on are dropped, sound goes on to where the last picture ends, and then all is there',
  async (t) => {
    const splicer = open();
    const at = START + 5 * FRAME + 1_000;
    splicer.until(at);
    t.notOk(splicer.reachedUntil());
    const units = source(plain(12), 0);
    const placed: PlacedUnit[] = [];
    let count = 0;
    for (; !splicer.reachedUntil(); count++) placed.push(...placeAll(splicer, units.slice(count, count + 1)));
    t.ok(count < units.length, 'it is told before the source ends');
    t.equal(splicer.endTicks(), START + 6 * FRAME);
    t.same(placeAll(splicer, units.slice(count)), [], 'nothing comes through any more');
    splicer.cut(at);
    placed.push(...placeAll(splicer, source(plain(5), 33_333)));
    t.same(holes(shown(placed, 'video'), FRAME, 0), []);
    for (const hole of holes(shown(placed, 'audio'), SOUND, 0)) t.ok(hole > 0 && hole < SOUND, `${hole}`);
    t.same(checkStream(bytesOf(placed)).faults, []);
  },
);

t.test(
  'until with B-frames: a picture that others before the place need is kept, and no hole is left, wherever it is',
  async (t) => {
    for (const [pattern, lead] of [
      ['I0 P4 B2 B1 B3 P8 B6 B5 B7 P10 B9 I11 P14 B12 B13 P15', 0],
      ['I2 B0 B1 P5 B3 B4 P8 B6 B7 I11 B9 B10 P12', 2],
    ] as const) {
      const length = pattern.split(' ').length - lead;
      for (let frames = 1; frames <= length; frames += 0.25) {
        const splicer = open();
        const at = START + Math.round(frames * FRAME);
        splicer.until(at);
        const placed = [...placeAll(splicer, source(pattern, 20_000))];
        const end = splicer.endTicks();
        t.ok(end >= at && end < at + 4 * FRAME, `${frames}: ends ${(end - at) / FRAME} frames late`);
        splicer.cut(at);
        placed.push(...placeAll(splicer, source(pattern, 0)));
        t.equal(splicer.lastGapTicks(), 0);
        t.same(holes(shown(placed, 'video'), FRAME, 0), [], `${frames} of ${pattern}`);
        t.same(checkStream(bytesOf(placed)).faults, [], `${frames}`);
      }
    }
  },
);

t.test('a source with B-frames after one without: no gap, DTS rise and never pass the PTS', async (t) => {
  const splicer = open();
  const placed = [...placeAll(splicer, source(plain(6), 0))];
  splicer.cut(splicer.endTicks());
  placed.push(...placeAll(splicer, source('I0 P3 B1 B2 P6 B4 B5', 10_000)));
  t.equal(splicer.lastGapTicks(), 0);
  splicer.cut(splicer.endTicks());
  placed.push(...placeAll(splicer, source(plain(6), 0)));
  t.same(holes(shown(placed, 'video'), FRAME, 0), []);
  t.same(checkStream(bytesOf(placed)).faults, []);
});

t.test('an open GOP at a cut: the pictures that lead its key frame and need the one before it are dropped', async (t) => {
  const splicer = open();
  const placed = placeAll(splicer, source('I2 B0 B1 P5 B3 B4', 0));
  t.same(
    shown(placed, 'video'),
    [0, 1, 2, 3].map((place) => START + place * FRAME),
  );
  t.same(checkStream(bytesOf(placed)).faults, []);
});

t.test('sound that runs longer than its picture goes on over the next, whose own begins when it ends', async (t) => {
  const splicer = open();
  const placed = [
    ...placeAll(splicer, [...source(plain(4), 0), ...[1, 2, 3, 4].map((i) => unit('audio', 4 * FRAME + i * SOUND))]),
  ];
  splicer.cut(START + 4 * FRAME);
  placed.push(...placeAll(splicer, source(plain(8), 0)));
  for (const hole of holes(shown(placed, 'audio'), SOUND, 0)) t.ok(hole > 0 && hole < SOUND, `${hole}`);
  t.same(checkStream(bytesOf(placed)).faults, []);
});

t.test('whatever the sources and their clocks are, DTS and PCR rise, counters count, and no picture overlaps', async (t) => {
  const random = seededRandom(34);
  const patterns = [plain(12), 'I0 P3 B1 B2 P6 B4 B5 P7', 'I0 P4 B2 B1 B3 P8 B6 B5 B7', 'I2 B0 B1 P5 B3 B4', 'I0 P2 B1 I3 P5 B4'];
  for (let round = 0; round < 60; round++) {
    const startTicks = round % 2 === 0 ? START : 2 ** 33 - Math.floor(random() * 200_000);
    const splicer = createSplicer({ frameTicks: FRAME, audioFrameTicks: SOUND, startTicks });
    const placed: PlacedUnit[] = [];
    for (let count = 0; count < 12; count++) {
      const from = Math.floor(random() * 2 ** 34) - 2 ** 33;
      const units = source(
        patterns[Math.floor(random() * patterns.length)] ?? '',
        from,
        from + Math.floor(random() * 4_000 - 2_000),
      );
      splicer.cut(splicer.endTicks() + Math.floor(random() * 8_000 - 6_000), random() < 0.3 ? from : undefined);
      if (random() < 0.7) splicer.until(splicer.endTicks() + Math.floor(random() * 12 * FRAME));
      // Now and then a unit is missing.
      placed.push(
        ...placeAll(
          splicer,
          units.filter(() => random() < 0.97),
        ),
      );
    }
    const report = checkStream(bytesOf(placed));
    t.same(report.faults, [], `round ${round}`);
    const overlaps = holes(report.pts.video, FRAME, 0).filter((hole) => hole < 0);
    t.same(overlaps, [], `round ${round}`);
    t.equal(report.tables, 2 * placed.filter(({ kind, key }) => kind === 'video' && key).length);
    for (const { bytes, kind } of placed) if (kind === 'audio') t.notOk(carriesClock(bytes));
  }
});
