// The table of a running channel: what stands, what comes, what a new one replaces.
import t from 'tap';
import { dropBefore, planEnd, replaceFrom, stepAfter, stepAt, stepKey } from '../../src/live/plan-book.ts';
import { film, planFrom } from './station.ts';

const ids = (steps: ReturnType<typeof planFrom>): string =>
  steps.map(({ entryId, startMs, endMs }) => `${entryId} ${startMs}-${endMs}`).join(', ');
const known = planFrom(0, [
  [10, film('/a')],
  [10, film('/b')],
  [10, film('/c')],
]);

t.test('row 134: a step holds its start and not its end', async (t) => {
  t.equal(stepAt(known, 0)?.entryId, 'e0');
  t.equal(stepAt(known, 9_999)?.entryId, 'e0');
  t.equal(stepAt(known, 10_000)?.entryId, 'e1');
  t.equal(stepAt(known, 30_000), null);
  t.equal(stepAt(known, -1), null);
  t.equal(stepAfter(known, 10_000)?.entryId, 'e2');
  t.equal(stepAfter(known, 20_000), null);
  t.equal(planEnd(known, 5), 30_000);
  t.equal(planEnd([], 5), 5);
  t.equal(ids([...dropBefore(known, 10_000)]), 'e1 10000-20000, e2 20000-30000');
});

t.test('a skip: what is on is cut where the new table begins, and what came after it is gone', async (t) => {
  const next = planFrom(12_000, [[5, film('/d')]]).map((step) => ({ ...step, entryId: 'new' }));
  t.equal(ids([...replaceFrom(known, 12_000, next)]), 'e0 0-10000, e1 10000-12000, new 12000-17000');
});

t.test('an answer that begins with the programme that is on does not have it twice, and its new end counts', async (t) => {
  const [on] = known;
  if (on === undefined) throw new Error('three steps');
  const longer = [{ ...on, endMs: 11_000 }, ...planFrom(11_000, [[5, film('/d')]]).map((step) => ({ ...step, entryId: 'new' }))];
  t.equal(ids([...replaceFrom(known, 5_000, longer)]), 'e0 0-11000, new 11000-16000');
});

t.test('the same programme is known again whatever became of its end; another file or another start is another', async (t) => {
  const [on] = known;
  if (on === undefined) throw new Error('three steps');
  t.equal(stepKey({ ...on, endMs: 1 }), stepKey(on));
  t.not(stepKey({ ...on, startMs: 1 }), stepKey(on));
  t.not(stepKey({ ...on, source: film('/other') }), stepKey(on));
});
