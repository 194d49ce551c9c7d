// Pure: what the guide shows of a schedule. Filler and shows under five minutes go into the programme before them: Jellyfin reads the whole file again for each channel.
import type { ScheduleEntry } from '../schedule-entry.ts';

export type GuideProgramme = {
  readonly startMs: number;
  readonly endMs: number;
  /** The show; null for a stretch of small things, which goes by the channel's name. */
  readonly entry: ScheduleEntry | null;
};

/** Shorter ones have no line of their own (facts/channels.md §4.4). */
const SHORTEST_MS = 5 * 60_000;
/** Filler beyond this is a stretch of its own: a film must not seem to last all night. */
const MAX_FILLER_MS = 60 * 60_000;
const HOUR_MS = 3_600_000;

/**
 * @param entries by start, without overlaps. Real gaps stay gaps.
 * Where a stretch of small things is cut depends on the two neighbours of the cut only (a new hour, UTC), so that a programme keeps its start
 * wherever the reading begins: a moved start is a new item for Jellyfin. Only what lies within two hours of the first entry may differ.
 */
export function guideProgrammes(entries: readonly ScheduleEntry[]): readonly GuideProgramme[] {
  const programmes: { startMs: number; endMs: number; entry: ScheduleEntry | null; count: number; lastStartMs: number }[] = [];
  for (const entry of entries) {
    const { startMs, endMs } = entry;
    const last = programmes.at(-1);
    if (!hasOwnLine(entry) && last !== undefined && last.endMs === startMs && mayTake(last, entry)) {
      last.endMs = endMs;
      last.lastStartMs = startMs;
      last.count += 1;
      continue;
    }
    programmes.push({ startMs, endMs, entry, count: 1, lastStartMs: startMs });
  }
  return programmes.map(({ startMs, endMs, entry, count }) => ({
    startMs,
    endMs,
    // One clip alone is what its title says; many are a stretch.
    entry: entry !== null && (hasOwnLine(entry) || (count === 1 && entry.item !== null)) ? entry : null,
  }));
}

const hasOwnLine = ({ kind, startMs, endMs }: ScheduleEntry): boolean => kind === 'programme' && endMs - startMs >= SHORTEST_MS;

type Taking = { readonly entry: ScheduleEntry | null; readonly lastStartMs: number };

function mayTake({ entry, lastStartMs }: Taking, next: ScheduleEntry): boolean {
  if (entry !== null && hasOwnLine(entry)) return next.endMs - entry.endMs <= MAX_FILLER_MS;
  return Math.floor(lastStartMs / HOUR_MS) === Math.floor(next.startMs / HOUR_MS);
}
