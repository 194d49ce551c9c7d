// When the media servers are asked to read the guide again: one refresh for all changes of a while.
import type { Clock } from '../../clock.ts';

/** After the last change of the schedule, and after the first of a series of changes. */
const QUIET_MS = 60_000;
const SOON_MS = 4_000;
const LONGEST_MS = 10 * 60_000;

/** When a refresh is due, of changes that come one by one or in hundreds. */
export const createRefreshDebounce = (clock: Pick<Clock, 'monotonic'>) => {
  let firstAt: number | null = null;
  let lastAt = 0;
  let quietMs = QUIET_MS;
  return {
    /** @param soon somebody waits for it: a channel came or went, or has another name */
    note(soon: boolean) {
      lastAt = clock.monotonic();
      firstAt ??= lastAt;
      if (soon) quietMs = SOON_MS;
    },
    /** True once for each series of changes. */
    take(): boolean {
      const now = clock.monotonic();
      if (firstAt === null || (now - lastAt < quietMs && now - firstAt < LONGEST_MS)) return false;
      firstAt = null;
      quietMs = QUIET_MS;
      return true;
    },
  };
};
