// Group commit and failing disks, on a file handle that does as it is told.
import t from 'tap';
import { appendTo } from '../../src/database/journal-file.ts';
import { tellingHandle } from './telling-handle.ts';

const start = { end: 28, nextSequence: 1 };
const payload = Buffer.from('[]');
const turnOfEvents = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

t.test('a commit is not acknowledged before its sync ended; those that came meanwhile share one', async (t) => {
  const handle = tellingHandle(true);
  const journal = appendTo(handle, start);
  const acknowledged: number[] = [];
  const append = (n: number): Promise<number> => journal.append(payload).then(() => acknowledged.push(n));
  const all = [append(0)];
  await turnOfEvents();
  for (let n = 1; n < 64; n += 1) all.push(append(n));
  await turnOfEvents();
  t.same(acknowledged, []);
  t.ok(journal.settled() !== null);
  handle.told.release?.();
  await turnOfEvents();
  t.same(acknowledged, [0]);
  handle.told.release?.();
  await Promise.all(all);
  t.equal(handle.told.syncs, 2);
  t.equal(handle.told.writes, 2);
  t.equal(journal.settled(), null);
  t.equal(journal.nextSequence(), 65);
});

for (const way of ['failWrite', 'failSync'] as const) {
  t.test(
    `after ${way} all that waited is refused, nothing is taken until healed, and sequence numbers go on without a gap`,
    async (t) => {
      const handle = tellingHandle();
      const journal = appendTo(handle, start);
      await journal.append(payload);
      const end = journal.durableEnd();
      handle.told[way] = true;
      const outcomes = await Promise.allSettled([journal.append(payload), journal.append(payload), journal.append(payload)]);
      t.same(
        outcomes.map((outcome) => outcome.status),
        ['rejected', 'rejected', 'rejected'],
      );
      t.equal(journal.failures(), 1);
      t.equal(journal.failed(), true);
      await t.rejects(journal.append(payload), /waits to be healed/);
      await t.rejects(journal.heal(), 'the disk still fails');
      t.equal(journal.failed(), true);
      handle.told[way] = false;
      await journal.heal();
      t.equal(handle.told.size, end, 'what did not reach the disk is cut off');
      t.equal(journal.nextSequence(), 2);
      await journal.append(payload);
      t.equal(journal.nextSequence(), 3);
    },
  );
}
