// What is still to be brought to which server: one row for a person's item there, so that the newest replaces what it overtakes.
import { type Kysely, type Selectable, sql } from 'kysely';
import type { EventType, QueueStatus, SyncTables } from './sync-tables.ts';

type Tx = Kysely<SyncTables>;

export type QueueRow = Selectable<SyncTables['sync_queue']>;
export type QueueKey = { readonly server: string; readonly person: string; readonly identity: string };

export type Wanted = QueueKey & {
  readonly eventType: EventType;
  readonly origin: string;
  readonly itemName: string;
  readonly itemPath: string | null;
  readonly dueMs: number;
};

/**
 * A row that is to be brought keeps its id and age, and is due at the earlier moment; one that was set aside or waited for its item begins anew, as what
 * makes the queue late. What made it fail is forgotten: this is another value.
 */
export async function enqueue(tx: Tx, wanted: Wanted, { nowMs, newId }: { nowMs: number; newId: () => number }): Promise<void> {
  const { server, person, identity, eventType, origin, itemName, itemPath, dueMs } = wanted;
  // One statement as text: there is one for each server that each change is brought to.
  await sql`
    insert into sync_queue
      (server, person, identity, id, version, status, event_type, origin, item_name, item_path, due_ms, attempts, absent_tries, problem, created_ms)
    values
      (${server}, ${person}, ${identity}, ${newId()}, 1, 'pending', ${eventType}, ${origin}, ${itemName}, ${itemPath}, ${dueMs}, 0, 0, null, ${nowMs})
    on conflict (server, person, identity) do update set
      version = sync_queue.version + 1,
      id = case when sync_queue.status = 'pending' then sync_queue.id else excluded.id end,
      created_ms = case when sync_queue.status = 'pending' then sync_queue.created_ms else excluded.created_ms end,
      status = 'pending',
      due_ms = case when sync_queue.status = 'pending' and sync_queue.due_ms < excluded.due_ms then sync_queue.due_ms else excluded.due_ms end,
      event_type = excluded.event_type, origin = excluded.origin, item_name = excluded.item_name, item_path = excluded.item_path,
      attempts = 0, absent_tries = 0, problem = null`.execute(tx);
}

export async function rowOf(tx: Tx, { server, person, identity }: QueueKey): Promise<QueueRow | null> {
  const row = await tx
    .selectFrom('sync_queue')
    .selectAll()
    .where('server', '=', server)
    .where('person', '=', person)
    .where('identity', '=', identity)
    .executeTakeFirst();
  return row ?? null;
}

export async function changeRow(tx: Tx, { server, person, identity }: QueueKey, change: Partial<QueueRow>): Promise<void> {
  await tx
    .updateTable('sync_queue')
    .set(change)
    .where('server', '=', server)
    .where('person', '=', person)
    .where('identity', '=', identity)
    .execute();
}

export async function dropRow(tx: Tx, { server, person, identity }: QueueKey): Promise<void> {
  await tx
    .deleteFrom('sync_queue')
    .where('server', '=', server)
    .where('person', '=', person)
    .where('identity', '=', identity)
    .execute();
}

/** What was set aside for another reason than that the item is not there: as if it were wanted anew. Answers with whether there was any. */
export async function wantRefusedAgain(tx: Tx, server: string, nowMs: number): Promise<boolean> {
  const { numUpdatedRows: found } = await tx
    .updateTable('sync_queue')
    .set((row) => ({ status: 'pending', due_ms: nowMs, attempts: 0, version: row('version', '+', 1) }))
    .where('server', '=', server)
    .where('status', '=', 'failed')
    .where('attempts', '>', 0)
    .executeTakeFirst();
  return found > 0n;
}

/** Done: unless it was wanted anew meanwhile. */
export async function removeRow(tx: Tx, { server, person, identity, version }: QueueRow): Promise<void> {
  await sql`
    delete from sync_queue
    where server = ${server} and person = ${person} and identity = ${identity} and version = ${version}`.execute(tx);
}

/** Whoever waits by a policy is tried again; whoever waits for the index has no moment. */
const DUE: readonly QueueStatus[] = ['pending', 'waiting'];
/** The end of JavaScript's times. */
export const NEVER_MS = 8_640_000_000_000_000;

/** What this server may be given now, the oldest first. */
export async function dueRows(tx: Tx, server: string, nowMs: number, most: number): Promise<readonly QueueRow[]> {
  return await tx
    .selectFrom('sync_queue')
    .selectAll()
    .where('server', '=', server)
    .where('status', 'in', DUE)
    .where('due_ms', '<=', nowMs)
    .orderBy('due_ms')
    .orderBy('id')
    .limit(most)
    .execute();
}

/** When the next of them is due; null where none waits. */
export async function nextDueMs(tx: Tx, server: string): Promise<number | null> {
  const row = await tx
    .selectFrom('sync_queue')
    .select('due_ms')
    .where('server', '=', server)
    .where('status', 'in', DUE)
    .orderBy('due_ms')
    .limit(1)
    .executeTakeFirst();
  return row?.due_ms ?? null;
}
