// What a Jellyfin tells a key of changes: its activity log, which goes on while we are away, and the task that looks through the libraries.
import * as z from 'zod';
import { ControllerError } from '../../errors.ts';
import type { ActivityEntry, ChangeFeeds } from '../../neighbours/synced-hints.ts';
import type { JellyfinHttp } from '../jellyfin-http.ts';
import { taskList } from '../live-tv-schemas.ts';
import { timeOf } from './watch-state-of.ts';

const text = z.string().nullish();

/** GET /System/ActivityLog/Entries, newest first. Entries are looked at one by one. */
const activityPage = z.object({ Items: z.array(z.unknown()) });
const activityAnswer = z.object({ Id: z.number(), Type: text, Date: z.string(), UserId: text, ItemId: text });

const PAGE = 500;
/** After weeks away it is cheaper to compare everything. */
const MAX_PAGES = 20;

/** Types by which they are known; names are in the server's language. A playing says that a state was saved, not what it is. */
const KINDS: Readonly<Record<string, ActivityEntry['kind']>> = {
  UserCreated: 'user-created',
  UserDeleted: 'user-deleted',
  VideoPlayback: 'played',
  VideoPlaybackStopped: 'played',
  AudioPlayback: 'played',
  AudioPlaybackStopped: 'played',
};

const BEGINNINGS = new Set(['VideoPlayback', 'AudioPlayback']);

/** Of nobody and nothing: nought in every place. */
const idOf = (id: string | null | undefined): string | null => (!id || /^[0-]+$/.test(id) ? null : id);

const entryOf = (raw: unknown): ActivityEntry | null => {
  const parsed = activityAnswer.safeParse(raw);
  const atMs = parsed.success ? timeOf(parsed.data.Date) : null;
  if (!parsed.success || atMs === null) return null;
  const { Id: id, Type: type, UserId: userId, ItemId: itemId } = parsed.data;
  const kind = Object.hasOwn(KINDS, type ?? '') ? KINDS[type ?? ''] : undefined;
  const entry = { id, atMs, kind: kind ?? 'other', userId: idOf(userId), itemId: idOf(itemId) };
  return kind === 'played' ? { ...entry, began: BEGINNINGS.has(type ?? '') } : entry;
};

/** Uses the server's own HTTP client, and with it its rest after a refused key. */
export const createChangeFeeds = (http: JellyfinHttp): ChangeFeeds => ({
  async activitySince(sinceMs, signal) {
    const minDate = new Date(sinceMs).toISOString();
    const found = new Map<number, ActivityEntry>();
    for (let page = 0; page < MAX_PAGES; page += 1) {
      // What comes meanwhile moves the rest to later pages: some come twice, none is left out.
      const query = { minDate, startIndex: page * PAGE, limit: PAGE };
      const { Items: items } = await http.ask(activityPage, { path: '/System/ActivityLog/Entries', query, signal });
      for (const entry of items.flatMap((raw) => entryOf(raw) ?? [])) found.set(entry.id, entry);
      if (items.length < PAGE) return { entries: oldestFirst(found), isComplete: true };
    }
    return { entries: oldestFirst(found), isComplete: false };
  },
  async libraryScan(signal) {
    const tasks = await http.ask(taskList, { path: '/ScheduledTasks', signal });
    const task = tasks.find(({ Key: key }) => key === 'RefreshLibrary');
    if (task === undefined) throw new ControllerError('upstream_failed', `${http.who} has no task RefreshLibrary`);
    const { State: state, LastExecutionResult: last } = task;
    return { isRunning: (state ?? 'Idle') !== 'Idle', lastEndMs: timeOf(last?.EndTimeUtc), lastStatus: last?.Status ?? null };
  },
});

const oldestFirst = (found: ReadonlyMap<number, ActivityEntry>): readonly ActivityEntry[] =>
  [...found.values()].sort((a, b) => a.atMs - b.atMs || a.id - b.id);
