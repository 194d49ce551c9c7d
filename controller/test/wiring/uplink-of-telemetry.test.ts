// Telemetry as the uplink: who owns the shaper's rate decides how its rate is taken.
import type { ShaperState, SqmState } from '@headgate/protocol';
import t from 'tap';
import { capacityOf } from '../../src/bandwidth/line/uplink-reading.ts';
import type { RouterLatest, WanLatest } from '../../src/telemetry/wan-latest.ts';
import { uplinkOf } from '../../src/wiring/uplink-of-telemetry.ts';

const M = 1_000_000;
const AT = '2026-11-27T10:00:00.000Z';
const direction = (device: string, configured: number, live: number) => ({
  ...{ device, qdisc: 'cake', configured_bps: configured, live_bps: live },
  ...{ backlog_bytes: 0, drops: 0, ecn_marks: 0, saturated: false, tins: [] },
});
const sqm = (rate_owner: SqmState['rate_owner'], live: number): SqmState => ({
  ...{ at: AT, configured: true, enabled: true, rate_owner, saturated: false },
  up: direction('eth1', 40 * M, live),
  down: direction('ifb4eth1', 200 * M, 200 * M),
});
const wanOf = (state: SqmState): WanLatest => ({
  ...{ router: 'flint', wan: 'wan', throughput: null, heardAt: null, heardUtc: null, link: null },
  sqm: state,
});
const lease = (change: Partial<ShaperState>): RouterLatest => ({
  router: 'flint',
  presence: null,
  shaper: {
    ...{ at: AT, enabled: true, order_id: 'a', wan: 'wan', up_bps: 25 * M, down_bps: 200 * M, lease_left_s: 60, refused: null },
    original: { up_bps: 40 * M, down_bps: 200 * M },
    ...change,
  },
});

/** `hear` says what the router said at that second; answers with the upload capacity of then. */
function home(typedBps: number | null = null) {
  let [now, wan, routers] = [0, wanOf(sqm('static', 40 * M)), [] as readonly RouterLatest[]];
  const uplink = uplinkOf({ primary: () => wan, routers: () => routers, onChange: () => () => {} }, { monotonic: () => now });
  return (second: number, state: SqmState, shapers: readonly RouterLatest[] = []) => {
    [now, wan, routers] = [second * 1_000, wanOf(state), shapers];
    return capacityOf({ capacityUpBps: typedBps, capacityDownBps: typedBps }, uplink.read());
  };
}

t.test('a rate that a person changes is the capacity at once, up and down', async (t) => {
  const hear = home();
  t.same(hear(0, sqm('static', 40 * M)), { upBps: 40 * M, downBps: 200 * M });
  t.equal(hear(1, sqm('static', 20 * M)).upBps, 20 * M);
  t.equal(hear(2, sqm('static', 40 * M)).upBps, 40 * M);
});

t.test(
  'a rate that cake-autorate moves falls at once and rises after three minutes; its end is the end of that care',
  async (t) => {
    const hear = home();
    const seen: unknown[] = [];
    for (let second = 0; second < 60; second += 5)
      seen.push(hear(second, sqm('cake-autorate', second % 10 === 0 ? 40 * M : 18 * M)).upBps);
    t.same(seen, [40 * M, ...Array.from({ length: 11 }, () => 18 * M)], 'no flutter');
    t.equal(hear(60, sqm('cake-autorate', 40 * M)).upBps, 18 * M);
    t.equal(hear(239, sqm('cake-autorate', 40 * M)).upBps, 18 * M);
    t.equal(hear(240, sqm('cake-autorate', 40 * M)).upBps, 40 * M);
    t.equal(hear(241, sqm('cake-autorate', 12 * M)).upBps, 12 * M);
    t.equal(hear(242, sqm('static', 40 * M)).upBps, 40 * M);
  },
);

t.test('while a rate that we ordered stands, the line carries no more, whatever was typed in', async (t) => {
  for (const typed of [50 * M, null]) {
    const hear = home(typed);
    t.same(hear(0, sqm('headgate', 25 * M), [lease({})]), { upBps: 25 * M, downBps: typed ?? 200 * M }, 'down is not ordered');
    t.equal(hear(1, sqm('static', 40 * M), [lease({ wan: null, up_bps: null, original: null })]).upBps, typed ?? 40 * M);
    t.equal(hear(2, sqm('static', 40 * M), [lease({ wan: 'lte' })]).upBps, typed ?? 40 * M, 'that is of another WAN');
  }
  t.equal(home(20 * M)(0, sqm('headgate', 25 * M), [lease({})]).upBps, 20 * M, 'the lesser of both');
});
