// Usage as REST and MQTT show it.
import { decode, topics } from '@headgate/protocol';
import t from 'tap';
import { budgetsOf } from '../../src/usage/data-cap.ts';
import type { MonthStatus } from '../../src/usage/usage.ts';
import { dataCapView, usageView } from '../../src/usage/usage-api.ts';
import { toUsageState, viewMonth, viewSeries } from '../../src/usage/usage-view.ts';
import { NO_CAP } from './open-usage.ts';

const DAY = 86_400_000;
const used = { upBytes: 90e9, downBytes: 10e9, seenMs: 9 * DAY, filledMs: DAY / 2 };
const time = { from: 0, to: 30 * DAY, now: 10 * DAY };
const status = (upload: number | null): MonthStatus => ({
  ...{ ...time, used, today: { ...used, upBytes: 1e9 }, missingMs: DAY / 2, whenReached: 'nothing' },
  budgets: budgetsOf({ ...NO_CAP, limits: { ...NO_CAP.limits, upload } }, used, time),
});

t.test('the state over MQTT has a field for each direction, null where that is not capped', async (t) => {
  const state = toUsageState(status(100e9));
  t.match(state, {
    ...{ month_begins: '1970-01-01T00:00:00.000Z', up_bytes: 90e9, today_up_bytes: 1e9, missing_s: 43_200 },
    ...{ up_cap_percent: 90, down_cap_percent: null, up_remaining_per_day_bytes: 5e8, cap_percent: 90, cap_reached: false },
    ...{ up_projected_percent: 284.2, together_projected_percent: null },
  });
  t.same(decode('usageState', topics.usageState.schema, Buffer.from(JSON.stringify(state)), false), state);
  t.match(toUsageState(status(null)), { cap_percent: null, cap_reached: false, up_cap_percent: null });
  t.equal(toUsageState(status(80e9)).cap_reached, true);
});

t.test('REST tells the same, with what was filled and what nobody measured', async (t) => {
  const view = viewMonth(status(100e9));
  t.same(dataCapView.parse(view), view);
  t.match(view, { filled_s: 43_200, missing_s: 43_200, budgets: [{ direction: 'upload', used_percent: 90, reached: false }] });
});

t.test('a step shows its bytes and its mean rate', async (t) => {
  const amount = { upBytes: 60e6, downBytes: 0, ms: 30_000 };
  const view = viewSeries(
    { from: 0, to: 60_000 },
    {
      step: { ms: 60_000, tier: 'minute' },
      series: [{ name: 'main/anna', place: 'uplink', total: amount, points: [{ at: 0, ...amount }] }],
    },
  );
  t.same(usageView.parse(view), view);
  t.match(view.series[0]?.points, [{ up_bytes: 60e6, up_bps: 8e6, seconds: 30 }]);
});
