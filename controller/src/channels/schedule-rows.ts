// Pure: schedule entries as rows of their table, and back.
import type { ScheduleEntry } from './schedule-entry.ts';

export type EntryRow = {
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

export const toRow = (entry: ScheduleEntry): EntryRow => ({
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

export const toEntry = (row: EntryRow): ScheduleEntry => ({
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
