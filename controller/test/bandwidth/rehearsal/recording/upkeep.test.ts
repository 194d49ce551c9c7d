// Days and bytes stay within their limits: thinned to one turn a minute first, deleted then.
import t from 'tap';
import type { RecordingFile } from '../../../../src/bandwidth/rehearsal/recording/recordings.ts';
import { nextUpkeep } from '../../../../src/bandwidth/rehearsal/recording/upkeep.ts';

const DAY_MS = 86_400_000;
const NOW = 100 * DAY_MS;
const LIMITS = { fullMs: 2 * DAY_MS, thinnedMs: 10 * DAY_MS, maxBytes: 1_000 };
const file = (daysAgo: number, change: Partial<RecordingFile> = {}): RecordingFile => {
  const thinned = change.thinned ?? false;
  return {
    name: `${daysAgo}.${thinned ? 'minutes' : 'turns'}.rec`,
    start: NOW - daysAgo * DAY_MS,
    bytes: 100,
    thinned,
    ...change,
  };
};
const next = (files: readonly RecordingFile[], change: { openName?: string; failed?: ReadonlySet<string> } = {}) =>
  nextUpkeep(files, { limits: LIMITS, utcNow: NOW, openName: null, failed: new Set(), ...change });

t.test('what is within its limits is left alone', async (t) => {
  t.equal(next([]), null);
  t.equal(next([file(9, { thinned: true }), file(1.5), file(0.5)]), null);
});

t.test('after its days a file is thinned out, after its thinned days deleted', async (t) => {
  t.same(next([file(5, { thinned: true }), file(3), file(1)]), { kind: 'thin', name: '3.turns.rec' });
  t.same(next([file(11, { thinned: true }), file(3)]), { kind: 'delete', name: '11.minutes.rec' });
  t.same(next([file(11)]), { kind: 'delete', name: '11.turns.rec' }, 'full as it is, where nobody came to thin it');
});

t.test('what is thinned already, or cannot be, is not thinned again', async (t) => {
  const both = [file(1, { thinned: true }), file(1)];
  t.same(next(both), { kind: 'delete', name: '1.turns.rec' }, 'an interrupted thinning is finished');
  t.equal(next([file(3)], { failed: new Set(['3.turns.rec']) }), null);
});

t.test('too many bytes: the oldest is thinned, then deleted, but never the one that is written', async (t) => {
  const [old, open] = [file(1, { bytes: 600 }), file(0.1, { bytes: 600 })];
  t.same(next([old, open], { openName: open.name }), { kind: 'thin', name: old.name });
  t.same(next([old, open], { openName: open.name, failed: new Set([old.name]) }), { kind: 'delete', name: old.name });
  t.equal(next([{ ...open, bytes: 2_000 }], { openName: open.name }), null);
});

t.test('a start each minute does not fill the folder', async (t) => {
  const many = Array.from({ length: 501 }, (_, n) => file(1 - n / 1_000, { bytes: 1 }));
  t.same(next(many), { kind: 'delete', name: many[0]?.name });
});

t.test('it comes to an end from any folder', async (t) => {
  let files = [...Array.from({ length: 30 }, (_, n) => file(29 - n, { bytes: 300 }))];
  for (let steps = 0; ; steps += 1) {
    if (steps > 200) return t.fail('no end');
    const step = next(files, { openName: '0.turns.rec' });
    if (step === null) break;
    files = files.flatMap((one) =>
      one.name !== step.name
        ? [one]
        : step.kind === 'delete'
          ? []
          : [{ ...one, name: one.name.replace('turns', 'minutes'), thinned: true, bytes: 10 }],
    );
  }
  t.ok(files.reduce((sum, { bytes }) => sum + bytes, 0) <= LIMITS.maxBytes);
  return t.ok(files.every(({ start }) => NOW - start <= LIMITS.thinnedMs));
});
