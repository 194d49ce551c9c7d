// A database of sql.js in a file that grows in place: where it stands, what is in it, and what a statement beyond all room does.
import initSqlJs, { type Database } from 'sql.js';
import t from 'tap';
import { createGrowingFile, type GrowingFile } from '../../src/database/growing-file.ts';
import { createSqliteEngine } from '../../src/database/sqlite-engine.ts';

const MIB = 2 ** 20;
const { Database: Sqlite } = await initSqlJs();

function openGrowing(): { readonly db: Database; readonly file: GrowingFile } {
  const made = new Sqlite();
  made.run('create table note (id integer primary key, text blob)');
  const file = createGrowingFile(made.export());
  made.close();
  return { db: new Sqlite(file.data), file };
}
const ask = (db: Database, sql: string) => db.exec(sql)[0]?.values[0]?.[0];
const stands = (file: GrowingFile, sign: string): boolean => Buffer.from(file.contents).includes(sign);

t.test('40 MB are written row by row: the file is still where it was made, and whole', async (t) => {
  const { db, file } = openGrowing();
  const row = new Uint8Array(100_000).fill(7);
  for (let id = 0; id < 400; id += 1) {
    row.set(new TextEncoder().encode(`note ${id} of 400`));
    db.run('insert into note values (?, ?)', [id, row]);
    file.makeRoom();
  }
  t.equal(ask(db, 'pragma integrity_check'), 'ok');
  t.ok(stands(file, 'note 399 of 400'), 'the last row is in our array');
  t.ok(file.contents.length > 48 * MIB && file.contents.length < 80 * MIB, `${file.contents.length} bytes`);
  t.equal(db.export().length <= file.contents.length, true);
  db.close();
});

t.test('one statement that needs more than there is room for is carried out all the same', async (t) => {
  const { db, file } = openGrowing();
  db.run('insert into note values (1, zeroblob(60000000))');
  file.makeRoom();
  db.run('insert into note values (2, ?)', [new TextEncoder().encode('after it')]);
  file.makeRoom();
  t.equal(ask(db, 'select length(text) from note where id = 1'), 60_000_000);
  t.equal(ask(db, 'pragma integrity_check'), 'ok');
  t.notOk(stands(file, 'after it'), 'sql.js has the file elsewhere now');
  db.close();
});

t.test(
  'what is taken out and what comes later are told from each other; the bytes that were given stay as they were',
  async (t) => {
    const engine = await createSqliteEngine();
    engine.run('create table note (id integer primary key)', []);
    engine.run('insert into note values (1)', []);
    const copy = engine.export();
    const before = Buffer.from(copy);
    engine.load(copy);
    engine.run('insert into note values (2)', []);
    t.same(engine.run('select count(*) as n from note', []).rows, [{ n: 2 }]);
    t.ok(before.equals(copy));
    engine.load(copy);
    t.same(engine.run('select count(*) as n from note', []).rows, [{ n: 1 }]);
    engine.load(null);
    t.same(engine.run('select count(*) as n from sqlite_schema', []).rows, [{ n: 0 }]);
    t.throws(() => engine.load(new Uint8Array(5_000).fill(1)), /not a database/);
    engine.load(new Uint8Array(0));
    t.same(engine.run('select count(*) as n from sqlite_schema', []).rows, [{ n: 0 }]);
    engine.close();
  },
);
