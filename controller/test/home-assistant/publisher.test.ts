// When Home Assistant is told: at the start, after its birth, when something changed; and not otherwise.
import t, { type Test } from 'tap';
import { type DiscoveryInput, discover } from '../../src/home-assistant/discovery.ts';
import { runPublisher } from '../../src/home-assistant/publisher.ts';
import { createListeners } from '../../src/listeners.ts';
import { silentLog } from '../../src/log.ts';
import { createFakeClock } from '../fixtures/fake-clock.ts';
import { createMemoryBroker, type MemoryBroker } from '../fixtures/memory-broker.ts';
import { INPUT as EXAMPLE } from './examples.ts';

const WITH_CHANNELS: DiscoveryInput = { ...EXAMPLE, sync: null, nodes: [] };
const INPUT: DiscoveryInput = { ...WITH_CHANNELS, channels: [] };
const CONTROLLER = 'homeassistant/device/headgate/config';
const ROUTER = 'homeassistant/device/headgate_router_attic/config';
const textsOf = (input: DiscoveryInput): Record<string, string> =>
  Object.fromEntries([...discover(input)].map(([topic, payload]) => [topic, JSON.stringify(payload)]));

const run = (t: Test, broker: MemoryBroker, random = 0.5) => {
  const clock = createFakeClock();
  const changes = createListeners();
  const stop = new AbortController();
  const seen = { states: 0, input: INPUT };
  const done = runPublisher(
    {
      port: broker,
      input: () => seen.input,
      onChange: changes.on,
      sayStates() {
        seen.states += 1;
      },
      clock,
      log: silentLog,
      random: () => random,
    },
    stop.signal,
  );
  t.teardown(async () => {
    stop.abort();
    await done;
  });
  return { clock, changes, seen };
};
const topicsOf = (broker: MemoryBroker, from = 0): readonly string[] => broker.sent.slice(from).map(({ topic }) => topic);

t.test('at the start: listens first, then says all of it, retained', async (t) => {
  const broker = createMemoryBroker();
  const { clock } = run(t, broker);
  await clock.advance(1_000);
  t.same(broker.sent, [], 'retained messages of an earlier run may still come');
  await clock.advance(3_000);
  t.same(topicsOf(broker), [CONTROLLER, ROUTER]);
  t.ok(broker.sent.every(({ retain }) => retain));
});

t.test('what stands at the broker already is not said again', async (t) => {
  const broker = createMemoryBroker(textsOf(INPUT));
  const { clock } = run(t, broker);
  await clock.advance(600_000);
  t.same(broker.sent, []);
});

t.test('after the birth message: discovery again within 1 to 5 s, then the states', async (t) => {
  for (const [random, afterMs] of [
    [0, 1_000],
    [0.999, 4_996],
  ] as const) {
    const broker = createMemoryBroker(textsOf(INPUT));
    const { clock, seen } = run(t, broker, random);
    await clock.advance(10_000);
    broker.say('homeassistant/status', 'online');
    await clock.advance(900);
    t.same(broker.sent, [], 'not at once: Home Assistant is still starting');
    await clock.advance(afterMs - 900);
    t.same(topicsOf(broker), [CONTROLLER, ROUTER]);
    t.equal(seen.states, 1);
  }
});

t.test('a retained birth message and an "offline" are no birth', async (t) => {
  const broker = createMemoryBroker({ ...textsOf(INPUT), 'homeassistant/status': 'online' });
  const { clock, seen } = run(t, broker);
  broker.say('homeassistant/status', 'offline');
  await clock.advance(120_000);
  t.same(broker.sent, []);
  t.equal(seen.states, 0);
});

t.test('a component that goes: farewell, then the payload, some seconds apart', async (t) => {
  const broker = createMemoryBroker(textsOf(INPUT));
  const { clock, changes, seen } = run(t, broker);
  await clock.advance(5_000);
  seen.input = { ...INPUT, routers: [{ router: 'attic', version: '0.1.0', wans: ['wan'] }] };
  changes.tell();
  await clock.advance(2_100);
  t.same(topicsOf(broker), [ROUTER], 'the farewell');
  await clock.advance(1_000);
  t.equal(broker.sent.length, 1, 'Home Assistant would skip a second one now');
  await clock.advance(1_500);
  t.same(topicsOf(broker), [ROUTER, ROUTER]);
  t.equal(broker.retained().get(ROUTER), textsOf(seen.input)[ROUTER]);
  await clock.advance(300_000);
  t.equal(broker.sent.length, 2);
});

t.test('a router that went: its device is removed, other people’s devices are not', async (t) => {
  const others = {
    'homeassistant/device/zigbee/config': '{"origin":{"name":"Zigbee2MQTT"},"device":{"identifiers":["z"]},"components":{}}',
  };
  const broker = createMemoryBroker({ ...textsOf(INPUT), ...others });
  const { clock, changes, seen } = run(t, broker);
  await clock.advance(5_000);
  seen.input = { ...INPUT, routers: [] };
  changes.tell();
  await clock.advance(5_000);
  t.same(broker.sent, [{ topic: ROUTER, payload: '', retain: true }]);
  t.same([...broker.retained().keys()].sort(), [...Object.keys(others), CONTROLLER].sort());
});

t.test('a broker that is away is tried again', async (t) => {
  const broker = createMemoryBroker();
  const { clock } = run(t, broker);
  broker.setConnected(false);
  await clock.advance(10_000);
  t.same(broker.sent, []);
  broker.setConnected(true);
  broker.reconnect();
  await clock.advance(5_000);
  t.same(topicsOf(broker), [CONTROLLER, ROUTER]);
});

t.test('somebody deleted our message at the broker: it is said again', async (t) => {
  const broker = createMemoryBroker(textsOf(INPUT));
  const { clock } = run(t, broker);
  await clock.advance(5_000);
  broker.say(CONTROLLER, '', { retain: true });
  await clock.advance(65_000);
  t.same(topicsOf(broker), [CONTROLLER]);
});

t.test('a channel that went: its device is removed', async (t) => {
  const broker = createMemoryBroker(textsOf(WITH_CHANNELS));
  const { clock } = run(t, broker);
  await clock.advance(5_000);
  t.same(broker.sent, [
    { topic: 'homeassistant/device/headgate_channel_3/config', payload: '', retain: true },
    { topic: 'homeassistant/device/headgate_channel_12/config', payload: '', retain: true },
  ]);
});
