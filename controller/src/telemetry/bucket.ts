// Pure: samples made into buckets of a minute or an hour: means, peaks and how many samples stand behind them.

export type Bucket = {
  /** UTC ms of its beginning. */
  readonly at: number;
  readonly upBps: number;
  readonly downBps: number;
  readonly upPeakBps: number;
  readonly downPeakBps: number;
  readonly samples: number;
};

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;

type Weighted = {
  readonly at: number;
  readonly upBps: number;
  readonly downBps: number;
  readonly upPeakBps?: number;
  readonly downPeakBps?: number;
  readonly samples?: number;
};

/** Groups by whole steps since the epoch; a mean is weighted by samples, a peak is the largest. In order of time. */
export function toBuckets(points: readonly Weighted[], stepMs: number): readonly Bucket[] {
  const groups = Map.groupBy(points, ({ at }) => Math.floor(at / stepMs) * stepMs);
  return [...groups].map(([at, members]) => bucketOf(at, members)).sort((a, b) => a.at - b.at);
}

function bucketOf(at: number, members: readonly Weighted[]): Bucket {
  const samples = members.reduce((sum, { samples: n = 1 }) => sum + n, 0);
  const mean = (of: (point: Weighted) => number): number =>
    Math.round(members.reduce((sum, point) => sum + of(point) * (point.samples ?? 1), 0) / Math.max(1, samples));
  return {
    at,
    upBps: mean(({ upBps }) => upBps),
    downBps: mean(({ downBps }) => downBps),
    upPeakBps: Math.max(...members.map(({ upBps, upPeakBps }) => upPeakBps ?? upBps)),
    downPeakBps: Math.max(...members.map(({ downBps, downPeakBps }) => downPeakBps ?? downBps)),
    samples,
  };
}
