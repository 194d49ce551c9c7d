// What was written to whom, the newest first, as it is asked for; and how the log is kept small.
import { setImmediate as turn } from 'node:timers/promises';
import { type Kysely, type Selectable, sql } from 'kysely';
import type { SyncTables } from '../state/sync-tables.ts';

type Db = Kysely<SyncTables>;
export type LogRow = Selectable<SyncTables['sync_log']>;

export type LogQuery = {
  readonly limit: number;
  readonly offset: number;
  /** UTC ms. */
  readonly sinceMs: number | null;
  readonly source: string | null;
  readonly target: string | null;
  readonly eventType: string | null;
  /** Part of it, in whatever letters. */
  readonly itemName: string | null;
};

/** Counts all that fits, which is bounded as the log is. */
export async function readLog(db: Db, query: LogQuery): Promise<{ readonly entries: readonly LogRow[]; readonly total: number }> {
  const fitting = fits(db, query);
  const entries = await fitting
    .selectAll()
    .orderBy('at_ms', 'desc')
    .orderBy('id', 'desc')
    .limit(query.limit)
    .offset(query.offset)
    .execute();
  if (query.offset === 0 && entries.length < query.limit) return { entries, total: entries.length };
  const counted = await fitting.select(({ fn }) => fn.countAll().as('total')).executeTakeFirst();
  return { entries, total: Number(counted?.total ?? 0) };
}

function fits(db: Db, { sinceMs, source, target, eventType, itemName }: LogQuery) {
  // Also where any time will do: then the index of times is walked from the newest, where all would be read and sorted.
  let fitting = db.selectFrom('sync_log').where('at_ms', '>=', sinceMs ?? 0);
  if (source !== null) fitting = fitting.where('origin', '=', source);
  if (target !== null) fitting = fitting.where('target', '=', target);
  if (eventType !== null) fitting = fitting.where(sql<boolean>`event_type = ${eventType}`);
  if (itemName !== null) {
    const pattern = `%${itemName.toLowerCase().replaceAll(/[\\%_]/g, (sign) => `\\${sign}`)}%`;
    fitting = fitting.where(sql<boolean>`lower(item_name) like ${pattern} escape '\\'`);
  }
  return fitting;
}

/** Of one person's item, the newest first. */
export async function logOf(
  db: Db,
  { person, identity }: { person: string; identity: string },
  limit: number,
): Promise<readonly LogRow[]> {
  const rows = await db
    .selectFrom('sync_log')
    .selectAll()
    .where('person', '=', person)
    .where('identity', '=', identity)
    .orderBy('at_ms', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
  return rows;
}

/** Some ms each. */
const PRUNED_AT_ONCE = 1_000;
/** Whatever its days: an entry takes about 400 bytes of memory. */
const MOST_ENTRIES = 100_000;

/** Entries older than this go, and the oldest of too many. Answers with how many went. */
export async function pruneLog(db: Db, beforeMs: number, mostEntries = MOST_ENTRIES): Promise<number> {
  const tooMany = await db
    .selectFrom('sync_log')
    .select('at_ms')
    .orderBy('at_ms', 'desc')
    .offset(mostEntries)
    .limit(1)
    .executeTakeFirst();
  const lastMs = Math.max(beforeMs - 1, tooMany?.at_ms ?? 0);
  for (let pruned = 0; ; await turn()) {
    const rows = await db
      .selectFrom('sync_log')
      .select('id')
      .where('at_ms', '<=', lastMs)
      .orderBy('at_ms')
      .limit(PRUNED_AT_ONCE)
      .execute();
    if (rows.length === 0) return pruned;
    const ids = rows.map(({ id }) => id);
    await db.deleteFrom('sync_log').where('at_ms', '<=', lastMs).where('id', 'in', ids).execute();
    pruned += rows.length;
  }
}
