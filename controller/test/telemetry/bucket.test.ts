// Means are weighted by samples, peaks are the largest, buckets stand at whole steps in order of time.
import t from 'tap';
import { MINUTE_MS, toBuckets } from '../../src/telemetry/bucket.ts';

const at = (ms: number, upBps: number, downBps = 0) => ({ at: ms, upBps, downBps });

t.test('samples become buckets', async (t) => {
  t.same(toBuckets([], MINUTE_MS), []);
  t.same(toBuckets([at(60_500, 30), at(1_000, 10), at(59_999, 20, 7)], MINUTE_MS), [
    { at: 0, upBps: 15, downBps: 4, upPeakBps: 20, downPeakBps: 7, samples: 2 },
    { at: 60_000, upBps: 30, downBps: 0, upPeakBps: 30, downPeakBps: 0, samples: 1 },
  ]);
});

t.test('buckets join by the samples that stand behind them', async (t) => {
  const [whole] = toBuckets(
    [
      { at: 0, upBps: 10, downBps: 0, upPeakBps: 90, downPeakBps: 0, samples: 59 },
      { at: 0, upBps: 70, downBps: 0, upPeakBps: 70, downPeakBps: 0, samples: 1 },
    ],
    MINUTE_MS,
  );
  t.match(whole, { upBps: 11, upPeakBps: 90, samples: 60 });
});
