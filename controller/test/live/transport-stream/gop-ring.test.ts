// The last seconds of a channel: where one joins, what falls out, and that neither bytes nor time grow beyond their bounds.
import t from 'tap';
import { createGopRing } from '../../../src/live/transport-stream/gop-ring.ts';
import { TABLES, writeTables } from '../../../src/live/transport-stream/tables.ts';
import type { PlacedUnit } from '../../../src/live/transport-stream/unit.ts';

const SECOND = 90_000;

/** A unit of a few packets at a place; a key frame with PAT and PMT. */
function placed(kind: 'video' | 'audio', pts: number, key = false, counter = 0): PlacedUnit {
  const bytes = new Uint8Array((key ? TABLES : 0) + 188).fill(0xff);
  if (key) writeTables(bytes, 0, { pat: counter, pmt: counter });
  bytes.set([0x47, 0x41, kind === 'video' ? 0 : 1, 0x10 | counter], bytes.length - 188);
  return { kind, key: kind === 'audio' || key, pts, dts: pts, bytes };
}

/** GOPs of `frames` pictures, 25 a second, one unit a push. */
function fill(ring: ReturnType<typeof createGopRing>, gops: number, frames: number): void {
  for (let index = 0; index < gops * frames; index++)
    ring.push([placed('video', index * 3_600, index % frames === 0, index % 16)]);
}

t.test('a joiner starts at the newest key frame at or before its place, at the oldest one where none is', async (t) => {
  const ring = createGopRing({ mostBytes: 1e9, mostTicks: 4 * SECOND });
  t.equal(ring.keyFor(0), null);
  t.equal(ring.newestKey(), null);
  fill(ring, 10, 25);
  t.equal(ring.newestKey()?.pts, 9 * SECOND);
  t.equal(ring.keyFor(8 * SECOND)?.pts, 8 * SECOND);
  t.equal(ring.keyFor(8 * SECOND - 1)?.pts, 7 * SECOND);
  t.equal(ring.keyFor(0)?.pts, 6 * SECOND, 'less than 4 s are kept, in whole GOPs');
  t.equal(ring.tail(), 150);
  t.equal(ring.head(), 250);
  t.equal(ring.keyFor(8 * SECOND)?.number, 200);
});

t.test('a cursor reads on to the head in pieces, and knows when it has fallen out', async (t) => {
  const ring = createGopRing({ mostBytes: 1e9, mostTicks: SECOND });
  fill(ring, 6, 10);
  let cursor = ring.keyFor(0)?.number ?? -1;
  t.equal(cursor, ring.tail());
  t.equal(ring.behind(cursor), ring.bytes());
  const read: Uint8Array[] = [];
  for (let runs = ring.read(cursor, 1_000); runs !== null && runs.length > 0; runs = ring.read(cursor, 1_000)) {
    t.ok(runs.length === 1 || runs.reduce((sum, { bytes }) => sum + bytes.length, 0) <= 1_000);
    for (const { number, bytes } of runs) {
      t.equal(number, cursor++);
      read.push(bytes);
    }
  }
  t.equal(cursor, ring.head());
  t.equal(Buffer.concat(read).length, ring.bytes());
  t.same(ring.read(cursor, 1_000), [], 'nothing new');
  t.equal(ring.behind(cursor), 0);
  t.equal(ring.read(ring.tail() - 1, 1_000), null);
  t.equal(ring.behind(0), null);
});

t.test('what is released at once is one run, split before a key frame', async (t) => {
  const ring = createGopRing({ mostBytes: 1e9, mostTicks: 9 * SECOND });
  ring.push([
    placed('video', 0, true),
    placed('audio', 0),
    placed('video', 3_600, true),
    placed('audio', 1_920),
    placed('audio', 3_840),
  ]);
  ring.push([]);
  t.equal(ring.head(), 2);
  t.same(
    ring.read(0, 1e9)?.map(({ bytes }) => bytes.length),
    [4 * 188, 5 * 188],
  );
  t.same(
    [0, 3_600].map((ticks) => ring.keyFor(ticks)?.number),
    [0, 1],
  );
});

t.test('the bounds hold at any size of GOP, also for one that never ends', async (t) => {
  for (const frames of [1, 3, 25, 500, 20_000]) {
    const [mostBytes, mostTicks] = [60_000, 20 * SECOND];
    const ring = createGopRing({ mostBytes, mostTicks });
    for (let index = 0; index < 3_000; index++) {
      ring.push([placed('video', index * 3_600, index % frames === 0), placed('audio', index * 3_600)]);
      if (ring.bytes() > mostBytes) t.fail(`${ring.bytes()} bytes of ${mostBytes} at ${frames}`);
      const oldest = ring.keyFor(0);
      if (oldest !== null && index * 3_600 - oldest.pts > Math.max(mostTicks, frames * 3_600))
        t.fail(`${index * 3_600 - oldest.pts} ticks at ${frames}`);
      if (oldest !== null && oldest.number < ring.tail()) t.fail(`a key frame that is gone, at ${frames}`);
    }
    t.equal(ring.keyFor(0) === null, frames >= 500, `GOP of ${frames}: one can join unless a GOP alone is over the limits`);
  }
  const long = createGopRing({ mostBytes: 1e9, mostTicks: SECOND });
  fill(long, 2, 250);
  t.equal(long.keyFor(0)?.pts, 10 * SECOND, 'a GOP that is longer than the time stays, and one can join');
  const huge = createGopRing({ mostBytes: 100, mostTicks: SECOND });
  huge.push([placed('video', 0, true)]);
  t.equal(huge.bytes(), 3 * 188, 'the newest run is always there');
  huge.push([placed('video', 3_600)]);
  t.equal(huge.bytes(), 188);
});
