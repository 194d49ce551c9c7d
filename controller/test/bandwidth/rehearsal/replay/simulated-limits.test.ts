// Writes that would have been, counted by the rules that write.
import t from 'tap';
import { decideCaps, NOTHING_DECIDED } from '../../../../src/bandwidth/decide-caps.ts';
import type { Decision } from '../../../../src/bandwidth/decision.ts';
import { createSimulatedLimits } from '../../../../src/bandwidth/rehearsal/replay/simulated-limits.ts';
import { input, M, SETTINGS, torrent } from '../../fixtures/decision-input.ts';

const { decision: DECIDED } = decideCaps(input({ torrents: [torrent('qbit')] }), NOTHING_DECIDED);
const cap = (bps: number | null, torrentBps: number | null = null): Decision => ({
  ...DECIDED,
  viewers: DECIDED.viewers.slice(0, 1).map((viewer) => ({ ...viewer, capBps: bps })),
  torrents: [{ client: 'qbit', mode: 'normal', capBps: torrentBps }],
  downloads: [],
  newestStartAt: null,
});

function run(steps: readonly (readonly [second: number, decision: Decision, operatorAt?: number])[], counts = true) {
  const limits = createSimulatedLimits();
  for (const [second, decision, operatorAt = null] of steps)
    limits.step(decision, { now: second * 1_000, settings: SETTINGS, operatorAt, counts });
  return limits.counts;
}

t.test('a cap is written once, a restore once, and nothing while nothing changes', async (t) => {
  t.match(
    run([
      [1, cap(9 * M)],
      [2, cap(9 * M)],
      [90, cap(9 * M)],
      [91, cap(null)],
      [92, cap(null)],
    ]),
    { caps: 1, restores: 1, flaps: 1 },
  );
  t.match(
    run([
      [1, cap(null)],
      [2, cap(null)],
    ]),
    { caps: 0, restores: 0, flaps: 0 },
    'what was never set is never put back',
  );
});

t.test('a small rise waits as it does in earnest, a great fall does not, and the operator makes both urgent', async (t) => {
  t.match(
    run([
      [1, cap(10 * M)],
      [40, cap(10.5 * M)],
      [100, cap(10.5 * M)],
    ]),
    { caps: 1 },
  );
  t.match(
    run([
      [1, cap(10 * M)],
      [2, cap(8 * M)],
    ]),
    { caps: 2 },
  );
  t.match(
    run([
      [1, cap(10 * M)],
      [2, cap(9.5 * M)],
    ]),
    { caps: 1 },
  );
  t.match(
    run([
      [1, cap(10 * M)],
      [2, cap(10.5 * M), 1_500],
    ]),
    { caps: 2 },
  );
});

t.test('back and forth is counted within ten minutes', async (t) => {
  t.match(
    run([
      [1, cap(10 * M)],
      [60, cap(20 * M)],
      [120, cap(5 * M)],
    ]),
    { caps: 3, flaps: 2 },
  );
  t.match(
    run([
      [1, cap(20 * M)],
      [60, cap(10 * M)],
      [120, cap(5 * M)],
    ]),
    { caps: 3, flaps: 0 },
  );
  t.match(
    run([
      [1, cap(20 * M)],
      [700, cap(30 * M)],
    ]),
    { caps: 2, flaps: 0 },
  );
});

t.test('torrent limits count as well; what comes before the span does not', async (t) => {
  t.match(
    run([
      [1, cap(null, 5 * M)],
      [60, cap(null, 2 * M)],
    ]),
    { caps: 2 },
  );
  t.match(run([[1, cap(9 * M)]], false), { caps: 0 });
});

t.test('behind a gap all stands as its user has it', async (t) => {
  const limits = createSimulatedLimits();
  const moment = { now: 1_000, settings: SETTINGS, operatorAt: null, counts: true };
  limits.step(cap(9 * M), moment);
  limits.begin();
  limits.step(cap(9 * M), { ...moment, now: 2_000 });
  t.match(limits.counts, { caps: 2, flaps: 0 });
});
