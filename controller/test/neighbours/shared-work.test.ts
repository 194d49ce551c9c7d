// Work for several callers: done once, and not undone by one who leaves.
import t from 'tap';
import { createSharedWork } from '../../src/neighbours/shared-work.ts';

const never = new AbortController().signal;

t.test('whoever comes while it runs joins it; who comes later starts it anew', async (t) => {
  let runs = 0;
  let finish = Promise.withResolvers<void>();
  const work = createSharedWork(() => {
    runs += 1;
    return finish.promise;
  });
  const all = Promise.all([work.join(never), work.join(never)]);
  finish.resolve();
  await all;
  t.equal(runs, 1);
  finish = Promise.withResolvers<void>();
  finish.resolve();
  await work.join(never);
  t.equal(runs, 2);
});

t.test('one who leaves does not end it for the others, and a failure hurts nobody who left', async (t) => {
  const finish = Promise.withResolvers<void>();
  const work = createSharedWork(() => finish.promise);
  const stop = new AbortController();
  const leaving = work.join(stop.signal);
  const staying = work.join(never);
  stop.abort();
  await t.rejects(leaving, { name: 'AbortError' });
  await t.rejects(work.join(stop.signal), { name: 'AbortError' });
  finish.reject(new Error('refused'));
  await t.rejects(staying, { message: 'refused' });
});
