// What was written to whom: old and new values, so that a person can see why, and take it back.
import type { Kysely } from 'kysely';
import type { WatchChange } from '../../neighbours/watch-state.ts';
import type { EventType, SyncTables } from './sync-tables.ts';

type Tx = Kysely<SyncTables>;

/** The message of what was only said. */
export const REHEARSED = 'dry run: nothing was written';

export type JournalEntry = {
  readonly atMs: number;
  /** The server where it was done, or who did it here. */
  readonly origin: string;
  readonly target: string;
  readonly person: string;
  readonly identity: string;
  /** On the target. */
  readonly itemId: string;
  readonly itemName: string;
  readonly eventType: EventType;
  /** Of the fields that were written. */
  readonly before: WatchChange;
  readonly after: WatchChange;
  readonly success: boolean;
  readonly message: string;
};

export async function writeJournal(tx: Tx, entry: JournalEntry, id: number): Promise<void> {
  await tx
    .insertInto('sync_log')
    .values({
      id,
      at_ms: entry.atMs,
      origin: entry.origin,
      target: entry.target,
      person: entry.person,
      identity: entry.identity,
      item_id: entry.itemId,
      item_name: entry.itemName,
      event_type: entry.eventType,
      before: JSON.stringify(entry.before),
      after: JSON.stringify(entry.after),
      success: entry.success ? 1 : 0,
      message: entry.message,
    })
    .execute();
}

/** Entries older than this go. */
export async function pruneJournal(tx: Tx, beforeMs: number): Promise<void> {
  await tx.deleteFrom('sync_log').where('at_ms', '<', beforeMs).execute();
}
