// How often a position that goes on is passed on: at most once in a while, and the last one always.
import type { Change } from './observe.ts';

export type ProgressPace = {
  /** When this change is to be passed on, UTC ms. `key`: a person and an item. */
  dueMs(key: string, changes: readonly Pick<Change, 'field'>[], nowMs: number): number;
};

/** Of items that somebody plays now; an old one only costs a delivery that could have waited. */
const MOST_REMEMBERED = 5_000;

export function createProgressPace(debounceMs: number): ProgressPace {
  const passed = new Map<string, number>();
  return {
    dueMs(key, changes, nowMs) {
      const isProgress = changes.length > 0 && changes.every(({ field }) => field === 'positionMs');
      const last = passed.get(key) ?? Number.NEGATIVE_INFINITY;
      const dueMs = isProgress ? Math.max(nowMs, last + debounceMs) : nowMs;
      if (!isProgress || dueMs > last) {
        passed.delete(key);
        passed.set(key, dueMs);
      }
      const oldest = passed.size > MOST_REMEMBERED ? passed.keys().next().value : undefined;
      if (oldest !== undefined) passed.delete(oldest);
      return dueMs;
    },
  };
}
