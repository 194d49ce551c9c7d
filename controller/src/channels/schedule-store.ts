// The schedule on disk: the one table that stream, guide and API read.
import { setImmediate as turn } from 'node:timers/promises';
import { CompiledQuery, type Kysely } from 'kysely';
import { itemKey } from './catalogue-item.ts';
import type { ScheduleEntry } from './schedule-entry.ts';
import { type EntryRow, type ScheduleTables, toEntry, toRow } from './schedule-rows.ts';

/** How far a channel is planned, and what the planner must know to go on from there (its own JSON). */
export type Progress = { readonly throughMs: number | null; readonly memory: unknown };

export type Rewrite = {
  readonly channelId: number;
  /** Automatic rows that start at or after this go; null: none does. */
  readonly fromMs: number | null;
  /** Ids of others that go. */
  readonly dropped: readonly string[];
  /** What comes in their place. */
  readonly entries: readonly ScheduleEntry[];
  /** Null: stays as it is. */
  readonly progress: Progress | null;
};

export type ScheduleStore = {
  /** The row with start <= ms < end. */
  at(channelId: number, ms: number): Promise<ScheduleEntry | null>;
  /** Rows that overlap [fromMs, toMs), by start. */
  range(channelId: number, fromMs: number, toMs: number): Promise<readonly ScheduleEntry[]>;
  /** The first row that starts at or after `ms`. */
  next(channelId: number, ms: number): Promise<ScheduleEntry | null>;
  entry(id: string): Promise<ScheduleEntry | null>;
  /** Manual ones that end after this, by start. */
  manual(channelId: number, afterMs: number): Promise<readonly ScheduleEntry[]>;
  /** When each item (by `itemKey`) last began in [sinceMs, beforeMs). */
  lastAired(channelId: number, sinceMs: number, beforeMs: number): Promise<ReadonlyMap<string, number>>;
  progress(channelId: number): Promise<Progress>;
  /** End of the last automatic entry; from memory. */
  generatedThrough(channelId: number): number | null;
  /** All or nothing. Nobody reads a table half written. @throws ControllerError storage_failed, conflict for a channel that is gone */
  rewrite(change: Rewrite): Promise<void>;
  /** Entries that ended before this. */
  prune(channelId: number, beforeMs: number): Promise<void>;
  forget(channelId: number): void;
};

/** One statement of this many rows takes 2 ms of the event loop; between two, streams and requests have their turn. */
const ROWS_AT_ONCE = 100;
const DAY_MS = 86_400_000;

export async function openScheduleStore(db: Kysely<ScheduleTables>): Promise<ScheduleStore> {
  const through = new Map<number, number | null>();
  const insertRows = createInsert();
  for (const row of await db.selectFrom('channel_schedules').select(['channel_id', 'generated_through']).execute())
    through.set(row.channel_id, row.generated_through);
  return {
    at: async (channelId, ms) => {
      const last = await lastStarted(db, channelId, ms);
      return last !== null && last.endMs > ms ? last : null;
    },
    range: (channelId, fromMs, toMs) => readRange(db, { channelId, fromMs, toMs }),
    async next(channelId, ms) {
      const row = await db
        .selectFrom('schedule_entries')
        .selectAll()
        .where('channel_id', '=', channelId)
        .where('start_ms', '>=', ms)
        .orderBy('start_ms')
        .limit(1)
        .executeTakeFirst();
      return row === undefined ? null : toEntry(row);
    },
    async entry(id) {
      const row = await db.selectFrom('schedule_entries').selectAll().where('id', '=', id).executeTakeFirst();
      return row === undefined ? null : toEntry(row);
    },
    manual: (channelId, afterMs) => readManual(db, channelId, afterMs),
    lastAired: (channelId, sinceMs, beforeMs) => readLastAired(db, channelId, sinceMs, beforeMs),
    async progress(channelId) {
      const row = await db.selectFrom('channel_schedules').selectAll().where('channel_id', '=', channelId).executeTakeFirst();
      const memory: unknown = typeof row?.memory === 'string' ? JSON.parse(row.memory) : null;
      return { throughMs: row?.generated_through ?? null, memory };
    },
    generatedThrough: (channelId) => through.get(channelId) ?? null,
    async rewrite(change) {
      await db.transaction().execute((tx) => rewriteRows(tx, insertRows, change));
      if (change.progress !== null) through.set(change.channelId, change.progress.throughMs);
    },
    async prune(channelId, beforeMs) {
      await db
        .deleteFrom('schedule_entries')
        .where('channel_id', '=', channelId)
        .where('start_ms', '<', beforeMs)
        .where('end_ms', '<', beforeMs)
        .execute();
    },
    forget: (channelId) => void through.delete(channelId),
  };
}

/** Entries do not overlap, so whatever runs at `ms` is the last one that started. */
async function lastStarted(db: Kysely<ScheduleTables>, channelId: number, ms: number): Promise<ScheduleEntry | null> {
  const row = await db
    .selectFrom('schedule_entries')
    .selectAll()
    .where('channel_id', '=', channelId)
    .where('start_ms', '<=', ms)
    .orderBy('start_ms', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row === undefined ? null : toEntry(row);
}

type Window = {
  readonly channelId: number;
  readonly fromMs: number;
  readonly toMs: number;
};

async function readRange(db: Kysely<ScheduleTables>, { channelId, fromMs, toMs }: Window): Promise<ScheduleEntry[]> {
  const running = await lastStarted(db, channelId, fromMs);
  const lowest = running !== null && running.endMs > fromMs ? running.startMs : fromMs;
  const rows = await db
    .selectFrom('schedule_entries')
    .selectAll()
    .where('channel_id', '=', channelId)
    .where('start_ms', '>=', lowest)
    .where('start_ms', '<', toMs)
    .orderBy('start_ms')
    .execute();
  return rows.map(toEntry);
}

async function readManual(db: Kysely<ScheduleTables>, channelId: number, afterMs: number): Promise<ScheduleEntry[]> {
  const rows = await db
    .selectFrom('schedule_entries')
    .selectAll()
    .where('channel_id', '=', channelId)
    // None is longer than a day; this is what the index needs.
    .where('start_ms', '>', afterMs - 2 * DAY_MS)
    .where('end_ms', '>', afterMs)
    .where('origin', '=', 'manual')
    .orderBy('start_ms')
    .execute();
  return rows.map(toEntry);
}

async function readLastAired(
  db: Kysely<ScheduleTables>,
  channelId: number,
  sinceMs: number,
  beforeMs: number,
): Promise<ReadonlyMap<string, number>> {
  const rows = await db
    .selectFrom('schedule_entries')
    .select(['server', 'item_id', ({ fn }) => fn.max('start_ms').as('at')])
    .where('channel_id', '=', channelId)
    .where('start_ms', '>=', sinceMs)
    .where('start_ms', '<', beforeMs)
    .where('item_id', 'is not', null)
    .groupBy(['server', 'item_id'])
    .execute();
  return new Map(rows.map(({ server, item_id, at }) => [itemKey({ server: server ?? '', id: item_id ?? '' }), Number(at)]));
}

type InsertRows = (tx: Kysely<ScheduleTables>, rows: readonly EntryRow[]) => Promise<void>;

/** Making the text of an insertion takes as long as carrying it out: so many rows always have the same. All rows have all columns. */
function createInsert(): InsertRows {
  const texts = new Map<number, string>();
  return async (tx, rows) => {
    const text = texts.get(rows.length) ?? tx.insertInto('schedule_entries').values(rows).compile().sql;
    texts.set(rows.length, text);
    await tx.executeQuery(CompiledQuery.raw(text, rows.flatMap(Object.values)));
  };
}

async function rewriteRows(tx: Kysely<ScheduleTables>, insertRows: InsertRows, change: Rewrite): Promise<void> {
  const { channelId, fromMs, dropped, entries, progress } = change;
  if (fromMs !== null)
    await tx
      .deleteFrom('schedule_entries')
      .where('channel_id', '=', channelId)
      .where('start_ms', '>=', fromMs)
      .where('origin', '=', 'auto')
      .execute();
  for (const id of dropped) await tx.deleteFrom('schedule_entries').where('id', '=', id).execute();
  for (let i = 0; i < entries.length; i += ROWS_AT_ONCE) {
    await turn();
    await insertRows(tx, entries.slice(i, i + ROWS_AT_ONCE).map(toRow));
  }
  if (progress === null) return;
  const row = {
    generated_through: progress.throughMs,
    memory: progress.memory === null ? null : JSON.stringify(progress.memory),
  };
  await tx
    .insertInto('channel_schedules')
    .values({ channel_id: channelId, ...row })
    .onConflict((conflict) => conflict.column('channel_id').doUpdateSet(row))
    .execute();
}
