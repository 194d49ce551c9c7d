// Pure: what is wrong with an entry that somebody puts into the schedule by hand.
import type { ScheduleEntry } from '../schedule-entry.ts';

export type Placed = Pick<ScheduleEntry, 'id' | 'startMs' | 'endMs' | 'origin' | 'title'>;

const LONGEST_ENTRY_MS = 24 * 3_600_000;
/** Beyond it the schedule is not planned for years, and a wrong unit (s for ms) shows. */
const FURTHEST_MS = 366 * 24 * 3_600_000;

/**
 * A sentence, or null where nothing is. `neighbours`: the channel's other entries; automatic ones give way, manual ones do not. Times are
 * UTC ms in whole seconds.
 */
export function problemOf(entry: Omit<Placed, 'origin'>, neighbours: readonly Placed[], nowMs: number): string | null {
  const { startMs, endMs } = entry;
  if (!Number.isSafeInteger(startMs) || !Number.isSafeInteger(endMs)) return 'start and end must be times';
  if (endMs < startMs) return 'end is before start';
  if (endMs === startMs) return 'end is at start: the entry would have no duration';
  if (endMs - startMs > LONGEST_ENTRY_MS) return 'end is more than 24 hours after start';
  if (startMs % 1000 !== 0 || endMs % 1000 !== 0) return 'start and end must be whole seconds';
  if (startMs < nowMs) return 'start is in the past';
  if (startMs > nowMs + FURTHEST_MS) return 'start is more than a year ahead';
  const other = neighbours.find(
    (one) => one.origin === 'manual' && one.id !== entry.id && one.startMs < endMs && startMs < one.endMs,
  );
  if (!other) return null;
  const [from, to] = [new Date(other.startMs).toISOString(), new Date(other.endMs).toISOString()];
  return `overlaps the manual entry ${other.id} (${other.title}), ${from} to ${to}`;
}
