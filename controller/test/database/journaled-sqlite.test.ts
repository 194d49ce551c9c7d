// When the driver answers, and what it does when the disk fails, on a disk that does as it is told.
import { Kysely } from 'kysely';
import t from 'tap';
import { appendTo, type JournalFile } from '../../src/database/journal-file.ts';
import { createJournaledDialect } from '../../src/database/journaled-sqlite.ts';
import { createMutex } from '../../src/database/mutex.ts';
import { createSqliteEngine } from '../../src/database/sqlite-engine.ts';
import { type TellingHandle, tellingHandle } from './telling-handle.ts';

type Tables = { x: { id: string } };
type Fixture = { handle: TellingHandle; journal: JournalFile; db: Kysely<Tables>; reloads: () => number };

/** A table x with the row "durable"; reloading brings exactly that back, since nothing else reaches the disk in these tests. */
async function onTellingDisk(held: boolean): Promise<Fixture> {
  const engine = await createSqliteEngine();
  const reset = (): void => {
    engine.load(null);
    engine.run('create table x (id text primary key)', []);
    engine.run("insert into x values ('durable')", []);
  };
  reset();
  const handle = tellingHandle(held);
  const journal = appendTo(handle, { end: 28, nextSequence: 1 });
  let reloadedAfter = 0;
  const dialect = createJournaledDialect({
    engine,
    turns: createMutex(10_000),
    journal: () => journal,
    current: () => reloadedAfter === journal.failures(),
    reload: async () => {
      reset();
      reloadedAfter = journal.failures();
    },
    heal: () => journal.heal(),
    committed: () => {},
  });
  return { handle, journal, db: new Kysely<Tables>({ dialect }), reloads: () => reloadedAfter };
}

const insert = (db: Kysely<Tables>, id: string): Promise<unknown> => db.insertInto('x').values({ id }).execute();
const ids = async (db: Kysely<Tables>): Promise<string[]> =>
  (await db.selectFrom('x').select('id').orderBy('id').execute()).map((row) => row.id);
const turnsOfEvents = async (): Promise<void> => {
  for (let n = 0; n < 5; n += 1) await new Promise((resolve) => setImmediate(resolve));
};

t.test('neither a write nor a read that may have seen it is answered before the sync', async (t) => {
  const { handle, db } = await onTellingDisk(true);
  const answered: string[] = [];
  const writing = insert(db, 'a').then(() => answered.push('write'));
  const reading = ids(db).then((found) => answered.push(`read ${found}`));
  const transaction = db
    .transaction()
    .execute((inside) => ids(inside))
    .then((found) => answered.push(`transaction ${found}`));
  await turnsOfEvents();
  t.same(answered, [], 'nobody was told of what a power cut would take back');
  handle.told.release?.();
  await Promise.all([writing, reading, transaction]);
  t.same(answered.sort(), ['read a,durable', 'transaction a,durable', 'write']);
});

t.test('a failed sync refuses all that saw or built upon it, and memory is that of the disk again', async (t) => {
  const { handle, db, reloads } = await onTellingDisk(true);
  const begun = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const first = insert(db, 'a');
  const reading = ids(db);
  const transaction = db.transaction().execute(async (inside) => {
    await insert(inside, 'b');
    begun.resolve();
    await goOn.promise;
    await insert(inside, 'c');
  });
  await begun.promise;
  handle.told.failSync = true;
  handle.told.release?.();
  await t.rejects(first, { code: 'storage_failed', message: /could not be written/ });
  await t.rejects(reading, { code: 'storage_failed' });
  goOn.resolve();
  await t.rejects(transaction, { code: 'storage_failed', message: /undone/ });
  t.same(await ids(db), ['durable']);
  t.equal(reloads(), 1);
});

t.test('while the disk fails each write is refused before it runs, and the first one after goes through', async (t) => {
  const { handle, db, reloads } = await onTellingDisk(false);
  handle.told.failWrite = true;
  for (const id of ['a', 'b', 'c']) {
    await t.rejects(insert(db, id), { code: 'storage_failed', message: /no space left/ });
    t.same(await ids(db), ['durable']);
  }
  t.equal(reloads(), 1, 'memory was read anew once only');
  handle.told.failWrite = false;
  await insert(db, 'd');
  t.same(await ids(db), ['d', 'durable']);
});
