// Turns are given one at a time, in order, and waiting has an end.
import t from 'tap';
import { createMutex } from '../../src/database/mutex.ts';

t.test('turns are given in the order of asking, never two at once', async (t) => {
  const mutex = createMutex(10_000);
  const order: number[] = [];
  let inside = 0;
  await Promise.all(
    [1, 2, 3, 4].map(async (n) => {
      await mutex.lock();
      inside += 1;
      t.equal(inside, 1);
      await new Promise((resolve) => setImmediate(resolve));
      order.push(n);
      inside -= 1;
      mutex.unlock();
    }),
  );
  t.same(order, [1, 2, 3, 4]);
});

t.test('whoever waits too long is refused, and those behind still get their turn', async (t) => {
  const mutex = createMutex(20);
  await mutex.lock();
  const keepsRunning = setTimeout(() => {}, 60_000); // the mutex's own timer does not keep a process alive
  await t.rejects(mutex.lock(), { code: 'timeout' });
  clearTimeout(keepsRunning);
  const next = mutex.lock();
  mutex.unlock();
  await next;
  mutex.unlock();
  await mutex.lock();
});
