// Entries that somebody puts into a schedule by hand: checked, placed, moved, taken out.
import { randomUUID } from 'node:crypto';
import { ControllerError } from '../errors.ts';
import type { CatalogueItem } from './catalogue-item.ts';
import { serverOf } from './channel-input.ts';
import type { StoredChannel } from './channel-store.ts';
import type { Channels, ChannelsDeps } from './channels.ts';
import type { Planner } from './planner.ts';
import { problemOf } from './schedule/check-entry.ts';
import type { ScheduleEntry } from './schedule-entry.ts';
import type { EntryBody, EntryChange } from './schedules-api.ts';

type Deps = Pick<ChannelsDeps, 'stores' | 'catalogue' | 'home' | 'clock'> & { readonly planner: Planner };

export function createManualEntries(deps: Deps): Pick<Channels, 'entry' | 'addEntry' | 'changeEntry' | 'removeEntry'> {
  const { stores, planner, clock } = deps;
  const stored = async (id: string): Promise<ScheduleEntry> => {
    const entry = await stores.schedule.entry(id);
    if (entry === null) throw new ControllerError('not_found', `there is no entry ${id}`);
    return entry;
  };
  const place = async (channel: StoredChannel, entry: ScheduleEntry, old: ScheduleEntry | null): Promise<ScheduleEntry> => {
    await planner.place(channel, (manual) => {
      const problem = problemOf(entry, manual, clock.now());
      if (problem !== null) throw new ControllerError('input_invalid', `body.${keyOf(problem)}: ${problem}`);
      return { put: [entry], drop: old === null ? [] : [old] };
    });
    return entry;
  };
  return {
    entry: stored,
    async addEntry(body) {
      const channel = stores.channels.get(body.channel_id);
      if (channel === null) throw new ControllerError('input_invalid', `body.channel_id: there is no channel ${body.channel_id}`);
      return place(channel, entryOf(deps, body), null);
    },
    async changeEntry(id, body) {
      const old = await stored(id);
      const channel = stores.channels.get(old.channelId);
      if (channel === null) throw new ControllerError('not_found', `there is no entry ${id}`);
      if (old.startMs <= clock.now()) throw new ControllerError('conflict', 'the entry has begun: delete it, or skip it');
      // Another one that a person chose stands by itself, and an automatic one that was changed is chosen too.
      const changed = entryOf(deps, { ...bodyOf(old), ...defined(body) });
      return place(channel, { ...changed, id: old.origin === 'manual' ? old.id : changed.id }, old);
    },
    async removeEntry(id) {
      const entry = await stored(id);
      const channel = stores.channels.get(entry.channelId);
      if (channel === null) throw new ControllerError('not_found', `there is no entry ${id}`);
      if (entry.endMs > clock.now()) await planner.place(channel, () => ({ put: [], drop: [entry] }));
      else await stores.schedule.rewrite({ channelId: channel.id, fromMs: null, dropped: [id], entries: [], progress: null });
    },
  };
}

/** Which field of the body a sentence of the checker is about. */
const keyOf = (problem: string): string => (problem.startsWith('end') ? 'duration' : 'start_time');

/** @throws ControllerError input_invalid for an item that no library has */
function entryOf({ catalogue, home }: Deps, body: EntryBody): ScheduleEntry {
  const server = serverOf(home.servers)('body', body.server);
  const item = catalogue.item({ server, id: body.media_item_id });
  if (item === null)
    throw new ControllerError(
      'input_invalid',
      `body.media_item_id: no library of the channels has an item ${body.media_item_id}`,
    );
  // JavaScript's own dates have milliseconds; the schedule has none.
  const startMs = Math.round(Date.parse(body.start_time) / 1_000) * 1_000;
  const lengthMs = body.duration === undefined ? Math.ceil(item.durationMs / 1_000) * 1_000 : body.duration * 1_000;
  return {
    id: `m-${randomUUID()}`,
    channelId: body.channel_id,
    startMs,
    endMs: startMs + lengthMs,
    kind: 'programme',
    origin: 'manual',
    ...namesOf(item, body),
    item: { server, id: item.id, libraryId: body.library_id ?? item.libraryId },
    fromMs: 0,
    genres: body.genres ?? item.genres,
    fixed: true,
  };
}

const namesOf = (item: CatalogueItem, body: EntryBody) => ({
  title: body.title ?? item.title,
  seriesTitle: body.series_name === undefined ? (item.series?.title ?? null) : body.series_name,
  season: body.season_number === undefined ? item.season : body.season_number,
  episode: body.episode_number === undefined ? item.episode : body.episode_number,
});

/** An entry as somebody would have posted it. */
const bodyOf = (entry: ScheduleEntry): EntryBody => ({
  channel_id: entry.channelId,
  media_item_id: entry.item?.id ?? '',
  ...(entry.item === null ? {} : { server: entry.item.server, library_id: entry.item.libraryId }),
  title: entry.title,
  series_name: entry.seriesTitle,
  season_number: entry.season,
  episode_number: entry.episode,
  genres: [...entry.genres],
  start_time: new Date(entry.startMs).toISOString(),
  duration: (entry.endMs - entry.startMs) / 1_000,
});

/** Another item brings its own names and length, unless the body says them. */
function defined(body: EntryChange): Partial<EntryBody> {
  const given = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
  if (body.media_item_id === undefined) return given;
  const own = { title: undefined, series_name: undefined, season_number: undefined, episode_number: undefined };
  return { ...own, genres: undefined, duration: undefined, library_id: undefined, ...given } as Partial<EntryBody>;
}
