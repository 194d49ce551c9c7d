// The schedule on disk: the one table that stream, guide and API read.
import { setImmediate as turn } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import type { ScheduleEntry } from './schedule-entry.ts';

type EntryRow = {
  id: string;
  channel_id: number;
  start_ms: number;
  end_ms: number;
  kind: string;
  origin: string;
  title: string;
  series_title: string | null;
  season: number | null;
  episode: number | null;
  server: string | null;
  item_id: string | null;
  library_id: string | null;
  from_ms: number;
  genres: string;
  fixed: number;
};

export type ScheduleTables = {
  schedule_entries: EntryRow;
  channel_schedules: { channel_id: number; generated_through: number | null; memory: string | null };
};

/** How far a channel is planned, and what the planner must know to go on from there (its own JSON). */
export type Progress = { readonly throughMs: number | null; readonly memory: unknown };

export type Rewrite = {
  readonly channelId: number;
  /** Rows that start at or after this, and before `toMs`, go. Null: to the end. */
  readonly fromMs: number;
  readonly toMs: number | null;
  readonly entries: readonly ScheduleEntry[];
  /** Null: stays as it is. */
  readonly progress: Progress | null;
};

export type ScheduleStore = {
  /** The row with start <= ms < end. */
  at(channelId: number, ms: number): Promise<ScheduleEntry | null>;
  /** Rows that overlap [fromMs, toMs), by start; at most `limit`. */
  range(channelId: number, fromMs: number, toMs: number, limit?: number): Promise<readonly ScheduleEntry[]>;
  entry(id: string): Promise<ScheduleEntry | null>;
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

export async function openScheduleStore(db: Kysely<ScheduleTables>): Promise<ScheduleStore> {
  const through = new Map<number, number | null>();
  for (const row of await db.selectFrom('channel_schedules').select(['channel_id', 'generated_through']).execute())
    through.set(row.channel_id, row.generated_through);
  return {
    at: async (channelId, ms) => {
      const last = await lastStarted(db, channelId, ms);
      return last !== null && last.endMs > ms ? last : null;
    },
    range: (channelId, fromMs, toMs, limit) => readRange(db, { channelId, fromMs, toMs, limit }),
    async entry(id) {
      const row = await db.selectFrom('schedule_entries').selectAll().where('id', '=', id).executeTakeFirst();
      return row === undefined ? null : toEntry(row);
    },
    async progress(channelId) {
      const row = await db.selectFrom('channel_schedules').selectAll().where('channel_id', '=', channelId).executeTakeFirst();
      const memory: unknown = typeof row?.memory === 'string' ? JSON.parse(row.memory) : null;
      return { throughMs: row?.generated_through ?? null, memory };
    },
    generatedThrough: (channelId) => through.get(channelId) ?? null,
    async rewrite(change) {
      await db.transaction().execute((tx) => rewriteRows(tx, change));
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
  readonly limit: number | undefined;
};

async function readRange(db: Kysely<ScheduleTables>, { channelId, fromMs, toMs, limit }: Window): Promise<ScheduleEntry[]> {
  const running = await lastStarted(db, channelId, fromMs);
  const lowest = running !== null && running.endMs > fromMs ? running.startMs : fromMs;
  let query = db
    .selectFrom('schedule_entries')
    .selectAll()
    .where('channel_id', '=', channelId)
    .where('start_ms', '>=', lowest)
    .where('start_ms', '<', toMs)
    .orderBy('start_ms');
  if (limit !== undefined) query = query.limit(limit);
  return (await query.execute()).map(toEntry);
}

async function rewriteRows(tx: Kysely<ScheduleTables>, change: Rewrite): Promise<void> {
  const { channelId, fromMs, toMs, entries, progress } = change;
  let gone = tx.deleteFrom('schedule_entries').where('channel_id', '=', channelId).where('start_ms', '>=', fromMs);
  if (toMs !== null) gone = gone.where('start_ms', '<', toMs);
  await gone.execute();
  for (let i = 0; i < entries.length; i += ROWS_AT_ONCE) {
    await turn();
    await tx
      .insertInto('schedule_entries')
      .values(entries.slice(i, i + ROWS_AT_ONCE).map(toRow))
      .execute();
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

const toRow = (entry: ScheduleEntry): EntryRow => ({
  id: entry.id,
  channel_id: entry.channelId,
  start_ms: entry.startMs,
  end_ms: entry.endMs,
  kind: entry.kind,
  origin: entry.origin,
  title: entry.title,
  series_title: entry.seriesTitle,
  season: entry.season,
  episode: entry.episode,
  server: entry.item?.server ?? null,
  item_id: entry.item?.id ?? null,
  library_id: entry.item?.libraryId ?? null,
  from_ms: entry.fromMs,
  genres: JSON.stringify(entry.genres),
  fixed: entry.fixed ? 1 : 0,
});

const toEntry = (row: EntryRow): ScheduleEntry => ({
  id: row.id,
  channelId: row.channel_id,
  startMs: row.start_ms,
  endMs: row.end_ms,
  kind: row.kind as ScheduleEntry['kind'],
  origin: row.origin as ScheduleEntry['origin'],
  title: row.title,
  seriesTitle: row.series_title,
  season: row.season,
  episode: row.episode,
  item:
    row.server === null || row.item_id === null ? null : { server: row.server, id: row.item_id, libraryId: row.library_id ?? '' },
  fromMs: row.from_ms,
  genres: JSON.parse(row.genres) as string[],
  fixed: row.fixed === 1,
});
