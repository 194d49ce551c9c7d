// The finest tier of history: one sample a second for two hours, in memory only.

export type RatePoint = { readonly at: number; readonly upBps: number; readonly downBps: number };

export const SECONDS_KEPT_MS = 2 * 3_600_000;

/** One WAN's ring. Times are UTC ms; a clock that jumps back only leaves an odd stretch. */
export function createSecondHistory() {
  let points: RatePoint[] = [];
  let first = 0;
  return {
    add(point: RatePoint): void {
      points.push(point);
      while ((points[first]?.at ?? point.at) < point.at - SECONDS_KEPT_MS) first += 1;
      // Moving the whole array for each dropped point would cost a copy a second.
      if (first > 2_000) {
        points = points.slice(first);
        first = 0;
      }
    },
    range: (from: number, to: number): readonly RatePoint[] => points.slice(first).filter(({ at }) => at >= from && at < to),
    since: (from: number): readonly RatePoint[] => {
      let i = points.length;
      while (i > first && (points[i - 1]?.at ?? 0) >= from) i -= 1;
      return points.slice(i);
    },
    size: (): number => points.length - first,
  };
}
export type SecondHistory = ReturnType<typeof createSecondHistory>;
