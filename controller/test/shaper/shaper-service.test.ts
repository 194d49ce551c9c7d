// The loop on a clock that the test moves: orders as the protocol has them, events once, and an end that takes back.
import { decode, type ShaperOrder, topics } from '@headgate/protocol';
import t from 'tap';
import { silentLog } from '../../src/log.ts';
import { EVENT_TYPES } from '../../src/notify/events.ts';
import type { RuledLine, ShaperPlan } from '../../src/shaper/line.ts';
import { createShaper, type ShaperEvent } from '../../src/shaper/shaper-service.ts';
import { createFakeClock } from '../fixtures/fake-clock.ts';

const M = 1_000_000;

function open() {
  const clock = createFakeClock();
  const seen = { orders: [] as ShaperOrder[], events: [] as ShaperEvent[], fails: false };
  const now: { plan: ShaperPlan; line: RuledLine | null; forbidden: string | null } = {
    plan: { upBps: 20 * M, downBps: 100 * M, rule: 'evening' },
    line: {
      ...{ router: 'flint', wan: 'wan', isOnline: true, bootId: 'b', silentMs: 100, rateOwner: 'static', state: null },
    },
    forbidden: null,
  };
  const shaper = createShaper({
    rules: { leaseMs: 30_000, planAt: () => now.plan, forbidden: () => now.forbidden },
    line: () => now.line,
    async send(router, order) {
      if (seen.fails) throw new Error('no broker');
      const bytes = new TextEncoder().encode(JSON.stringify(order));
      t.same(decode(`headgate/router/${router}/shaper/order`, topics.shaperOrder.schema, bytes), order);
      seen.orders.push(order);
    },
    tell: (event) => void seen.events.push(event),
    clock,
    log: silentLog,
  });
  const stopping = new AbortController();
  const running = shaper.run(stopping.signal);
  const stop = async (): Promise<void> => {
    stopping.abort();
    await running;
  };
  return { clock, seen, now, shaper, stop };
}

t.test('orders have the lease, and the end takes back what stands', async (t) => {
  const { clock, seen, shaper, stop } = open();
  await clock.advance(10);
  t.match(seen.orders, [{ wan: 'wan', up_bps: 20 * M, down_bps: 100 * M, ttl_s: 30, reason: /rule "evening"/ }]);
  t.match(shaper.status(), { standing: 'ordered', ordered: { upBps: 20 * M } });
  await stop();
  t.match(seen.orders.slice(1), [{ up_bps: null, down_bps: null, reason: 'Headgate stops.' }]);
  t.equal(shaper.status().ordered, null);
});

t.test('an end without an order says nothing', async (t) => {
  const { clock, seen, now, stop } = open();
  now.forbidden = 'Dry run: no order is sent.';
  await clock.advance(5_000);
  const before = seen.orders.length;
  await stop();
  t.equal(seen.orders.length, before);
});

t.test('a refusal and a tool that sets the rate are told once each, however long they last', async (t) => {
  const { clock, seen, now, stop } = open();
  await clock.advance(10);
  const line = now.line as RuledLine;
  const state = {
    ...{ at: '2026-11-21T06:00:00.000Z', enabled: false, order_id: null, wan: null, up_bps: null, down_bps: null },
    ...{ original: null, lease_left_s: null, refused: 'shaper orders are switched off in this agent' },
  };
  now.line = { ...line, state };
  await clock.advance(900_000);
  t.match(seen.events, [
    { type: 'shaper_refused', text: /switched off in this agent/, details: { router: 'flint', wan: 'wan' } },
  ]);
  now.line = { ...line, rateOwner: 'cake-autorate' };
  const { length } = seen.orders;
  await clock.advance(900_000);
  t.equal(seen.orders.length, length);
  t.match(seen.events.slice(1), [{ type: 'shaper_given_way', text: /cake-autorate sets the rate on flint/ }]);
  for (const { type } of seen.events) t.ok(EVENT_TYPES.includes(type), 'Home Assistant knows it');
  await stop();
});

t.test('a broker that is away is no end: the order is said when it is back', async (t) => {
  const { clock, seen, stop } = open();
  seen.fails = true;
  await clock.advance(20_000);
  seen.fails = false;
  await clock.advance(6_000);
  t.ok(seen.orders.length > 0);
  await stop();
});
