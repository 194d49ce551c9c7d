// What is new in what a server says, and whether it wins.
import t from 'tap';
import { untouched } from '../../../src/neighbours/watch-state.ts';
import { compareTimes, timeAfter } from '../../../src/sync/state/hybrid-time.ts';
import { type Observation, observe, type Registers } from '../../../src/sync/state/observe.ts';
import { seenNow } from '../../../src/sync/state/past.ts';

const says = (more: Partial<Observation>): Observation => ({
  said: {},
  ms: 1_000,
  notBeforeMs: 0,
  follows: false,
  origin: 'attic',
  ...more,
});
const favourite = (value: boolean, ms: number, origin = 'barn'): Registers => ({
  favourite: { value, at: { ms, count: 0, origin } },
});

t.test('row 253: what is another value than was last seen is agreed, and what is the same says nothing', async (t) => {
  const { registers, seen, changes } = observe({}, untouched, says({ said: { favourite: true, played: false } }));
  t.same(registers, { favourite: { value: true, at: { ms: 1_000, count: 0, origin: 'attic' } } });
  t.same(seen, { ...untouched, favourite: true });
  t.same(changes, [{ field: 'favourite', before: false, after: true }]);
});

t.test('row 302: an echo of our own writing changes nothing, not even when', async (t) => {
  const agreed = favourite(true, 900);
  const { registers, changes } = observe(agreed, { ...untouched, favourite: true }, says({ said: { favourite: true } }));
  t.equal(registers, agreed);
  t.same(changes, []);
});

t.test('of two changes the later wins; the earlier one is seen, and not agreed', async (t) => {
  const agreed = favourite(false, 2_000);
  const { registers, seen, changes } = observe(agreed, untouched, says({ said: { favourite: true }, ms: 1_999 }));
  t.equal(registers, agreed);
  t.same([seen.favourite, changes], [true, []]);
  t.same(observe(agreed, untouched, says({ said: { favourite: true }, ms: 2_001 })).registers, favourite(true, 2_001, 'attic'));
});

t.test('of two changes of one moment the same one wins everywhere', async (t) => {
  const [attic, barn] = [favourite(true, 5, 'attic'), favourite(false, 5, 'barn')];
  t.same(observe(attic, untouched, says({ said: { favourite: false }, ms: 5, origin: 'barn' })).registers, attic);
  t.same(observe({}, { favourite: true }, says({ said: { favourite: false }, ms: 5, origin: 'barn' })).registers, barn);
  t.same(observe(barn, { favourite: false }, says({ said: { favourite: true }, ms: 5, origin: 'attic' })).registers, barn);
});

t.test('who sets anew what is agreed already has said it last', async (t) => {
  const { registers, changes } = observe(favourite(true, 900), untouched, says({ said: { favourite: true } }));
  t.same(registers, favourite(true, 1_000, 'attic'));
  t.same(changes, []);
});

t.test('who had what is agreed has changed it after that, whatever the clocks say', async (t) => {
  const agreed = favourite(true, 2_000);
  const had = { ...untouched, favourite: true };
  const one = observe(agreed, had, says({ said: { favourite: false }, ms: 1_500, notBeforeMs: 2_000 }));
  t.same(one.registers, { favourite: { value: false, at: { ms: 2_000, count: 1, origin: 'attic' } } });
  const other = observe(agreed, had, says({ said: { favourite: false }, ms: 1_500, notBeforeMs: 1_999 }));
  t.same(other.registers, agreed, 'seen before that was agreed: the same by chance');
});

t.test('what a server tells after what it told before is later, also where its clock is known better by now', async (t) => {
  const agreed = favourite(true, 2_000, 'attic');
  const had = { ...untouched, favourite: true };
  const saying = { said: { favourite: false }, ms: 1_100 };
  t.equal(observe(agreed, had, says({ ...saying, follows: true })).registers.favourite?.value, false);
  t.equal(observe(agreed, had, says(saying)).registers, agreed);
  t.equal(observe(favourite(true, 2_000), had, says({ ...saying, follows: true })).registers.favourite?.value, true);
});

t.test('what a reading had found gets its true time when it is told', async (t) => {
  const agreed = favourite(true, 2_000, 'attic');
  const saying = { said: { favourite: true }, ms: 1_200 };
  const { registers, changes } = observe(agreed, untouched, says({ ...saying, foundMs: 2_000 }));
  t.same(registers, favourite(true, 1_200, 'attic'));
  t.same(changes, []);
  t.equal(observe(agreed, untouched, says({ ...saying, foundMs: 1_900 })).registers, agreed);
  t.equal(observe(favourite(true, 2_000), untouched, says({ ...saying, foundMs: 2_000 })).registers.favourite?.at.ms, 2_000);
});

t.test('a position within a second is the same; the beginning never is', async (t) => {
  const agreed: Registers = { positionMs: { value: 60_000, at: { ms: 1, count: 0, origin: 'barn' } } };
  const seen = { ...untouched, positionMs: 60_000 };
  t.equal(observe(agreed, seen, says({ said: { positionMs: 60_999 } })).registers, agreed);
  t.equal(observe(agreed, seen, says({ said: { positionMs: 61_000 } })).registers.positionMs?.value, 61_000);
  t.same(observe({}, { ...untouched, positionMs: 400 }, says({ said: { positionMs: 0 } })).changes.length, 1);
});

t.test('times have an order that is the same everywhere', async (t) => {
  const at = (ms: number, count: number, origin: string) => ({ ms, count, origin });
  const sorted = [at(1, 0, 'b'), at(2, 0, 'a'), at(2, 0, 'b'), at(2, 1, 'a')];
  t.same([...sorted].reverse().sort(compareTimes), sorted);
  t.equal(compareTimes(at(2, 0, 'a'), at(2, 0, 'a')), 0);
  t.same(timeAfter(at(5, 3, 'b'), 4, 'a'), at(5, 4, 'a'));
  t.same(timeAfter(at(5, 3, 'b'), 6, 'a'), at(6, 0, 'a'));
});

t.test('half a second and half a second more are a second: what is the same as what is agreed is taken for that', async (t) => {
  const agreed: Registers = { positionMs: { value: 100_000, at: { ms: 500, count: 0, origin: 'barn' } } };
  const { registers, changes } = observe(agreed, { positionMs: 90_000 }, says({ said: { positionMs: 100_600 } }));
  t.same(registers.positionMs, { value: 100_000, at: { ms: 1_000, count: 0, origin: 'attic' } }, 'said last, and no other value');
  t.same(changes, []);
  t.same(seenNow({ positionMs: 90_000 }, { positionMs: 100_600 }, agreed), { positionMs: 100_000 });
  t.same(
    seenNow({ positionMs: 100_600 }, { positionMs: 100_700 }, agreed),
    { positionMs: 100_000 },
    'also where it was seen so before',
  );
  t.same(seenNow({ positionMs: 105_000 }, { positionMs: 105_400 }, agreed), { positionMs: 105_000 }, 'it stays until it differs');
  t.same(seenNow({ positionMs: 105_000 }, { positionMs: 106_000 }, agreed), { positionMs: 106_000 });
});
