// Row 68: usage by range: from the tier that covers it, at a step that is kept, in an answer that is bounded.
import t from 'tap';
import { createWallClock } from '../../src/channels/schedule/wall-clock.ts';
import { readSeries, readTotals } from '../../src/usage/read-usage.ts';
import type { SeriesWanted } from '../../src/usage/usage.ts';
import type { PointsWanted, UsagePoint } from '../../src/usage/usage-store.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NOW = Date.UTC(2026, 10, 27, 12);
const days = createWallClock('UTC');

/** So many viewers, who drew a kilobyte each minute. */
function rowsOf(count: number) {
  const asked: PointsWanted[] = [];
  return {
    asked,
    points: async (wanted: PointsWanted): Promise<readonly UsagePoint[]> => {
      asked.push(wanted);
      const each = { minute: MINUTE, quarter: 15 * MINUTE, day: DAY }[wanted.tier];
      const steps = Math.floor((wanted.to - wanted.from) / each);
      return Array.from({ length: steps * count }, (_, i) => ({
        ...{
          by: wanted.by,
          name: `main/user-${i % count}`,
          place: 'uplink' as const,
          at: wanted.from + Math.floor(i / count) * each,
        },
        ...{ upBytes: (1_000 * each) / MINUTE, downBytes: 0, ms: each },
      }));
    },
  };
}
const wanted = (change: Partial<SeriesWanted>): SeriesWanted => ({
  ...{ by: 'viewer', place: null, name: null, from: NOW - HOUR, to: NOW, stepMs: null, most: 20 },
  ...change,
});

t.test('without a step it is the finest of at most 300; with one that is no longer kept, the finest that is', async (t) => {
  const step = async (change: Partial<SeriesWanted>) =>
    (await readSeries({ store: rowsOf(1), days, now: NOW }, wanted(change))).step;
  t.same(await step({}), { ms: MINUTE, tier: 'minute' });
  t.same(await step({ from: NOW - DAY }), { ms: 5 * MINUTE, tier: 'minute' });
  t.same(await step({ from: NOW - 2 * DAY }), { ms: 15 * MINUTE, tier: 'quarter' });
  t.same(await step({ from: NOW - 30 * DAY }), { ms: 3 * HOUR, tier: 'quarter' });
  t.same(await step({ from: NOW - 30 * DAY, stepMs: MINUTE }), { ms: 15 * MINUTE, tier: 'quarter' });
  t.same(await step({ from: NOW - 3 * DAY, to: NOW - 3 * DAY + HOUR }), { ms: 15 * MINUTE, tier: 'quarter' });
  t.same(await step({ from: NOW - 90 * DAY }), { ms: DAY, tier: 'day' });
});

t.test('steps begin on whole steps, also where the range does not', async (t) => {
  const source = rowsOf(1);
  const { series } = await readSeries(
    { store: source, days, now: NOW },
    wanted({ from: NOW - HOUR - 7 * MINUTE, stepMs: 5 * MINUTE }),
  );
  t.equal(source.asked[0]?.from, NOW - HOUR - 10 * MINUTE);
  t.ok(series[0]?.points.every(({ at }) => at % (5 * MINUTE) === 0));
  t.ok(series[0]?.points.every(({ upBytes }) => upBytes === 5_000));
});

t.test('the largest are named, the rest stands together', async (t) => {
  const { series } = await readSeries({ store: rowsOf(200), days, now: NOW }, wanted({ most: 20 }));
  t.equal(series.length, 20);
  t.match(series[0], { name: '(others)', total: { upBytes: 181 * 60_000 } });
});

t.test('an answer that would be too long is refused, with what to do', async (t) => {
  await t.rejects(
    readSeries({ store: rowsOf(200), days, now: NOW }, wanted({ from: NOW - 2 * HOUR, stepMs: MINUTE, most: 200 })),
    {
      code: 'input_invalid',
      message: /^query\.step: 24000 points .*longer step/,
    },
  );
});

t.test('totals are of whole days and of the provider’s months', async (t) => {
  const source = rowsOf(1);
  const range = wanted({ from: Date.UTC(2026, 9, 20, 5), to: NOW });
  const byMonth = await readTotals({ store: source, days, beginsOn: 15 }, range, 'month');
  t.same(
    byMonth[0]?.points.map(({ at, upBytes }) => [new Date(at).toISOString().slice(0, 10), upBytes / 1_440_000]),
    [
      ['2026-10-15', 31],
      ['2026-11-15', 12],
    ],
    'the month in which the range begins is whole',
  );
  const byDay = await readTotals({ store: source, days, beginsOn: 15 }, range, 'day');
  t.equal(byDay[0]?.points.length, 38);
});
