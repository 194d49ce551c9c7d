// For the tests: a real database with all of sync's tables in it.
import type { Test } from 'tap';
import { systemClock } from '../../src/clock.ts';
import { migrations } from '../../src/database/migrations/index.ts';
import { type Database, openDatabase } from '../../src/database/open-database.ts';
import { silentLog } from '../../src/log.ts';
import type { QueueRow } from '../../src/sync/state/queue-store.ts';
import type { SyncTables } from '../../src/sync/state/sync-tables.ts';
import { temporaryFolder } from '../database/notes-database.ts';

export type SyncDatabase = { readonly database: Database; readonly db: ReturnType<typeof tablesOf>; readonly path: string };

const tablesOf = (database: Database) => database.tables<SyncTables>();

/** Closed after the test. */
export async function openSyncDatabase(t: Test): Promise<SyncDatabase> {
  const folder = await temporaryFolder();
  const database = await openDatabase({ path: folder.path, log: silentLog, clock: systemClock, migrations });
  t.teardown(async () => {
    await database[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });
  return { database, db: tablesOf(database), path: folder.path };
}

export const queueRow = (id: number, more: Partial<QueueRow> = {}): QueueRow => ({
  ...{ server: 'barn', person: 'anna', identity: `tmdb:${id}`, id, version: 1, status: 'pending', event_type: 'watched' },
  ...{ origin: 'attic', item_name: `Film ${id}`, item_path: null, due_ms: 1_000 + id, attempts: 0, absent_tries: 0 },
  ...{ problem: null, created_ms: 1_000 + id },
  ...more,
});

export type LogRow = SyncTables['sync_log'];

export const logRow = (id: number, more: Partial<LogRow> = {}): LogRow => ({
  ...{ id, at_ms: id * 1_000, origin: 'attic', target: 'barn', person: 'anna', identity: `tmdb:${id}`, item_id: `item-${id}` },
  ...{ item_name: `Film ${id}`, event_type: 'favorite', before: '{"favourite":false}', after: '{"favourite":true}' },
  ...{ success: 1, message: 'synced' },
  ...more,
});
