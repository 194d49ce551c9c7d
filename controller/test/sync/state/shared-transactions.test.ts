// Works of one moment in one transaction, against a real database.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Kysely, sql } from 'kysely';
import t, { type Test } from 'tap';
import { systemClock } from '../../../src/clock.ts';
import { openDatabase } from '../../../src/database/open-database.ts';
import { silentLog } from '../../../src/log.ts';
import { createSharedTransactions } from '../../../src/sync/state/shared-transactions.ts';

type Tables = { noted: { n: number } };

async function openNotes(t: Test): Promise<Kysely<Tables>> {
  const folder = await mkdtemp(join(tmpdir(), 'headgate-shared-'));
  const migrations = [
    {
      name: '001-noted',
      async up(db: Kysely<unknown>) {
        await db.schema
          .createTable('noted')
          .addColumn('n', 'integer', (column) => column.primaryKey())
          .execute();
      },
    },
  ];
  const database = await openDatabase({ path: folder, log: silentLog, clock: systemClock, migrations });
  t.teardown(async () => {
    await database[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });
  return database.tables<Tables>();
}

const note = (n: number) => async (tx: Kysely<Tables>) => {
  await tx.insertInto('noted').values({ n }).execute();
  return n;
};

t.test('works of the same moment are all done, each with its own answer, in fewer transactions', async (t) => {
  const db = await openNotes(t);
  const opened: unknown[] = [];
  const inTransaction = createSharedTransactions(db);
  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, n) =>
      inTransaction(async (tx) => {
        if (!opened.includes(tx)) opened.push(tx);
        return await note(n)(tx);
      }),
    ),
  );
  t.same(answers, [...Array(40).keys()]);
  t.equal((await db.selectFrom('noted').selectAll().execute()).length, 40);
  t.equal(opened.length, 3, 'sixteen in each');
});

t.test('one that fails takes nobody with it', async (t) => {
  const db = await openNotes(t);
  const inTransaction = createSharedTransactions(db);
  const results = await Promise.allSettled([
    inTransaction(note(1)),
    inTransaction(async (tx) => {
      await note(2)(tx);
      throw new Error('not this one');
    }),
    inTransaction(note(3)),
    inTransaction(note(1)),
  ]);
  t.same(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled', 'rejected'],
  );
  const { rows } = await sql<{ n: number }>`select n from noted order by n`.execute(db);
  t.same(
    rows.map(({ n }) => n),
    [1, 3],
  );
  t.equal(await inTransaction(note(4)), 4, 'and it goes on');
});
