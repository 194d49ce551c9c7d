// Rates with a burst.
import t from 'tap';
import { createPacer, createTokenBucket } from '../../src/broker/token-bucket.ts';
import { systemClock } from '../../src/clock.ts';

t.test('a burst of twice the rate passes, then the rate holds', async (t) => {
  const bucket = createTokenBucket(10);
  const taken = (now: number): number => {
    let count = 0;
    while (bucket.tryTake(now)) count += 1;
    return count;
  };
  t.equal(taken(0), 20);
  t.equal(bucket.waitMs(), 100);
  t.equal(taken(1_000), 10);
  t.equal(taken(1_050), 0);
  t.equal(taken(3_600_000), 20, 'rest does not pile up');
});

t.test('a pacer runs everything, in order and no faster than its rate', async (t) => {
  const pace = createPacer(500, systemClock);
  const startedAt = performance.now();
  const order: number[] = [];
  await new Promise<void>((done) => {
    for (let i = 0; i < 1_100; i += 1)
      pace(() => {
        if (order.push(i) === 1_100) done();
      });
  });
  t.same(
    order,
    [...order].sort((a, b) => a - b),
  );
  t.ok(performance.now() - startedAt >= 190, '100 over the burst take 200 ms');
});
