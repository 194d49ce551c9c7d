// Pure: what a provider allows in a month, how much of it is used, and where it is going.
import type { WanCount } from './count-wan.ts';
import type { HomeDays } from './wan-days.ts';

export const DIRECTIONS = ['upload', 'download', 'together'] as const;
export type CapDirection = (typeof DIRECTIONS)[number];

export type DataCap = {
  /** Bytes a month; null: not capped. */
  readonly limits: Readonly<Record<CapDirection, number | null>>;
  /** Day of the month; in a month that is too short for it, its last. */
  readonly beginsOn: number;
  /** Percent of a cap, at which somebody is to be told. */
  readonly warnAt: readonly number[];
  readonly whenReached: 'nothing' | 'torrents_to_floor';
};

export type Month = { readonly from: number; readonly to: number };

export type Budget = {
  readonly direction: CapDirection;
  readonly capBytes: number;
  readonly usedBytes: number;
  readonly usedPercent: number;
  /** At the end of the month, at the rate of the time that was measured; null while that is less than six hours. */
  readonly projectedBytes: number | null;
  readonly remainingBytes: number;
  /** For each day that is left; of the last day all that remains. */
  readonly remainingPerDayBytes: number;
  readonly isReached: boolean;
};

const DAY_MS = 86_400_000;
const LEAST_MEASURED_MS = 6 * 3_600_000;

/** The provider's month around `now`, from midnight to midnight by the clocks of the home. */
export function monthAround(now: number, beginsOn: number, days: HomeDays): Month {
  const today = new Date(days.dayAt(now) * DAY_MS);
  const [year, month] = [today.getUTCFullYear(), today.getUTCMonth()];
  const begun = today.getUTCDate() >= dayIn(year, month, beginsOn) ? month : month - 1;
  const begin = (of: number): number => days.at(Date.UTC(year, of, dayIn(year, of, beginsOn)) / DAY_MS, 0);
  return { from: begin(begun), to: begin(begun + 1) };
}

const dayIn = (year: number, month: number, wanted: number): number =>
  Math.min(wanted, new Date(Date.UTC(year, month + 1, 0)).getUTCDate());

/** Of each direction that is capped. */
export function budgetsOf({ limits }: DataCap, used: WanCount, month: Month & { readonly now: number }): readonly Budget[] {
  return DIRECTIONS.flatMap((direction) => {
    const capBytes = limits[direction];
    if (capBytes === null) return [];
    const usedBytes = bytesOf(used, direction);
    const remainingBytes = Math.max(0, capBytes - usedBytes);
    return [
      {
        direction,
        capBytes,
        usedBytes,
        usedPercent: Math.round((usedBytes / capBytes) * 1_000) / 10,
        projectedBytes: projected(usedBytes, used, month),
        remainingBytes,
        remainingPerDayBytes: Math.floor(remainingBytes / Math.max(1, (month.to - month.now) / DAY_MS)),
        isReached: usedBytes >= capBytes,
      },
    ];
  });
}

export const bytesOf = ({ upBytes, downBytes }: WanCount, direction: CapDirection): number =>
  direction === 'upload' ? upBytes : direction === 'download' ? downBytes : upBytes + downBytes;

/** How much of the month so far was neither measured nor told by counters, ms. */
export const missingMs = (
  { seenMs, filledMs }: WanCount,
  { from, now }: { readonly from: number; readonly now: number },
): number => Math.max(0, now - from - seenMs - filledMs);

/** What was not seen is taken for as much as what was. */
function projected(usedBytes: number, used: WanCount, month: Month & { readonly now: number }): number | null {
  const knownMs = used.seenMs + used.filledMs;
  if (knownMs < LEAST_MEASURED_MS) return null;
  return Math.round(usedBytes + (usedBytes / knownMs) * (missingMs(used, month) + Math.max(0, month.to - month.now)));
}

/** What is to be told once a month. `percent` 100: it is reached. */
export type Threshold = { readonly direction: CapDirection; readonly percent: number; readonly capBytes: number };

/** A cap that was changed is another one, and is told anew. */
export const thresholdKey = ({ direction, percent, capBytes }: Threshold): string => `${direction} ${percent} ${capBytes}`;

/** Passed and not told yet; of one cap the highest is to be told, and the others are told with it. */
export function passedThresholds(
  budgets: readonly Budget[],
  warnAt: readonly number[],
  told: ReadonlySet<string>,
): readonly { readonly budget: Budget; readonly passed: readonly Threshold[] }[] {
  return budgets.flatMap((budget) => {
    const passed = [...new Set([...warnAt, 100])]
      .filter((percent) => budget.usedBytes * 100 >= budget.capBytes * percent)
      .sort((a, b) => b - a)
      .map((percent) => ({ direction: budget.direction, percent, capBytes: budget.capBytes }));
    const highest = passed[0];
    return highest === undefined || told.has(thresholdKey(highest)) ? [] : [{ budget, passed }];
  });
}
