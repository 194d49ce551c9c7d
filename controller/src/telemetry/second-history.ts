// The finest tier of history: one sample a second for two hours, in memory only.

export type RatePoint = { readonly at: number; readonly upBps: number; readonly downBps: number };

export const SECONDS_KEPT_MS = 2 * 3_600_000;

/** Samples come once a second; a sender that says more often, or a clock that jumped back, must not fill the memory. */
const MOST_POINTS = 7_500;

/** One WAN's ring. Times are UTC ms in the order of arrival; where the clock was set back, older points have later times. */
export function createSecondHistory() {
  let points: RatePoint[] = [];
  let first = 0;
  return {
    add(point: RatePoint): void {
      points.push(point);
      while (points.length - first > MOST_POINTS || (points[first]?.at ?? point.at) < point.at - SECONDS_KEPT_MS) first += 1;
      // Moving the whole array for each dropped point would cost a copy a second.
      if (first > 2_000) {
        points = points.slice(first);
        first = 0;
      }
    },
    range: (from: number, to: number): readonly RatePoint[] => points.slice(first).filter(({ at }) => at >= from && at < to),
    /** The newest points back to `from`, or to where the clock was set back. */
    since: (from: number): readonly RatePoint[] => {
      let i = points.length;
      let next = Number.POSITIVE_INFINITY;
      for (let at = points[i - 1]?.at; i > first && at !== undefined && at >= from && at <= next; at = points[i - 1]?.at) {
        next = at;
        i -= 1;
      }
      return points.slice(i);
    },
    size: (): number => points.length - first,
  };
}
export type SecondHistory = ReturnType<typeof createSecondHistory>;
