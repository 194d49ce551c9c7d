// When hooks were made, and in which order.
import t from 'tap';
import { type Clocked, dateHooks, type Hook } from '../../../src/sync/state/date-hooks.ts';

const NOW = 1_000_000_000;
const hook = (rating: number, utcMs: number | null, receivedMs: number): Hook => ({
  ...{ has: { rating }, unmeant: [], utcMs, receivedMs },
});
const clocked = (ms: number, plusMinusMs = 50): Clocked => ({
  skew: { ms, plusMinusMs },
  oursOf: (utcMs, receivedMs) => Math.min(receivedMs, Math.max(receivedMs - 60_000, utcMs - ms)),
  beforeSet: () => null,
});
const ratings = ({ told }: ReturnType<typeof dateHooks>) => told.map(({ has }) => has.rating);

t.test('row 314: late ones are put in the order in which they were made, by their server’s clock', async (t) => {
  const dated = dateHooks([hook(2, NOW + 20, NOW + 60), hook(1, NOW, NOW + 70)], null, clocked(0));
  t.same(ratings(dated), [1, 2]);
  t.same(
    dated.told.map(({ ms, isNewest }) => [ms - NOW, isNewest]),
    [
      [0, true],
      [20, true],
    ],
  );
  t.same([dated.hookMs, dated.beforeMs, dated.isDated], [NOW + 20, null, true]);
});

t.test('one that is older than what was heard before is not the newest, also where its clock seems ahead of ours', async (t) => {
  const dated = dateHooks([hook(1, NOW + 480, NOW + 30)], NOW + 500, clocked(0, 1_000));
  t.same(
    dated.told.map(({ ms, isNewest }) => [ms - NOW, isNewest]),
    [[30, false]],
  );
  t.equal(dated.beforeMs, NOW + 30, 'no time is ahead of ours');
});

t.test('what came after a clock was set back was made after what came before', async (t) => {
  const hooks = [hook(1, NOW, NOW + 5), hook(2, NOW - 89_000 + 100, NOW + 105)];
  t.same(ratings(dateHooks(hooks, null, clocked(0))), [1, 2], 'before the server’s answers tell');
  t.same(ratings(dateHooks(hooks, null, clocked(-89_000))), [1, 2], 'and after');
  const little = [hook(1, NOW, NOW + 5), hook(2, NOW - 30_000 + 100, NOW + 105)];
  const dated = dateHooks(little, NOW - 10, clocked(-30_000));
  t.same(ratings(dated), [1, 2]);
  t.same([dated.told.map(({ isNewest }) => isNewest), dated.hookMs, dated.beforeMs], [[false, true], NOW - 29_900, null]);
});

t.test('where one does not say when, they count as they came', async (t) => {
  const dated = dateHooks([hook(2, NOW + 20, NOW + 60), hook(1, null, NOW + 70)], NOW, clocked(0));
  t.same(ratings(dated), [2, 1]);
  t.equal(dated.isDated, false);
});

t.test('late after a clock was set back by much: as soon as it is known by how much, it has its own time', async (t) => {
  const late = [hook(1, NOW - 90_000, NOW + 1_500)];
  const [unknown, known] = [dateHooks(late, NOW - 50, clocked(0)), dateHooks(late, NOW - 50, clocked(-90_000))];
  t.same([unknown.told[0]?.ms, unknown.isDated], [NOW + 1_500, false]);
  t.same([known.told[0]?.ms, known.isDated, known.hookMs, known.beforeMs], [NOW, true, NOW - 90_000, null]);
});

t.test('made before a clock was set ahead, and heard after it: it is an old one, and no clock was set back', async (t) => {
  const known = { ...clocked(100_000, 1_000), beforeSet: (utcMs: number) => (utcMs < NOW + 50_000 ? utcMs : null) };
  const both = { ...known, oursOf: (utcMs: number) => known.beforeSet(utcMs) ?? utcMs - 100_000 };
  const dated = dateHooks([hook(2, NOW + 100_300, NOW + 310), hook(1, NOW + 20, NOW + 400)], NOW + 100_200, both);
  t.same(ratings(dated), [1, 2]);
  t.same(
    dated.told.map(({ ms, isNewest }) => [ms - NOW, isNewest]),
    [
      [20, false],
      [300, true],
    ],
  );
  t.same([dated.isDated, dated.hookMs], [true, NOW + 100_300]);
});
