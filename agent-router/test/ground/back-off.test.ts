// Waiting before the next try.
import t from 'tap';
import { createBackOff } from '../../src/ground/back-off.ts';

t.test('doubles up to its most, with half of it by chance, and starts anew after an answer', async (t) => {
  const low = createBackOff({ firstMs: 1000, mostMs: 8000, random: () => 0 });
  t.same([low.next(), low.next(), low.next(), low.next(), low.next()], [500, 1000, 2000, 4000, 4000]);
  low.reset();
  t.equal(low.next(), 500);
  const high = createBackOff({ firstMs: 1000, mostMs: 8000, random: () => 1 });
  t.same([high.next(), high.next()], [1000, 2000]);
});

t.test('never overflows, however long the peer is dead', async (t) => {
  const backOff = createBackOff({ firstMs: 1000, mostMs: 30_000, random: () => 0.5 });
  for (let i = 0; i < 5000; i += 1) backOff.next();
  t.equal(backOff.next(), 22_500);
});
