// What is due of a queue, handed out row by row while more is read.
import { setTimeout as wait } from 'node:timers/promises';
import t from 'tap';
import type { QueueRow } from '../../../src/sync/state/queue-store.ts';
import { readAhead } from '../../../src/sync/state/read-ahead.ts';

const rowOf = (n: number): QueueRow => ({ person: 'anna', identity: `film ${n}`, id: n }) as QueueRow;

t.test('each row is handed out once, however many take them, and what comes meanwhile too', async (t) => {
  const queue = Array.from({ length: 95 }, (_, n) => rowOf(n));
  const taken: number[] = [];
  let atOnce = 0;
  const rows = readAhead(async () => {
    await wait(1);
    return queue.slice(0, 10);
  }, 10);
  const work = async (): Promise<void> => {
    for (let row = await rows.next(); row !== null; row = await rows.next()) {
      atOnce += 1;
      const { id } = row;
      taken.push(id);
      await wait(id % 3);
      if (id === 50) queue.push(rowOf(200));
      queue.splice(
        queue.findIndex((one) => one.id === id),
        1,
      );
      rows.done(row);
      atOnce -= 1;
    }
  };
  await Promise.all([work(), work(), work(), work()]);
  t.equal(new Set(taken).size, taken.length, 'once');
  t.equal(rows.taken(), taken.length);
  // What is in hand fills a reading: the rest is for the next round.
  t.ok(taken.length >= 10);
  t.equal(taken.length + queue.length, 96);
  t.equal(atOnce, 0);
});

t.test('what is wanted anew while it is worked on waits for the next round', async (t) => {
  const rows = readAhead(async () => [rowOf(1)], 1);
  t.equal((await rows.next())?.id, 1);
  t.equal(await rows.next(), null, 'it is in hand');
  t.equal((await readAhead(async () => [rowOf(1)], 1).next())?.id, 1);
});

t.test('a store that fails is told to whoever asks', async (t) => {
  const rows = readAhead(() => Promise.reject(new Error('the disk')), 10);
  await t.rejects(rows.next(), { message: 'the disk' });
});
