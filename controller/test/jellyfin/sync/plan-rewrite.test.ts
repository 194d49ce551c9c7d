// A playlist becomes another where an entry has no name but its item's: tried with every short list.
import t from 'tap';
import { planRewrite, type RewritePlan } from '../../../src/jellyfin/sync/plan-rewrite.ts';

/** As the server does it: every entry of an item goes, new ones come at the end. */
const carryOut = (now: readonly string[], { remove, add }: RewritePlan): string[] => [
  ...now.filter((item) => !remove.includes(item)),
  ...add,
];

const listsUpTo = (length: number): string[][] =>
  length === 0 ? [[]] : [[], ...listsUpTo(length - 1).flatMap((list) => ['a', 'b', 'c'].map((item) => [item, ...list]))];

t.test('row 259: every list of up to four becomes every other of up to four', async (t) => {
  const lists = [...new Set(listsUpTo(4).map((list) => list.join('')))].map((text) => [...text]);
  const wrong = lists.flatMap((now) =>
    lists.flatMap((wanted) =>
      carryOut(now, planRewrite(now, wanted)).join('') === wanted.join('') ? [] : [`${now} -> ${wanted}`],
    ),
  );
  t.same(wrong, []);
});

t.test('by as little as possible', async (t) => {
  t.same(planRewrite(['a', 'b'], ['a', 'b']), { remove: [], add: [] });
  t.same(planRewrite(['a', 'b'], ['a', 'b', 'a']), { remove: [], add: ['a'] });
  t.same(planRewrite(['a', 'b', 'c', 'b'], ['a', 'c']), { remove: ['b'], add: [] });
  t.same(planRewrite(['a', 'b', 'c'], []), { remove: ['a', 'b', 'c'], add: [] });
  t.same(
    planRewrite(['a', 'b', 'c'], ['a', 'c', 'b']),
    { remove: ['b', 'c'], add: ['c', 'b'] },
    'what is alike at the front stays',
  );
  t.same(planRewrite(['a', 'b', 'a'], ['a', 'b']), { remove: ['a', 'b'], add: ['a', 'b'] }, 'one of two cannot be named');
});
