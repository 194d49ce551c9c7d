// One amount by weight within bounds.
import t from 'tap';
import { fillByWeight, type Part } from '../../src/bandwidth/fill-by-weight.ts';
import { seededRandom } from '../fixtures/seeded-random.ts';

const part = (weight: number, least = 0, most = Number.POSITIVE_INFINITY): Part => ({ weight, least, most });
const sum = (parts: readonly number[]): number => parts.reduce((all, bps) => all + bps, 0);

t.test('by weight; what one may not take, or must have, is made up by the others', async (t) => {
  t.same(fillByWeight(12, [part(1), part(2), part(3)]), [2, 4, 6]);
  t.same(fillByWeight(12, [part(1), part(1, 0, 2), part(1)]), [5, 2, 5]);
  t.same(fillByWeight(12, [part(10), part(1, 3), part(1, 3)]), [6, 3, 3]);
  t.same(fillByWeight(12, [part(1, 0, 2), part(1, 0, 3)]), [2, 3], 'the most of all is less');
  t.same(fillByWeight(1, [part(1, 2), part(1, 3, 1)]), [2, 1], 'the least of all is more; the most wins over the least');
  t.same(fillByWeight(8, [part(0), part(0)]), [4, 4], 'weights of nothing are alike');
  t.same(fillByWeight(8, []), []);
});

t.test('property: within bounds, the sum exact where bounds allow, alike weights in step, for 5,000 homes', async (t) => {
  const random = seededRandom(183);
  let wrong = 0;
  for (let i = 0; i < 5_000; i += 1) {
    const parts = Array.from({ length: 1 + Math.floor(random() * 6) }, () => {
      const least = random() < 0.5 ? 0 : random() * 10;
      return part(0.1 + random() * 10, least, random() < 0.5 ? Number.POSITIVE_INFINITY : least + random() * 20);
    });
    const total = random() * 100;
    const given = fillByWeight(total, parts);
    const [least, most] = [sum(parts.map((one) => one.least)), sum(parts.map((one) => one.most))];
    if (Math.abs(sum(given) - Math.min(most, Math.max(least, total))) > 1e-6) wrong += 1;
    for (const [n, one] of parts.entries()) {
      const got = given[n] ?? Number.NaN;
      if (!(got >= one.least - 1e-9 && got <= one.most + 1e-9)) wrong += 1;
      // Between two that are at no bound the ratio is that of the weights.
      for (const [m, other] of parts.entries()) {
        const beside = given[m] ?? Number.NaN;
        const free = (bps: number, of: Part): boolean => bps > of.least + 1e-6 && bps < of.most - 1e-6;
        if (free(got, one) && free(beside, other) && Math.abs(got / one.weight - beside / other.weight) > 1e-6) wrong += 1;
      }
    }
  }
  t.equal(wrong, 0);
});
