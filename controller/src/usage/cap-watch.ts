// Tells once a month of each part of a data cap that was passed, also over restarts.
import { type Budget, bytesOf, type CapDirection, passedThresholds, thresholdKey } from './data-cap.ts';
import type { MonthStatus, UsageEvent } from './usage.ts';
import type { UsageStore } from './usage-store.ts';

export type CapWatchDeps = {
  readonly store: Pick<UsageStore, 'told' | 'tell'>;
  readonly month: () => MonthStatus;
  readonly warnAt: readonly number[];
  readonly tell: (event: UsageEvent) => void;
};

export function createCapWatch({ store, month, warnAt, tell }: CapWatchDeps) {
  let reached = '';
  let told: { readonly monthAt: number; readonly thresholds: ReadonlySet<string> } | null = null;
  return {
    /** True where something was told, or a cap is used up now that was not, or the other way round. @throws ControllerError storage_failed; then nothing was told, and it is looked for again the next time. */
    async look(): Promise<boolean> {
      const status = month();
      if (status.budgets.length === 0) return false;
      const now = status.budgets
        .filter(({ isReached }) => isReached)
        .map(({ direction }) => direction)
        .join();
      let isNews = now !== reached;
      reached = now;
      if (told?.monthAt !== status.from) told = { monthAt: status.from, thresholds: await store.told(status.from) };
      for (const { budget, passed } of passedThresholds(status.budgets, warnAt, told.thresholds)) {
        const keys = passed.map(thresholdKey);
        // Written first: told twice is worse than told on the page alone.
        await store.tell(status.from, keys);
        told = { ...told, thresholds: new Set([...told.thresholds, ...keys]) };
        tell(eventOf(budget, passed[0]?.percent ?? 100, status));
        isNews = true;
      }
      return isNews;
    },
  };
}

const WORDS: Readonly<Record<CapDirection, string>> = {
  upload: 'upload',
  download: 'download',
  together: 'upload and download together',
};

function eventOf(budget: Budget, percent: number, { used, to, whenReached }: MonthStatus): UsageEvent {
  const { direction, capBytes, projectedBytes, isReached } = budget;
  const usedBytes = bytesOf(used, direction);
  const then = isReached && whenReached === 'torrents_to_floor' ? ' Torrents are kept to their floor until then.' : '';
  const ahead = projectedBytes === null || isReached ? '' : ` At this rate it will be ${giga(projectedBytes)}.`;
  return {
    type: isReached ? 'data_cap_reached' : 'data_cap_warning',
    severity: 'warning',
    text: isReached
      ? `The month's ${giga(capBytes)} of ${WORDS[direction]} are used up: ${giga(usedBytes)}. The next month begins on ${new Date(to).toISOString()}.${then}`
      : `${percent} % of the month's ${giga(capBytes)} of ${WORDS[direction]} are used: ${giga(usedBytes)}.${ahead}`,
    details: {
      direction,
      percent,
      cap_bytes: capBytes,
      used_bytes: usedBytes,
      projected_bytes: projectedBytes,
      month_ends: new Date(to).toISOString(),
    },
  };
}

const giga = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;
