// The database as features use it: statements, transactions, migrations, errors.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import t from 'tap';
import { systemClock } from '../../src/clock.ts';
import { migrations } from '../../src/database/migrations/index.ts';
import { openDatabase } from '../../src/database/open-database.ts';
import { createSqliteEngine } from '../../src/database/sqlite-engine.ts';
import { silentLog } from '../../src/log.ts';
import { addNote, allNotes, type Notes, notesMigration, openNotes, temporaryFolder } from './notes-database.ts';

t.test('what was committed is there after reopening, each value as it was', async (t) => {
  await using folder = await temporaryFolder();
  const content = new Uint8Array([0, 1, 254, 255]);
  {
    await using db = await openNotes(folder.path);
    t.same(db.problems, []);
    await db
      .tables<Notes>()
      .transaction()
      .execute(async (transaction) => {
        await transaction
          .insertInto('note')
          .values({ id: 'Zoë 🎬 \'"', n: Date.UTC(2026, 1, 1), content })
          .execute();
        content[0] = 9; // the caller's own buffer, used again before the commit
      });
    await addNote(db, 'big', 2 ** 52);
    await sql`insert into note (id, n, content) values (${'true'}, ${true}, ${null}), (${'bigint'}, ${2n ** 40n}, ${null})`.execute(
      db.tables(),
    );
  }
  await using again = await openNotes(folder.path);
  t.same(await allNotes(again), [
    ['Zoë 🎬 \'"', Date.UTC(2026, 1, 1)],
    ['big', 2 ** 52],
    ['bigint', 2 ** 40],
    ['true', 1],
  ]);
  const row = await again
    .tables<Notes>()
    .selectFrom('note')
    .select('content')
    .where('n', '>', 2 ** 40)
    .executeTakeFirst();
  t.same(row?.content === null || row === undefined ? [] : [...row.content], [0, 1, 254, 255], 'bytes are those of the call');
});

t.test('a transaction that throws leaves nothing, in memory and after reopening', async (t) => {
  await using folder = await temporaryFolder();
  {
    await using db = await openNotes(folder.path);
    await addNote(db, 'before');
    const failed = db
      .tables<Notes>()
      .transaction()
      .execute(async (transaction) => {
        await transaction.insertInto('note').values({ id: 'inside', n: 1, content: null }).execute();
        await transaction.insertInto('tag').values({ note_id: 'nobody', name: 'x' }).execute();
      });
    await t.rejects(failed, { code: 'conflict', message: /FOREIGN KEY/ }, 'foreign keys are on');
    t.same(await allNotes(db), [['before', 0]]);
  }
  await using again = await openNotes(folder.path);
  t.same(await allNotes(again), [['before', 0]]);
  await t.rejects(addNote(again, 'before'), { code: 'conflict' });
  const orphan = again.tables<Notes>().insertInto('tag').values({ note_id: 'nobody', name: 'x' }).execute();
  await t.rejects(orphan, { code: 'conflict', message: /FOREIGN KEY/ }, 'foreign keys are on after reopening');
});

t.test('a statement that failed inside a transaction is left out, the others stay, and so do savepoints', async (t) => {
  await using folder = await temporaryFolder();
  {
    await using db = await openNotes(folder.path);
    await db
      .tables<Notes>()
      .transaction()
      .execute(async (transaction) => {
        await transaction.insertInto('note').values({ id: 'a', n: 1, content: null }).execute();
        await transaction
          .insertInto('note')
          .values({ id: 'a', n: 2, content: null })
          .execute()
          .catch(() => {});
      });
    const controlled = await db.tables<Notes>().startTransaction().execute();
    await controlled.insertInto('note').values({ id: 'b', n: 1, content: null }).execute();
    const saved = await controlled.savepoint('here').execute();
    await saved.insertInto('note').values({ id: 'c', n: 1, content: null }).execute();
    const back = await saved.rollbackToSavepoint('here').execute();
    await back.commit().execute();
  }
  await using again = await openNotes(folder.path);
  t.same(await allNotes(again), [
    ['a', 1],
    ['b', 1],
  ]);
  t.same(again.problems, []);
});

t.test('64 transactions at once each see whole states only', async (t) => {
  await using folder = await temporaryFolder();
  await using db = await openNotes(folder.path);
  const tables = db.tables<Notes>();
  await addNote(db, 'counter', 0);
  await Promise.all(
    Array.from({ length: 64 }, () =>
      tables.transaction().execute(async (transaction) => {
        const { n } = await transaction.selectFrom('note').select('n').where('id', '=', 'counter').executeTakeFirstOrThrow();
        await transaction
          .updateTable('note')
          .set({ n: n + 1 })
          .where('id', '=', 'counter')
          .execute();
      }),
    ),
  );
  t.same(await allNotes(db), [['counter', 64]]);
});

t.test('numbers of changed rows and RETURNING come back', async (t) => {
  await using folder = await temporaryFolder();
  await using db = await openNotes(folder.path);
  await addNote(db, 'a');
  await addNote(db, 'b');
  const updated = await db.tables<Notes>().updateTable('note').set({ n: 7 }).executeTakeFirst();
  t.equal(updated.numUpdatedRows, 2n);
  const returned = await db.tables<Notes>().deleteFrom('note').where('id', '=', 'a').returningAll().execute();
  t.same(returned, [{ id: 'a', n: 7, content: null }]);
});

t.test('what a journal could not repeat, or the database not keep, is refused with the reason', async (t) => {
  await using folder = await temporaryFolder();
  await using db = await openNotes(folder.path);
  const tables = db.tables<Notes>();
  const refused = (query: Promise<unknown>, message: RegExp): Promise<unknown> =>
    t.rejects(query, { code: 'storage_failed', message });
  await refused(sql`insert into note (id, n) values ('r', random())`.execute(tables), /random/);
  await refused(sql`insert into note (id, n) values ('r', 1); delete from note`.execute(tables), /more than one/);
  await refused(sql`pragma foreign_keys = off`.execute(tables), /pragma/);
  await refused(addNote(db, 'nul \0 inside'), /NUL/);
  await refused(addNote(db, 'nan', Number.NaN), /finite/);
  t.same(await allNotes(db), []);
});

t.test('migrations run once, in order; an existing database is copied before, as a file that SQLite opens', async (t) => {
  await using folder = await temporaryFolder();
  const second = {
    name: '002-more',
    up: async (db: Parameters<typeof notesMigration.up>[0]) => {
      await db.schema.alterTable('note').addColumn('more', 'text').execute();
    },
  };
  {
    await using db = await openNotes(folder.path);
    await addNote(db, 'kept', 5);
  }
  t.notOk(
    (await readdir(folder.path)).some((name) => name.startsWith('before-')),
    'a new database needs no copy',
  );
  {
    await using db = await openNotes(folder.path, { migrations: [notesMigration, second] });
    t.same(await allNotes(db), [['kept', 5]]);
    await t.rejects(db.tables<Notes>().insertInto('tag').values({ note_id: 'x', name: 'y' }).execute(), { code: 'conflict' });
  }
  const engine = await createSqliteEngine();
  t.teardown(() => engine.close());
  engine.load(await readFile(join(folder.path, 'before-migrating-from-001-notes.sqlite')));
  t.same(engine.run('select id, n from note', []).rows, [{ id: 'kept', n: 5 }]);
  await t.rejects(openNotes(folder.path), { code: 'storage_failed', message: /newer Headgate.*002-more/ });
});

t.test('the migrations of all features run, and nothing of them is left to do at the next opening', async (t) => {
  await using folder = await temporaryFolder();
  for (const opening of [1, 2]) {
    await using db = await openNotes(folder.path, { migrations });
    t.ok((await db.tables().introspection.getTables()).length > migrations.length);
    t.same(db.problems, [], `opening ${opening}`);
  }
  t.notOk((await readdir(folder.path)).some((name) => name.startsWith('before-')));
});

t.test('a migration that fails leaves the database as before, and the folder unlocked', async (t) => {
  await using folder = await temporaryFolder();
  const broken = {
    name: '002-broken',
    up: async (db: Parameters<typeof notesMigration.up>[0]) => {
      await db.schema.createTable('half').addColumn('a', 'text').execute();
      throw new Error('no more');
    },
  };
  await t.rejects(openDatabase({ path: folder.path, log: silentLog, clock: systemClock, migrations: [notesMigration, broken] }), {
    code: 'storage_failed',
    message: /002-broken.*no more/,
  });
  await using db = await openNotes(folder.path);
  const tables = await db.tables().introspection.getTables();
  t.same(tables.map((table) => table.name).sort(), ['headgate_migration', 'note', 'tag']);
});

t.test('reading and waiting write nothing', async (t) => {
  await using folder = await temporaryFolder();
  await using db = await openNotes(folder.path);
  const before = await readFile(join(folder.path, 'journal-1.log'));
  await allNotes(db);
  await db
    .tables<Notes>()
    .transaction()
    .execute((transaction) => transaction.selectFrom('note').selectAll().execute());
  t.same(await readFile(join(folder.path, 'journal-1.log')), before);
});
