// The queue as it is shown: counted and listed by an index, never read whole.
import type { Kysely } from 'kysely';
import type { QueueRow } from '../state/queue-store.ts';
import type { QueueStatus, SyncTables } from '../state/sync-tables.ts';
import { noCounts, type QueueCounts, STATUSES } from './queue-counts.ts';

type Db = Kysely<SyncTables>;

/** By server; servers without rows are missing. */
export async function countQueue(db: Db): Promise<ReadonlyMap<string, QueueCounts>> {
  const rows = await db
    .selectFrom('sync_queue')
    .select(({ fn }) => ['server', 'status', fn.countAll().as('rows')])
    .groupBy(['server', 'status'])
    .execute();
  const counts = new Map<string, QueueCounts>();
  for (const { server, status, rows: count } of rows)
    counts.set(server, { ...(counts.get(server) ?? noCounts), [status]: Number(count) });
  return counts;
}

/** UTC ms; null where nothing is pending for this server. */
export async function oldestPendingMs(db: Db, server: string): Promise<number | null> {
  const [row] = await listQueue(db, { servers: [server], status: 'pending', limit: 1 });
  return row?.created_ms ?? null;
}

export type QueueList = {
  readonly servers: readonly string[];
  readonly status: QueueStatus;
  readonly limit: number;
  /** Only those with a larger number. */
  readonly afterId?: number;
};

/** The oldest first. */
export async function listQueue(db: Db, { servers, status, limit, afterId = 0 }: QueueList): Promise<readonly QueueRow[]> {
  const lists = await Promise.all(
    servers.map((server) =>
      db
        .selectFrom('sync_queue')
        .selectAll()
        .where('server', '=', server)
        .where('status', '=', status)
        .where('id', '>', afterId)
        .orderBy('id')
        .limit(limit)
        .execute(),
    ),
  );
  return lists
    .flat()
    .sort((a, b) => a.id - b.id)
    .slice(0, limit);
}

/** Null: there is none of this number any more. */
export async function queueRow(db: Db, servers: readonly string[], id: number): Promise<QueueRow | null> {
  if (servers.length === 0) return null;
  const row = await db
    .selectFrom('sync_queue')
    .selectAll()
    .where('server', 'in', servers)
    .where('status', 'in', STATUSES)
    .where('id', '=', id)
    .executeTakeFirst();
  return row ?? null;
}
