// A rate that cake-autorate moves five times a second, as a capacity.
import t from 'tap';
import { createAutorate } from '../../../../deploy/demo/router/cake-autorate.ts';
import { type CarefulCapacity, nextCapacity } from '../../../src/bandwidth/line/careful-capacity.ts';
import { M } from '../fixtures/decision-input.ts';

const follow = (rates: readonly (readonly [second: number, bps: number])[]): readonly number[] => {
  let capacity: CarefulCapacity | null = null;
  return rates.map(([second, bps]) => {
    capacity = nextCapacity(capacity, bps, second * 1_000);
    return capacity.bps;
  });
};

t.test('it falls at once and rises after three minutes', async (t) => {
  const rates = [0, 1, 2, 181, 183].map((second) => [second, (second === 1 ? 15 : 20) * M] as const);
  t.same(follow(rates), [20 * M, 15 * M, 15 * M, 15 * M, 20 * M]);
});

t.test('what nobody would feel is no news, be it said ever so often; what adds up is', async (t) => {
  const trembling = Array.from({ length: 300 }, (_, i) => [i, i % 2 ? 20 * M : 20.4 * M] as const);
  t.same(new Set(follow(trembling)), new Set([20.4 * M]));
  const sinking = Array.from({ length: 100 }, (_, i) => [i, 20 * M * 0.99 ** i] as const);
  const seen = follow(sinking);
  for (const [i, bps] of seen.entries()) t.ok(bps <= Number(sinking[i]?.[1]) * 1.06, `${i}`);
});

t.test(
  'ten minutes of its hunting on a line that carries 30 Mbit/s: a handful of values, none of them above the line for long',
  async (t) => {
    const tool = createAutorate({ minKbit: 10_000, baseKbit: 20_000, maxKbit: 40_000, lineKbit: 30_000 }, 0);
    let live = 20_000;
    let moves = 0;
    const rates: (readonly [number, number])[] = [];
    for (let fifth = 0; fifth < 3_000; fifth += 1) {
      const next = tool.advance(fifth / 5, (fifth / 5) % 90 < 60 ? 60_000 : 2_000);
      moves += next === undefined ? 0 : 1;
      live = next ?? live;
      // As the agent reads it: each 5 s.
      if (fifth % 25 === 0) rates.push([fifth / 5, live * 1_000]);
    }
    const seen = follow(rates);
    const changes = seen.filter((bps, i) => i > 0 && bps !== seen[i - 1]).length;
    t.ok(moves > 500, `the tool moved ${moves} times`);
    t.ok(changes <= 8, `${changes} changes of capacity`);
    t.ok(Math.max(...seen.slice(20)) <= 30 * M);
  },
);
