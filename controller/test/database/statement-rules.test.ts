// Which statements are read, written, refused.
import t from 'tap';
import { statementKind } from '../../src/database/statement-rules.ts';

const cases: [kind: string, sql: string][] = [
  ['read', 'select * from "note" where at < datetime(\'now\')'],
  ['read', 'with a as (select 1) select * from a'],
  ['read', 'select \'insert\', "update" from x -- delete'],
  ['read', 'pragma table_info(note)'],
  ['read', 'values (1), (2)'],
  ['write', 'insert into "random" ("date", "text") values (?, \'current_timestamp; random()\')'],
  ['write', 'with a as (select 1) insert into note select * from a'],
  ['write', 'create table "x" ("at" bigint not null)'],
  ['write', 'update note set n = replace(id, ?, ?)'],
  ['write', 'delete from note;'],
  ['write', 'insert into note values (?) on conflict (id) do update set n = excluded.n'],
  ['write', 'create trigger a after insert on note begin update note set n = 1; delete from tag; end'],
  ['refused', 'insert into note values (random())'],
  ['refused', 'insert into note values (hex(randomblob(16)))'],
  ['refused', 'create table x (at text default current_timestamp)'],
  ['refused', 'update note set n = unixepoch()'],
  ['refused', "insert into note values (datetime ('now'))"],
  ['refused', 'insert into tag values (last_insert_rowid())'],
  ['refused', 'insert or rollback into note values (1)'],
  ['refused', 'begin'],
  ['refused', 'commit'],
  ['refused', 'vacuum'],
  ['refused', "attach 'x' as y"],
  ['refused', 'pragma journal_mode = wal'],
  ['refused', 'pragma foreign_keys(0)'],
  ['refused', 'delete from note; delete from tag'],
  ['refused', ''],
];

for (const [kind, sql] of cases) {
  t.test(`${kind}: ${sql}`, async (t) => {
    t.equal(statementKind(sql).kind, kind);
  });
}
