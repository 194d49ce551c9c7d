// A viewer who is skipped forward gets no continuity error, and the shared bytes stay as they are.
import t from 'tap';
import { createGopRing } from '../../../src/live/transport-stream/gop-ring.ts';
import { skipMark, skipMarkBefore } from '../../../src/live/transport-stream/skip-mark.ts';
import { createSplicer } from '../../../src/live/transport-stream/splicer.ts';
import { askFfmpeg } from './fixtures/ask-ffmpeg.ts';
import { checkStream } from './fixtures/check-stream.ts';
import { readAll } from './fixtures/join-sources.ts';
import { makeSource } from './fixtures/make-source.ts';

t.test('skipped from any run to any later key frame: not one counter is wrong for the checker, none for ffmpeg', async (t) => {
  const units = readAll(await makeSource({ seconds: 2, gop: 10 }));
  const splicer = createSplicer({ frameTicks: 3_600, audioFrameTicks: 1_920, startTicks: 900_000 });
  const ring = createGopRing({ mostBytes: 1e9, mostTicks: 1e9 });
  for (const unit of units) {
    const placed = splicer.place(unit);
    if (placed !== null) ring.push([placed]);
  }
  const runs = ring.read(0, 1e9) ?? [];
  const upTo = (number: number) => Buffer.concat(runs.slice(0, number).map(({ bytes }) => bytes));
  const from = (number: number) => runs.slice(number).map(({ bytes }) => bytes);
  const keys = [20, 40, 60, 80].map((frame) => ring.keyFor(900_000 + frame * 1_800));
  let withoutMark = 0;
  for (const key of keys) {
    if (key === null) throw new Error('no key frame');
    t.same(skipMarkBefore(from(key.number), -1), skipMark(key.counters), 'from the bytes as from the ring');
    for (let left = 1; left < key.number; left += 3) {
      t.same(
        checkStream(Buffer.concat([upTo(left), skipMark(key.counters), ...from(key.number)])).faults,
        [],
        `${left} to ${key.number}`,
      );
      withoutMark += checkStream(Buffer.concat([upTo(left), ...from(key.number)])).faults.length;
    }
  }
  t.ok(withoutMark > 100, `${withoutMark} faults without marks`);
  const [, , key] = keys;
  if (!key) throw new Error('no key frame');
  const verdict = await askFfmpeg(Buffer.concat([upTo(17), skipMark(key.counters), ...from(key.number)]));
  t.equal(verdict.continuityErrors, 0);
  t.equal(verdict.corrupt, 0);
  t.equal(verdict.nonMonotonic + verdict.nonMonotonicJellyfin, 0);
});

t.test('where no sound has come since the key frame, its counter is asked for', async (t) => {
  const units = readAll(await makeSource({ seconds: 0.5 }));
  const splicer = createSplicer({ frameTicks: 3_600, audioFrameTicks: 1_920, startTicks: 900_000 });
  const [first] = units;
  const key = first && splicer.place(first);
  if (!key) throw new Error('no key frame');
  const mark = skipMarkBefore([key.bytes], splicer.counters().audio);
  t.equal(mark.length, 4 * 188);
  t.equal(checkStream(mark).faults.length, 0);
  t.equal((mark[3 * 188 + 3] ?? 0) & 15, 15, 'one before the first');
  t.same(skipMarkBefore([], 0), new Uint8Array(0));
});
