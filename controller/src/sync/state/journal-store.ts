// What was written to whom: old and new values, so that a person can see why, and take it back.
import { type Kysely, sql } from 'kysely';
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
  const { atMs, origin, target, person, identity, itemId, itemName, eventType, before, after, success, message } = entry;
  await sql`
    insert into sync_log
      (id, at_ms, origin, target, person, identity, item_id, item_name, event_type, before, after, success, message)
    values
      (${id}, ${atMs}, ${origin}, ${target}, ${person}, ${identity}, ${itemId}, ${itemName}, ${eventType},
       ${JSON.stringify(before)}, ${JSON.stringify(after)}, ${success ? 1 : 0}, ${message})`.execute(tx);
}
