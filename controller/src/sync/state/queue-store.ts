// What is still to be brought to which server: one row for a person's item there, so that the newest replaces what it overtakes.
import type { Kysely, Selectable } from 'kysely';
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

/** A row that stands keeps its id; it is due at the earlier moment, and what made it fail is forgotten: this is another value. */
export async function enqueue(tx: Tx, wanted: Wanted, { nowMs, newId }: { nowMs: number; newId: () => number }): Promise<void> {
  const { server, person, identity } = wanted;
  const standing = await rowOf(tx, wanted);
  const fresh = {
    event_type: wanted.eventType,
    origin: wanted.origin,
    item_name: wanted.itemName,
    item_path: wanted.itemPath,
    attempts: 0,
    absent_tries: 0,
    problem: null,
  };
  if (standing === null) {
    const row = { ...fresh, status: 'pending' as const, due_ms: wanted.dueMs, created_ms: nowMs, version: 1, id: newId() };
    await tx
      .insertInto('sync_queue')
      .values({ server, person, identity, ...row })
      .execute();
    return;
  }
  const status: QueueStatus = standing.status === 'held' ? 'held' : 'pending';
  const dueMs = standing.status === 'pending' ? Math.min(standing.due_ms, wanted.dueMs) : wanted.dueMs;
  await changeRow(tx, wanted, { ...fresh, status, due_ms: dueMs, version: standing.version + 1 });
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

/** Done: unless it was wanted anew meanwhile. */
export async function removeRow(tx: Tx, { server, person, identity, version }: QueueRow): Promise<void> {
  await tx
    .deleteFrom('sync_queue')
    .where('server', '=', server)
    .where('person', '=', person)
    .where('identity', '=', identity)
    .where('version', '=', version)
    .execute();
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
