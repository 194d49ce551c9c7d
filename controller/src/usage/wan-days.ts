// Pure: the WAN's bytes by day of the home, and their sums.
import type { WanCount } from './count-wan.ts';

/** One day, by the clocks on the walls. */
export type WanDay = WanCount & {
  /** UTC ms of its midnight. */
  readonly at: number;
};

/** The home's calendar. Days are counted from 1970-01-01 on the wall. */
export type HomeDays = {
  dayAt(utcMs: number): number;
  /** UTC ms of so many minutes past midnight of `day`. */
  at(day: number, minutes: number): number;
};

export const midnightOf = (days: HomeDays, utcMs: number): number => days.at(days.dayAt(utcMs), 0);

/** At most this many days of a silence are gone back: a router that is away for longer is another router. */
const MOST_DAYS = 40;

/** A count that ended at `utc`, on the days in which it was made; evenly, for more is not known. */
export function spreadOverDays(count: WanCount, utc: number, days: HomeDays): readonly WanDay[] {
  const spanMs = count.seenMs + count.filledMs;
  const last = days.dayAt(utc);
  const from = utc - spanMs;
  const first = Math.max(last - MOST_DAYS, days.dayAt(from));
  if (first >= last || spanMs <= 0) return [{ ...count, at: days.at(last, 0) }];
  const parts: WanDay[] = [];
  let left = count;
  for (let day = first; day < last; day += 1) {
    const [begins, ends] = [Math.max(from, days.at(day, 0)), days.at(day + 1, 0)];
    const part = share(count, (ends - begins) / spanMs);
    parts.push({ ...part, at: days.at(day, 0) });
    left = plus(left, part, -1);
  }
  return [...parts, { ...left, at: days.at(last, 0) }];
}

export const plus = (a: WanCount, b: WanCount, times = 1): WanCount => ({
  upBytes: a.upBytes + times * b.upBytes,
  downBytes: a.downBytes + times * b.downBytes,
  seenMs: a.seenMs + times * b.seenMs,
  filledMs: a.filledMs + times * b.filledMs,
});

export const NO_BYTES: WanCount = { upBytes: 0, downBytes: 0, seenMs: 0, filledMs: 0 };

/** Of the days that begin in this time. */
export const sumDays = (days: Iterable<WanDay>, from: number, to: number): WanCount =>
  [...days].filter(({ at }) => at >= from && at < to).reduce<WanCount>((sum, day) => plus(sum, day), NO_BYTES);

const share = (count: WanCount, part: number): WanCount => ({
  upBytes: Math.round(count.upBytes * part),
  downBytes: Math.round(count.downBytes * part),
  seenMs: Math.round(count.seenMs * part),
  filledMs: Math.round(count.filledMs * part),
});
