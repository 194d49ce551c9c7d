// Limits: the node's own by the hours of the week, lowered by a lease that ends by itself.

import { silentLog } from '@headgate/agent-router/agent-ground';
import t from 'tap';
import { createFakeClock } from '../../../agent-router/test/fake-clock.ts';
import { createLimitsKeeper } from '../../src/limits/limits-keeper.ts';
import { type Rates, scheduledRates } from '../../src/limits/scheduled-rates.ts';

const at = (day: number, hour: number, minute = 0) => ({ weekday: day, minute: hour * 60 + minute });
const own = {
  up_mbit: 10,
  down_mbit: null,
  free_networks: [],
  schedule: [
    { days: ['fri' as const, 'sun' as const], from: '22:00', to: '06:00', up_mbit: null },
    { days: [], from: '08:00', to: '22:00', up_mbit: 0.5, down_mbit: 0 },
  ],
};

t.test(
  'the first rule that fits stands, each direction for itself; over midnight it belongs to the day of its beginning',
  async (t) => {
    const rates = (day: number, hour: number, minute = 0): Rates => scheduledRates(own, at(day, hour, minute));
    t.same(rates(0, 7, 59), { upBps: 10_000_000, downBps: null });
    t.same(rates(0, 8), { upBps: 500_000, downBps: 0 });
    t.same(rates(0, 21, 59), { upBps: 500_000, downBps: 0 });
    t.same(rates(4, 22), { upBps: null, downBps: null }, 'Friday evening');
    t.same(rates(5, 5, 59), { upBps: null, downBps: null }, 'and the night after it');
    t.same(rates(5, 22), { upBps: 10_000_000, downBps: null }, 'not on Saturday');
    t.same(rates(0, 0), { upBps: null, downBps: null }, 'Sunday into Monday');
  },
);

t.test('a lease lowers and never raises, ends by the monotonic clock, and is lifted by two nulls', async (t) => {
  const clock = createFakeClock();
  const applied: Rates[] = [];
  const ending = new AbortController();
  t.teardown(() => ending.abort());
  const rates = { up_mbit: 2, down_mbit: null, schedule: [], free_networks: [] };
  const keeper = createLimitsKeeper(
    { rates, apply: (now) => applied.push(now), weekTime: () => at(0, 0), clock, log: silentLog },
    ending.signal,
  );
  const order = (up_bps: number | null, down_bps: number | null, ttl_s = 60) =>
    keeper.order({ order_id: 'x', up_bps, down_bps, ttl_s, reason: 'viewers' });
  t.same(applied.at(-1), { upBps: 2_000_000, downBps: null });
  t.equal(keeper.leaseLeftS(), null);
  order(9_000_000, 4_000_000);
  t.same(applied.at(-1), { upBps: 2_000_000, downBps: 4_000_000 });
  order(0, null);
  t.same(applied.at(-1), { upBps: 0, downBps: null });
  await clock.advance(40_000);
  t.equal(keeper.leaseLeftS(), 20);
  order(1_000_000, null);
  await clock.advance(59_000);
  t.same(applied.at(-1), { upBps: 1_000_000, downBps: null }, 'said again it goes on');
  await clock.advance(1_100);
  t.same(applied.at(-1), { upBps: 2_000_000, downBps: null });
  t.equal(keeper.leaseLeftS(), null);
  order(1, 1, 3_600);
  order(null, null);
  t.same(applied.at(-1), { upBps: 2_000_000, downBps: null });
});
