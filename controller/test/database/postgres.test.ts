// The same tables on a real PostgreSQL.
import { sql } from 'kysely';
import t from 'tap';
import { migrations } from '../../src/database/migrations/index.ts';
import { addNote, allNotes, type Notes, notesMigration, openNotes } from './notes-database.ts';
import { postgresPrograms, startPostgres } from './start-postgres.ts';

const programs = await postgresPrograms();

t.test('PostgreSQL', { skip: programs === null && 'Debian package postgresql is not installed' }, async (t) => {
  if (programs === null) return;
  await using server = await startPostgres(programs);
  {
    await using db = await openNotes('', { url: server.url, migrations });
    const tables = await db.tables().introspection.getTables();
    t.ok(tables.length > migrations.length, 'the migrations of all features run');
    for (const { name } of tables) await db.tables().schema.dropTable(name).cascade().execute();
  }
  const options = { url: server.url, migrations: [notesMigration] };
  {
    await using db = await openNotes('', options);
    await addNote(db, 'a', Date.UTC(2026, 1, 1), new Uint8Array([0, 255]));
    await sql`insert into note (id, n) values (${'b'}, ${true})`.execute(db.tables());
    t.same(
      await allNotes(db),
      [
        ['a', Date.UTC(2026, 1, 1)],
        ['b', 1],
      ],
      'times are numbers, truth values 0 and 1',
    );
    await db.tables<Notes>().deleteFrom('note').where('id', '=', 'b').execute();
    const row = await db.tables<Notes>().selectFrom('note').select('content').executeTakeFirstOrThrow();
    t.same([...(row.content ?? [])], [0, 255]);
    await t.rejects(addNote(db, 'a'), { code: 'conflict' }, 'the same error as on SQLite');
    await t.rejects(sql`select * from nothing`.execute(db.tables()), { code: 'storage_failed' });
    const failed = db
      .tables<Notes>()
      .transaction()
      .execute(async (transaction) => {
        await transaction.insertInto('note').values({ id: 'b', n: 1, content: null }).execute();
        await transaction.insertInto('tag').values({ note_id: 'nobody', name: 'x' }).execute();
      });
    await t.rejects(failed, { code: 'conflict' });
    await t.rejects(openNotes('', options), { code: 'locked' });
  }
  await using again = await openNotes('', options);
  t.same(await allNotes(again), [['a', Date.UTC(2026, 1, 1)]], 'migrated once, kept');
});

t.test('an unreachable PostgreSQL is told without the password', async (t) => {
  const opening = openNotes('', { url: 'postgres://headgate:very-secret@127.0.0.1:1/headgate' });
  const error: unknown = await opening.then(
    () => null,
    (reason: unknown) => reason,
  );
  t.match(error, { code: 'upstream_unreachable' });
  t.notMatch(String(error), /very-secret/);
});
