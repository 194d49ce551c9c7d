// What a provider allows in a month, how much is used, and what is told of it.
import t from 'tap';
import { createWallClock } from '../../src/channels/schedule/wall-clock.ts';
import { budgetsOf, type DataCap, missingMs, monthAround, passedThresholds, thresholdKey } from '../../src/usage/data-cap.ts';

const DAY = 86_400_000;
const GB = 1e9;
const berlin = createWallClock('Europe/Berlin');
const month = (now: string, beginsOn: number): readonly string[] => {
  const { from, to } = monthAround(Date.parse(now), beginsOn, berlin);
  return [from, to].map((ms) => new Date(ms).toISOString());
};
const CAP: DataCap = {
  limits: { upload: 100 * GB, download: null, together: 400 * GB },
  beginsOn: 1,
  warnAt: [75, 90],
  whenReached: 'nothing',
};
const used = (upGB: number, downGB: number, days: number) => ({
  ...{ upBytes: upGB * GB, downBytes: downGB * GB, seenMs: days * DAY, filledMs: 0 },
});

t.test('the month begins on its day at midnight of the home, in a short month on the last', async (t) => {
  t.same(month('2026-11-27T10:00:00Z', 1), ['2026-10-31T23:00:00.000Z', '2026-11-30T23:00:00.000Z']);
  t.same(month('2026-11-27T10:00:00Z', 15), ['2026-11-14T23:00:00.000Z', '2026-12-14T23:00:00.000Z']);
  t.same(month('2026-02-27T10:00:00Z', 31), ['2026-01-30T23:00:00.000Z', '2026-02-27T23:00:00.000Z']);
  t.same(month('2026-02-28T10:00:00Z', 31), ['2026-02-27T23:00:00.000Z', '2026-03-30T22:00:00.000Z'], 'summer time began in it');
  t.same(month('2026-01-05T10:00:00Z', 20), ['2025-12-19T23:00:00.000Z', '2026-01-19T23:00:00.000Z'], 'over a new year');
  t.same(month('2026-10-31T22:59:59Z', 1)[1], '2026-10-31T23:00:00.000Z', 'the last second before it');
});

t.test('used, projected and what is left a day, of each cap', async (t) => {
  const from = 0;
  const [upload, together] = budgetsOf(CAP, used(50, 30, 10), { from, to: 30 * DAY, now: 10 * DAY });
  t.match(upload, {
    ...{ direction: 'upload', usedBytes: 50 * GB, usedPercent: 50, projectedBytes: 150 * GB, isReached: false },
    ...{ remainingBytes: 50 * GB, remainingPerDayBytes: 2.5 * GB },
  });
  t.match(together, { direction: 'together', usedBytes: 80 * GB, usedPercent: 20 });
});

t.test('time that nobody measured is told, and taken for as much as the rest in what is projected', async (t) => {
  const time = { from: 0, to: 30 * DAY, now: 10 * DAY };
  const half = used(50, 0, 5);
  t.equal(missingMs(half, time), 5 * DAY);
  t.equal(budgetsOf(CAP, half, time)[0]?.usedBytes, 50 * GB, 'what is used is what was measured');
  t.equal(budgetsOf(CAP, half, time)[0]?.projectedBytes, 300 * GB);
  t.equal(budgetsOf(CAP, used(1, 0, 0.2), time)[0]?.projectedBytes, null, 'too little to say');
});

t.test('on the last day all that remains is for that day, and never less than nothing', async (t) => {
  const time = { from: 0, to: 30 * DAY, now: 29.9 * DAY };
  t.equal(budgetsOf(CAP, used(90, 0, 29), time)[0]?.remainingPerDayBytes, 10 * GB);
  t.match(budgetsOf(CAP, used(120, 0, 29), time)[0], {
    remainingBytes: 0,
    remainingPerDayBytes: 0,
    isReached: true,
    usedPercent: 120,
  });
});

t.test(
  'a threshold is passed once; of several at a time the highest is told; a cap that was changed is another one',
  async (t) => {
    const time = { from: 0, to: 30 * DAY, now: 10 * DAY };
    const told = new Set<string>();
    const look = (upGB: number, cap = CAP) => {
      const passed = passedThresholds(budgetsOf(cap, used(upGB, 0, 5), time), cap.warnAt, told);
      for (const one of passed) for (const threshold of one.passed) told.add(thresholdKey(threshold));
      return passed.map(({ passed: [highest] }) => highest?.percent);
    };
    t.same(look(70), []);
    t.same(look(75), [75]);
    t.same(look(80), []);
    t.same(look(99), [90]);
    t.same(look(100), [100]);
    t.same(look(130), []);
    t.same(look(130, { ...CAP, limits: { ...CAP.limits, upload: 120 * GB } }), [100]);
    t.same(look(70, { ...CAP, limits: { ...CAP.limits, upload: 500 * GB } }), []);
  },
);
