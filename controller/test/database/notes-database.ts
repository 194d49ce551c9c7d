// For the tests: a temporary folder and a small database of notes in it.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/clock.ts';
import type { Migration } from '../../src/database/migration.ts';
import { type Database, type DatabaseOptions, openDatabase } from '../../src/database/open-database.ts';
import { type Log, silentLog } from '../../src/log.ts';

export type Notes = {
  note: { id: string; n: number; content: Uint8Array | null };
  tag: { note_id: string; name: string };
};

export const notesMigration: Migration = {
  name: '001-notes',
  up: async (db) => {
    await db.schema
      .createTable('note')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('n', 'bigint', (column) => column.notNull())
      .addColumn('content', 'bytea')
      .execute();
    await db.schema
      .createTable('tag')
      .addColumn('note_id', 'text', (column) => column.notNull().references('note.id').onDelete('cascade'))
      .addColumn('name', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('tag_key', ['note_id', 'name'])
      .execute();
  },
};

export type TemporaryFolder = AsyncDisposable & { readonly path: string };

export async function temporaryFolder(): Promise<TemporaryFolder> {
  const path = await mkdtemp(join(tmpdir(), 'headgate-database-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

export const openNotes = (path: string, options: Partial<DatabaseOptions> = {}): Promise<Database> =>
  openDatabase({ path, log: silentLog, clock: systemClock, migrations: [notesMigration], ...options });

/** Every note's id and number, in the order of ids. */
export const allNotes = async (db: Database): Promise<[string, number][]> => {
  const rows = await db.tables<Notes>().selectFrom('note').select(['id', 'n']).orderBy('id').execute();
  return rows.map((row) => [row.id, row.n]);
};

export const addNote = async (db: Database, id: string, n = 0, content: Uint8Array | null = null): Promise<void> => {
  await db.tables<Notes>().insertInto('note').values({ id, n, content }).execute();
};

/** Texts of all lines, with their level before them. */
export function recordingLog(lines: string[]): Log {
  const log: Log = {
    debug: (_, text) => lines.push(`debug ${text}`),
    info: (_, text) => lines.push(`info ${text}`),
    warn: (_, text) => lines.push(`warn ${text}`),
    error: (_, text) => lines.push(`error ${text}`),
    child: () => log,
  };
  return log;
}
