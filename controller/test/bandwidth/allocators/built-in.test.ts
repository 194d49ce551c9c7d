// Rows 17-20: golden numbers of the allocators, before min and max.
import t from 'tap';
import type { Allocator, Claim } from '../../../src/bandwidth/allocators/allocator.ts';
import { builtInAllocators } from '../../../src/bandwidth/allocators/built-in.ts';
import { demand } from '../../../src/bandwidth/allocators/demand.ts';
import { equal } from '../../../src/bandwidth/allocators/equal.ts';
import { priority } from '../../../src/bandwidth/allocators/priority.ts';
import { M } from '../fixtures/decision-input.ts';

const claim = (viewer: string, demandBps: number, weight = 1): Claim => ({ viewer, demandBps, weight, minBps: 0, maxBps: 1e9 });
const shares = (allocator: Allocator, available: number, claims: readonly Claim[]): Record<string, number> =>
  Object.fromEntries(allocator(available, claims));

t.test('there are three, by the names of the configuration', async (t) => {
  t.same(Object.keys(builtInAllocators).sort(), ['demand', 'equal', 'priority']);
});

t.test('row 17: equal gives each stream the same', async (t) => {
  t.same(shares(equal, 12 * M, [claim('a', 8 * M), claim('b', 4 * M), claim('c', 2 * M)]), { a: 4 * M, b: 4 * M, c: 4 * M });
  t.same(
    shares(equal, 12 * M, [claim('a', 8 * M), claim('a', 1), claim('c', 2 * M)]),
    { a: 4 * M, c: 4 * M },
    'two streams of one user',
  );
});

t.test('row 18: priority gives 3:2:1 to ten viewers of mixed class', async (t) => {
  const weights = [3, 2, 1, 1, 1, 2, 3, 1, 1, 1];
  const got = shares(
    priority,
    160 * M,
    weights.map((weight, i) => claim(`v${i}`, M, weight)),
  );
  t.same(
    Object.values(got),
    weights.map((weight) => weight * 10 * M),
  );
});

t.test('row 19: demand gives what is asked for and shares the rest, or scales alike', async (t) => {
  const claims = [claim('a', 8 * M), claim('b', 4 * M), claim('c', 2 * M)];
  t.same(shares(demand, 20 * M, claims), { a: 10 * M, b: 6 * M, c: 4 * M }, 'demand below available');
  t.same(shares(demand, 14 * M, claims), { a: 8 * M, b: 4 * M, c: 2 * M }, 'exactly');
  t.same(shares(demand, 7 * M, claims), { a: 4 * M, b: 2 * M, c: M }, 'demand above available: sum is what there is');
  t.same(shares(demand, 0, claims), { a: 0, b: 0, c: 0 });
  t.same(
    shares(demand, 16 * M, [claim('a', 8 * M), claim('a', 4 * M)]),
    { a: 8 * M },
    "a user's limit lets the largest stream through",
  );
  t.same(shares(demand, 6 * M, [claim('a', 8 * M), claim('a', 4 * M)]), { a: 3 * M }, 'and two streams under it still fit');
});
