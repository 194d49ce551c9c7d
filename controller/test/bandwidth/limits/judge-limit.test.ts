// Ruling 2: ours, a stale copy of ours, or somebody's wish.
import t from 'tap';
import { judgeLimit, type LimitRecord } from '../../../src/bandwidth/limits/judge-limit.ts';

const record = (originalBps: number, writtenBps: readonly number[], held = true): LimitRecord => ({
  originalBps,
  writtenBps,
  held,
});

t.test('ruling 2: what a limit that was read means', async (t) => {
  for (const [what, current, known, kind, originalBps] of [
    ['nothing known', 7, null, 'first', 7],
    ['our last cap', 3, record(9, [1, 2, 3]), 'ours', 9],
    ['an older cap of ours: a dashboard page from before', 1, record(9, [1, 2, 3]), 'ours', 9],
    ['the original', 9, record(9, [1, 2]), 'untouched', 9],
    ['no limit, stored as -1, reads 0', 0, record(-1, [1]), 'untouched', -1],
    ['a wish while we hold it', 5, record(9, [1, 2]), 'hand_edit', 5],
    ['no limit, wished', 0, record(9, [1, 2]), 'hand_edit', 0],
    ['a wish after we let go', 5, record(9, [1, 2], false), 'first', 5],
    ['a late save of our cap after we let go', 2, record(9, [1, 2], false), 'ours', 9],
    ['an original that is one of our caps as well', 2, record(2, [1, 2]), 'ours', 2],
  ] as const)
    t.same(judgeLimit(current, known), { kind, originalBps }, what);
});
