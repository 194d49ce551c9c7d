// Rows 26, 33, rulings 1, 16: one write, in its order.
import t from 'tap';
import type { LimitRecord } from '../../../src/bandwidth/limits/judge-limit.ts';
import type { LimitStore } from '../../../src/bandwidth/limits/limit-store.ts';
import { createLimitWriter, type HandEdit, type LimitPort } from '../../../src/bandwidth/limits/limit-writer.ts';
import { silentLog } from '../../../src/log.ts';

const signal = AbortSignal.timeout(60_000);

/** A limit that stands somewhere, and a store that says what it was asked, in order. */
function bench(stands: number, known: LimitRecord | null = null) {
  const steps: string[] = [];
  const edits: HandEdit[] = [];
  let [record, mayCap] = [known, true];
  const store: LimitStore = {
    record: () => record,
    held: () => [],
    beforeWrite: async ({ originalBps, capBps }) => {
      await new Promise((resolve) => setImmediate(resolve));
      steps.push(`store ${originalBps} before ${capBps}`);
      record = { originalBps, held: true, writtenBps: [...(record?.writtenBps ?? []), capBps] };
    },
    keepOriginal: async (_, originalBps) => {
      await new Promise((resolve) => setImmediate(resolve));
      steps.push(`keep ${originalBps}`);
      if (record) record = { ...record, originalBps };
    },
    restored: async () => void steps.push('restored'),
  };
  let current = stands;
  const port: LimitPort = {
    label: 'anna at main',
    rounded: (bps) => bps,
    change: async (decide) => {
      const beforeBps = current;
      const wanted = await decide(current);
      if (wanted !== null) steps.push(`write ${wanted}`);
      current = wanted ?? current;
      return { beforeBps, afterBps: current, written: wanted !== null };
    },
  };
  const writer = createLimitWriter({ store, mayCap: () => mayCap, log: silentLog, tell: (edit) => void edits.push(edit) });
  return {
    steps,
    edits,
    writer,
    stop: () => {
      mayCap = false;
    },
    cap: (bps: number) => writer.carryOut({ kind: 'cap', key: 'k', bps }, port, signal),
    restore: () => writer.carryOut({ kind: 'restore', key: 'k', bps: 0 }, port, signal),
  };
}
const record = (originalBps: number, ...writtenBps: number[]): LimitRecord => ({ originalBps, held: true, writtenBps });

t.test('ruling 16: the original is stored before the cap is written', async (t) => {
  const { steps, cap } = bench(-1);
  await cap(5);
  t.same(steps, ['store -1 before 5', 'write 5']);
});

t.test('row 33: NaN, 0, negative and fractions are refused before anything is stored or written', async (t) => {
  for (const bad of [Number.NaN, 0, -1, 1.5, Number.POSITIVE_INFINITY]) {
    const { steps, cap } = bench(10);
    await t.rejects(cap(bad), { code: 'conflict' }, String(bad));
    t.same(steps, []);
  }
});

t.test('ruling 1: never looser than what was there, also where only this reading shows it', async (t) => {
  for (const [what, stands, known, capBps, steps] of [
    ['the own limit is tighter', 4, null, 5, []],
    ['as tight', 5, null, 5, []],
    ['looser', 6, null, 5, ['store 6 before 5', 'write 5']],
    ['our old cap stands and the original is tighter than the new one', 3, record(4, 3), 5, ['store 4 before 4', 'write 4']],
    ['it stands already', 5, record(9, 5), 5, []],
  ] as const) {
    const one = bench(stands, known);
    await one.cap(capBps);
    t.same(one.steps, steps, what);
  }
});

t.test('a restore writes only over our own cap, with the very original', async (t) => {
  for (const [what, stands, known, steps] of [
    ['ours stands', 5, record(-1, 5), ['write -1', 'restored']],
    ['an older cap of ours', 4, record(0, 4, 5), ['write 0', 'restored']],
    ['it is back already', 9, record(9, 5), ['restored']],
    ['somebody changed it', 7, record(9, 5), ['keep 7', 'restored']],
  ] as const) {
    const one = bench(stands, known);
    await one.restore();
    t.same(one.steps, steps, what);
  }
});

t.test('ruling 7: after the stop no cap is written, not even one that was on its way', async (t) => {
  const early = bench(9);
  early.stop();
  await early.cap(5);
  t.same(early.steps, []);
  const late = bench(9);
  const writing = late.cap(5);
  late.stop();
  await writing;
  t.same(
    late.steps.filter((step) => step.startsWith('write')),
    [],
  );
});

t.test('a hand edit that a reading and a write see at once is kept and told once', async (t) => {
  const one = bench(7, record(9, 5));
  await Promise.all([one.writer.observe('k', 'anna at main', 7), one.restore()]);
  t.same(one.edits, [{ key: 'k', label: 'anna at main', fromBps: 9, toBps: 7 }]);
  t.same(one.steps.filter((step) => step === 'keep 7').length, 1);
});
