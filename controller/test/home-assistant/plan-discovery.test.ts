// Only differences go out; what is gone is taken away in Home Assistant's own way; others' devices stay.
import t from 'tap';
import { checkDiscovery } from '../../../deploy/demo/home-assistant/check-discovery.ts';
import { ORIGIN } from '../../src/home-assistant/device.ts';
import { awaitedTopics, discover } from '../../src/home-assistant/discovery.ts';
import { isOurs, planDiscovery } from '../../src/home-assistant/plan-discovery.ts';
import { INPUT } from './examples.ts';

const textsOf = (input: typeof INPUT) =>
  new Map([...discover(input)].map(([topic, payload]) => [topic, JSON.stringify(payload)]));
const ROUTER = 'homeassistant/device/headgate_router_attic/config';
const NODE = 'homeassistant/device/headgate_node_living_room_2/config';
const nobody: ReadonlySet<string> = new Set();
const full = textsOf(INPUT);
const fewer = textsOf({ ...INPUT, routers: [{ router: 'attic', version: '0.1.0', wans: ['wan'] }] });

t.test('nothing changed: nothing is said', async (t) => t.same(planDiscovery(full, full, nobody), []));

t.test('the first time: each device once', async (t) =>
  t.same(
    planDiscovery(full, new Map(), nobody).map(({ topic }) => topic),
    [...full.keys()],
  ),
);

t.test('a component that is gone: a farewell with nothing but its platform, then the message without it', async (t) => {
  const steps = planDiscovery(fewer, full, nobody);
  t.same(
    steps.map(({ topic }) => topic),
    [ROUTER, ROUTER],
  );
  const [farewell, after] = steps.map(
    ({ payload }) => (JSON.parse(payload) as { readonly components: Record<string, unknown> }).components,
  );
  t.same(farewell?.['wanb_up'], { platform: 'binary_sensor' });
  t.same(farewell?.['wanb_up_bps'], { platform: 'sensor' });
  t.ok(farewell !== undefined && 'wan_up' in farewell, 'the others stay in it');
  t.notOk(after && 'wanb_up' in after);
  t.same(checkDiscovery(new Map([[ROUTER, steps[1]?.payload ?? '']])), []);
});

t.test('a new component needs no farewell', async (t) => t.equal(planDiscovery(full, fewer, nobody).length, 1));

t.test('a router that is gone: an empty payload', async (t) =>
  t.same(planDiscovery(textsOf({ ...INPUT, routers: [] }), full, nobody), [{ topic: ROUTER, payload: '' }]),
);

t.test(
  'a node that was not heard yet, as after a start, stays what it was; one that is none of ours any more goes',
  async (t) => {
    const unheard = { ...INPUT, nodes: INPUT.nodes.map((one) => ({ ...one, isHeard: false })) };
    t.notOk(textsOf(unheard).has(NODE));
    t.same(planDiscovery(textsOf(unheard), full, awaitedTopics(unheard)), []);
    const none = { ...INPUT, nodes: [] };
    t.same(planDiscovery(textsOf(none), full, awaitedTopics(none)), [{ topic: NODE, payload: '' }]);
  },
);

t.test('an old payload that is no JSON is just replaced', async (t) =>
  t.same(planDiscovery(full, new Map([...full, [ROUTER, 'nonsense']]), nobody), [{ topic: ROUTER, payload: full.get(ROUTER) }]),
);

t.test('ours are told from others', async (t) => {
  for (const payload of full.values()) t.ok(isOurs(payload, ORIGIN, 'headgate'));
  const [, router = ''] = [...full.values()];
  t.notOk(isOurs(router, ORIGIN, 'headgate2'), 'another Headgate at the same broker');
  for (const payload of ['', 'x', '{}', '{"origin":{"name":"Zigbee2MQTT"},"device":{"identifiers":["headgate"]}}', '[]', 'null'])
    t.notOk(isOurs(payload, ORIGIN, 'headgate'), payload);
});
