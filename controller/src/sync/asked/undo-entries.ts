// What of the log somebody wants to take back.
import type { Kysely } from 'kysely';
import { ControllerError } from '../../errors.ts';
import type { WatchChange } from '../../neighbours/watch-state.ts';
import { REHEARSED } from '../state/journal-store.ts';
import type { SyncTables } from '../state/sync-tables.ts';
import type { Written } from './undo-plan.ts';

export type UndoScope =
  | { readonly id: number }
  /** UTC ms, both included. Null: whoever, wherever. */
  | { readonly sinceMs: number; readonly untilMs: number; readonly person: string | null; readonly server: string | null };

/** They are read and answered as a whole. */
const MOST = 5_000;

/** The oldest first. @throws ControllerError not_found · conflict for what was never written · input_invalid for too many */
export async function readEntries(db: Kysely<SyncTables>, scope: UndoScope): Promise<readonly Written[]> {
  const rows = 'id' in scope ? [await readOne(db, scope.id)] : await readRange(db, scope);
  return rows.map((row) => ({
    ...{ person: row.person, identity: row.identity, itemName: row.item_name, atMs: row.at_ms },
    ...{ before: JSON.parse(row.before) as WatchChange, after: JSON.parse(row.after) as WatchChange },
  }));
}

async function readOne(db: Kysely<SyncTables>, id: number) {
  const row = await db.selectFrom('sync_log').selectAll().where('id', '=', id).executeTakeFirst();
  if (row === undefined) throw new ControllerError('not_found', `the log has no entry ${id}`);
  if (row.success === 0 || row.message === REHEARSED)
    throw new ControllerError('conflict', `entry ${id} did not change anything: ${row.message}`);
  return row;
}

async function readRange(
  db: Kysely<SyncTables>,
  { sinceMs, untilMs, person, server }: Exclude<UndoScope, { readonly id: number }>,
) {
  let fitting = db
    .selectFrom('sync_log')
    .selectAll()
    .where('at_ms', '>=', sinceMs)
    .where('at_ms', '<=', untilMs)
    .where('success', '=', 1)
    .where('message', '<>', REHEARSED);
  if (person !== null) fitting = fitting.where('person', '=', person);
  if (server !== null) fitting = fitting.where('target', '=', server);
  const rows = await fitting
    .orderBy('at_ms')
    .orderBy('id')
    .limit(MOST + 1)
    .execute();
  if (rows.length > MOST)
    throw new ControllerError('input_invalid', `body.since: more than ${MOST} entries are in this time; take a shorter one`);
  return rows;
}
