// Rows 17-20, 22, 23, 26, 27: shares made fit.
import t from 'tap';
import { type AllocationInput, allocateCaps, MOST_CAP_BPS, wholeSteps } from '../../src/bandwidth/allocate-caps.ts';
import type { Allocator, Claim } from '../../src/bandwidth/allocators/allocator.ts';
import { builtInAllocators } from '../../src/bandwidth/allocators/built-in.ts';
import { equal } from '../../src/bandwidth/allocators/equal.ts';
import { seededRandom } from '../fixtures/seeded-random.ts';
import { M } from './fixtures/decision-input.ts';

const claim = (viewer: string, demandBps = 8 * M, change: Partial<Claim> = {}): Claim => ({
  viewer,
  demandBps,
  weight: 1,
  minBps: 2 * M,
  maxBps: 50 * M,
  ...change,
});
const allocate = (
  allocator: Allocator,
  availableBps: number,
  claims: readonly Claim[],
  boosts: AllocationInput['boosts'] = new Map(),
) => {
  const { caps, overCommitmentBps } = allocateCaps(allocator, { availableBps, claims, boosts, stepBps: 500_000 });
  return { caps: Object.fromEntries(caps), overCommitmentBps };
};

t.test('golden numbers: three streams of 8, 4 and 2 Mbit/s on 12 Mbit/s', async (t) => {
  const claims = [claim('a', 8 * M, { weight: 3 }), claim('b', 4 * M, { weight: 2 }), claim('c', 2 * M)];
  for (const [name, a, b, c] of [
    ['equal', 4, 4, 4],
    ['priority', 6, 4, 2],
    ['demand', 6.5, 3, 2],
  ] as const) {
    const allocator = builtInAllocators[name];
    if (!allocator) throw new Error(name);
    t.same(allocate(allocator, 12 * M, claims), { caps: { a: a * M, b: b * M, c: c * M }, overCommitmentBps: 0 }, name);
  }
});

t.test('row 22: min_per_viewer at its boundary', async (t) => {
  const two = [claim('a'), claim('b')];
  t.same(allocate(equal, 4 * M, two).caps, { a: 2 * M, b: 2 * M });
  t.same(allocate(equal, 4 * M - 1, two), { caps: { a: 2 * M, b: 2 * M }, overCommitmentBps: 1 });
  t.same(allocate(equal, 5 * M, two).caps, { a: 2.5 * M, b: 2.5 * M });
  const odd = [claim('a', 8 * M, { minBps: 1_234_567 })];
  t.same(allocate(equal, 0, odd).caps, { a: 1_234_567 }, 'a minimum between two steps is kept as it is');
});

t.test('row 23: max_per_viewer at its boundary, what it leaves goes to the others', async (t) => {
  t.same(allocate(equal, 100 * M, [claim('a'), claim('b')]).caps, { a: 50 * M, b: 50 * M });
  t.same(allocate(equal, 101 * M, [claim('a'), claim('b')]).caps, { a: 50 * M, b: 50 * M });
  t.same(allocate(equal, 60 * M, [claim('a', M, { maxBps: 5 * M }), claim('b')]).caps, { a: 5 * M, b: 50 * M });
  t.same(
    allocate(equal, 7 * M, [claim('a', M, { minBps: 0, maxBps: M }), claim('b', 8 * M, { minBps: 4 * M })]).caps,
    { a: M, b: 6 * M },
    'who is held down frees room for who was held up',
  );
});

t.test(
  'rows 26, 27: 100 streams with min 2 on 100 Mbit/s each get the minimum, and 100 Mbit/s over-commitment is told',
  async (t) => {
    const claims = Array.from({ length: 100 }, (_, i) => claim(`v${i}`));
    for (const allocator of Object.values(builtInAllocators)) {
      const { caps, overCommitmentBps } = allocate(allocator, 100 * M, claims);
      t.ok(Object.values(caps).every((bps) => bps === 2 * M));
      t.equal(overCommitmentBps, 100 * M);
    }
  },
);

t.test('ruling 5: a user with two streams counts twice and carries the share of one', async (t) => {
  t.same(allocate(equal, 12 * M, [claim('a'), claim('a'), claim('b')]), { caps: { a: 4 * M, b: 4 * M }, overCommitmentBps: 0 });
});

t.test('a boosted viewer goes before the others, beyond its own maximum, and leaves them their minimum', async (t) => {
  const claims = [claim('a', 8 * M, { maxBps: 5 * M }), claim('b'), claim('c')];
  t.same(allocate(equal, 30 * M, claims, new Map([['a', { bps: 20 * M }]])).caps, { a: 20 * M, b: 5 * M, c: 5 * M });
  t.same(allocate(equal, 30 * M, claims, new Map([['a', { bps: null }]])), {
    caps: { a: 26 * M, b: 2 * M, c: 2 * M },
    overCommitmentBps: 0,
  });
  t.same(allocate(equal, 30 * M, claims, new Map([['a', { bps: 100 * M }]])).caps['a'], 26 * M, 'no more than fits');
  t.same(allocate(equal, 30 * M, claims, new Map([['a', { bps: 1 }]])).caps['a'], 2 * M, 'no less than the minimum');
  const both = new Map([
    ['a', { bps: null }],
    ['b', { bps: null }],
  ]);
  t.same(
    allocate(equal, 30 * M, claims, both),
    { caps: { a: 14 * M, b: 14 * M, c: 2 * M }, overCommitmentBps: 0 },
    'two boosts share',
  );
});

t.test('row 20: a fourth allocator is a value, nothing of the core knows it', async (t) => {
  const firstComes: Allocator = (available, claims) => new Map(claims.map(({ viewer }, i) => [viewer, i === 0 ? available : 0]));
  t.same(allocate(firstComes, 20 * M, [claim('a'), claim('b'), claim('c')]).caps, { a: 16 * M, b: 2 * M, c: 2 * M });
});

t.test('an allocator that answers nonsense does no harm: NaN, nothing, infinity, negative', async (t) => {
  for (const bad of [Number.NaN, undefined, Number.POSITIVE_INFINITY, -5]) {
    const broken: Allocator = (_, claims) => new Map(claims.flatMap(({ viewer }) => (bad === undefined ? [] : [[viewer, bad]])));
    const { caps } = allocate(broken, 20 * M, [claim('a'), claim('b')]);
    t.same(caps, { a: 2 * M, b: 2 * M }, String(bad));
  }
});

t.test('row 25: no cap is above int32', async (t) => {
  const rich = [claim('a', 8 * M, { maxBps: 1e12 })];
  t.equal(allocate(equal, 1e12, rich).caps['a'], MOST_CAP_BPS);
  t.equal(allocate(equal, 1e12, rich, new Map([['a', { bps: null }]])).caps['a'], MOST_CAP_BPS);
  t.ok(MOST_CAP_BPS < 2 ** 31);
});

t.test('whole steps: down, never below the minimum, never 0', async (t) => {
  const limits = { minBps: 0, maxBps: 50 * M };
  t.equal(wholeSteps(3_999_999, limits, 500_000), 3_500_000);
  t.equal(wholeSteps(4_000_000, limits, 500_000), 4_000_000);
  for (const bps of [0, -1, Number.NaN]) t.equal(wholeSteps(bps, limits, 500_000), 1, String(bps));
});

t.test(
  'rows 17, 19, 27: property over 3,000 homes: within min and max, fits wherever the minimums do, equal is equal',
  async (t) => {
    const random = seededRandom(27);
    const wrong: unknown[] = [];
    for (let i = 0; i < 3_000; i += 1) {
      const claims = Array.from({ length: 1 + Math.floor(random() * 12) }, () => {
        const user = Math.floor(random() * 8);
        return claim(`v${user}`, random() * 20 * M, {
          weight: 1 + (user % 3),
          minBps: (1 + (user % 4)) * M,
          maxBps: (5 + user * 3) * M,
        });
      });
      const availableBps = random() * 120 * M;
      for (const [name, allocator] of Object.entries(builtInAllocators)) {
        const boosts = new Map(random() < 0.3 ? [['v1', { bps: random() < 0.5 ? null : random() * 40 * M }]] : []);
        const { caps, overCommitmentBps } = allocateCaps(allocator, { availableBps, claims, boosts, stepBps: 500_000 });
        const total = claims.reduce((sum, { viewer }) => sum + (caps.get(viewer) ?? Number.NaN), 0);
        const least = claims.reduce((sum, { minBps }) => sum + minBps, 0);
        const outside = claims.some(({ viewer, minBps, maxBps }) => {
          const cap = caps.get(viewer) ?? 0;
          return cap < minBps || (!boosts.has(viewer) && cap > maxBps);
        });
        const fits = total <= Math.max(availableBps, least) + 1;
        if (outside || !fits || Math.abs(overCommitmentBps - Math.max(0, total - availableBps)) > 1) wrong.push([name, i]);
      }
      const same = claims.map(({ viewer }) => ({ ...claim(viewer), demandBps: random() * 9 * M }));
      const { caps } = allocateCaps(equal, { availableBps, claims: same, boosts: new Map(), stepBps: 500_000 });
      if (new Set(caps.values()).size !== 1) wrong.push(['equal', i]);
    }
    t.same(wrong, []);
  },
);
