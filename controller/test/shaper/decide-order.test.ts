// What is said to the router's shaper: when, again when, and when no more.
import type { ShaperState } from '@headgate/protocol';
import t from 'tap';
import { decideOrder, NOTHING_ORDERED, type OrderInput } from '../../src/shaper/decide-order.ts';
import type { RuledLine } from '../../src/shaper/line.ts';

const M = 1_000_000;
const LINE: RuledLine = {
  ...{ router: 'flint', wan: 'wan', isOnline: true, bootId: 'boot-1', silentMs: 500, rateOwner: 'static', state: null },
};
const stateOf = (change: Partial<ShaperState>): ShaperState => ({
  ...{ at: '2026-11-27T10:00:00.000Z', enabled: true, order_id: null, wan: null, up_bps: null, down_bps: null },
  ...{ original: null, lease_left_s: null, refused: null },
  ...change,
});

/** A router that answers as the test says; `at` is in seconds. */
function orders() {
  let memory = NOTHING_ORDERED;
  return (at: number, line: Partial<RuledLine> | null = {}, change: Partial<OrderInput> = {}) => {
    const { decision, memory: next } = decideOrder(
      {
        ...{ now: at * 1_000, plan: { upBps: 20 * M, downBps: null, rule: null }, line: line && { ...LINE, ...line } },
        ...{ forbidden: null, leaseMs: 60_000, newId: `at-${at}` },
        ...change,
      },
      memory,
    );
    memory = next;
    return { ...decision, said: decision.orders.map(({ id, wan, upBps }) => [id, wan, upBps]) };
  };
}
const takes = (id: string): Partial<RuledLine> => ({ state: stateOf({ order_id: id, wan: 'wan', up_bps: 20 * M }) });

t.test('an order is said once, and once it stands again each third of its lease, with the same id', async (t) => {
  const decide = orders();
  t.match(decide(0), { standing: 'ordered', said: [['at-0', 'wan', 20 * M]] });
  const stands = takes('at-0');
  const said: number[] = [];
  for (let at = 1; at < 90; at += 1) {
    const decision = decide(at, stands);
    if (at > 1) t.equal(decision.standing, 'standing');
    if (decision.said.length > 0) said.push(at);
    for (const [id] of decision.said) t.equal(id, 'at-0');
  }
  t.same(said, [20, 40, 60, 80]);
});

t.test('an order that nobody answers, or that got lost in a restart of the agent, is said again after 5 s', async (t) => {
  const decide = orders();
  decide(0);
  t.same(decide(4).said, []);
  t.same(decide(5).said, [['at-0', 'wan', 20 * M]]);
  decide(6, takes('at-0'));
  t.same(decide(12, { state: stateOf({}) }).said, [['at-0', 'wan', 20 * M]]);
});

t.test('a refusal is told with its reason, and asked again only when something changed, else after 5 min', async (t) => {
  const decide = orders();
  decide(0);
  const refuses = { state: stateOf({ refused: 'SQM is not enabled on wan' }) };
  t.match(decide(1, refuses), { standing: 'refused', reason: /SQM is not enabled on wan/, said: [] });
  for (let at = 2; at < 300; at += 7) t.same(decide(at, refuses).said, [], `${at}`);
  t.equal(decide(300, refuses).said.length, 1);
  t.same(decide(301, refuses).said, []);
  t.equal(decide(310, { ...refuses, bootId: 'boot-2' }).said.length, 1, 'another start of the agent may obey');
  t.same(decide(312, { ...refuses, bootId: 'boot-2' }).said, []);
  const less = { plan: { upBps: 10 * M, downBps: null, rule: 'evening' } };
  t.match(decide(400, refuses, less), { said: [['at-400', 'wan', 10 * M]] });
});

t.test('what a router had refused before we asked is not an answer to us', async (t) => {
  const decide = orders();
  const old = { state: stateOf({ refused: 'of yesterday' }) };
  t.equal(decide(0, old).standing, 'ordered');
  t.equal(decide(1, old).standing, 'ordered');
});

for (const tool of ['cake-autorate', 'sqm-autorate'] as const)
  t.test(`beside ${tool} nothing is ever said, not even the end of an order`, async (t) => {
    const decide = orders();
    decide(0);
    decide(1, takes('at-0'));
    for (let at = 2; at < 600; at += 1)
      t.match(decide(at, { rateOwner: tool }), { standing: 'given_way', reason: new RegExp(`^${tool} sets the rate`), said: [] });
    t.match(decide(600), { standing: 'ordered', said: [['at-600', 'wan', 20 * M]] }, 'once it has ended');
  });

t.test('a router that is not heard is told nothing, and hears the plan when it is back', async (t) => {
  const decide = orders();
  decide(0);
  for (const gone of [{ silentMs: 15_001 }, { isOnline: false }, { silentMs: null }])
    t.match(decide(30, gone), { standing: 'silent', said: [] });
  t.match(decide(40), { said: [['at-40', 'wan', 20 * M]] });
});

t.test('switched off, and no line to rule: what was ordered is taken back once', async (t) => {
  const decide = orders();
  decide(0);
  t.match(decide(1, {}, { forbidden: 'Switched off.' }), {
    standing: 'off',
    reason: 'Switched off.',
    said: [['at-0-end', 'wan', null]],
  });
  t.same(decide(2, {}, { forbidden: 'Switched off.' }).said, []);
  decide(3);
  t.match(decide(4, null), { standing: 'no_router', said: [['at-3-end', 'wan', null]] });
  t.same(decide(5, null).said, []);
});

t.test(
  'an hour without a planned rate gives the original back; a plan that comes and goes is followed once a minute',
  async (t) => {
    const decide = orders();
    const none = { plan: { upBps: null, downBps: null, rule: null } };
    t.match(decide(0, {}, none), { standing: 'no_plan', said: [] });
    decide(100);
    const stands = takes('at-100');
    decide(101, stands);
    t.same(
      decide(200, stands, none).said.filter(([, , bps]) => bps === null),
      [],
      'a rise waits',
    );
    const at = Array.from({ length: 200 }, (_, i) => 201 + i).find(
      (second) => decide(second, stands, none).standing === 'no_plan',
    );
    t.equal(at, 320);
    t.same(decide(321).said, [], 'not within the minute');
    t.match(decide(380), { said: [['at-380', 'wan', 20 * M]] });
  },
);

t.test('the line moved to another WAN: the old order is taken back before the new one is said', async (t) => {
  const decide = orders();
  decide(0);
  t.same(decide(1, { wan: 'lte' }).said, [
    ['at-0-end', 'wan', null],
    ['at-1', 'lte', 20 * M],
  ]);
});
