// The link over a port of the plainest kind: a list of what was published, and a way to deliver.
import t from 'tap';
import {
  createTypedLink,
  type DecodeError,
  type Heard,
  type LinkPort,
  MAX_PAYLOAD_BYTES,
  topicOf,
  topics,
} from '../src/index.ts';

type Published = { topic: string; payload: string; qos: number; retain: boolean };

function openPort() {
  const published: Published[] = [];
  const listeners = new Map<string, (topic: string, payload: Uint8Array, retained: boolean) => void>();
  const port: LinkPort = {
    async publish(topic, payload, { qos, retain }) {
      published.push({ topic, payload, qos, retain });
    },
    async subscribe(filter, onMessage) {
      listeners.set(filter, onMessage);
      return async () => void listeners.delete(filter);
    },
    onConnect: () => () => {},
  };
  const deliver = (topic: string, payload: string, retained = false) => {
    for (const listener of listeners.values()) listener(topic, Buffer.from(payload), retained);
  };
  return { port, published, listeners, deliver };
}

const order = { order_id: 'o', wan: 'wan', up_bps: 1_000_000, down_bps: null, ttl_s: 60, reason: 'test' };

t.test('a message goes to its topic, as the table says', async (t) => {
  const { port, published } = openPort();
  const link = createTypedLink(port, 'home/headgate', () => {});
  await link.say('shaperOrder', { router: 'r1' }, order);
  await link.say('setEnabled', {}, 'ON');
  await link.say('setReserve', {}, 12.5);
  t.same(published, [
    { topic: 'home/headgate/router/r1/shaper/order', payload: JSON.stringify(order), qos: 1, retain: false },
    { topic: 'home/headgate/bandwidth/set/enabled', payload: 'ON', qos: 1, retain: false },
    { topic: 'home/headgate/bandwidth/set/reserve', payload: '12.5', qos: 1, retain: false },
  ]);
});

t.test('what the table does not promise is not said', async (t) => {
  const { port, published } = openPort();
  const link = createTypedLink(port, 'headgate', () => {});
  await t.rejects(link.say('shaperOrder', { router: 'r1' }, { ...order, up_bps: -1 }), {
    code: 'message_invalid',
    message: 'headgate/router/r1/shaper/order: up_bps: must be at least 0',
  });
  await t.rejects(link.say('shaperOrder', { router: 'r1' }, { ...order, up_bps: 1.5 }));
  await t.rejects(link.say('shaperOrder', { router: 'r1' }, { ...order, reason: 'x'.repeat(MAX_PAYLOAD_BYTES) }), {
    code: 'message_invalid',
  });
  for (const router of ['', 'a/b', '+', '#', '..', '__proto__', 'x'.repeat(65), 'a\u0000'])
    await t.rejects(
      link.say('shaperOrder', { router }, order),
      { code: 'message_invalid', path: 'router' },
      JSON.stringify(router),
    );
  t.same(published, []);
});

t.test('a message of any sender is heard with its names and its retained flag', async (t) => {
  const { port, deliver } = openPort();
  const heard: Heard<'shaperOrder'>[] = [];
  const link = createTypedLink(port, 'headgate', (error) => t.fail(error.message));
  await link.hear('shaperOrder', (message) => heard.push(message));
  deliver('headgate/router/r1/shaper/order', JSON.stringify({ ...order, later: true }));
  deliver('headgate/router/r-2.x_y/shaper/order', JSON.stringify(order), true);
  t.same(heard, [
    { value: order, names: { router: 'r1' }, retained: false },
    { value: order, names: { router: 'r-2.x_y' }, retained: true },
  ]);
});

t.test('a bad message goes to onBad with its topic, and the next good one is heard', async (t) => {
  const { port, deliver } = openPort();
  const bad: DecodeError[] = [];
  let good = 0;
  const link = createTypedLink(port, 'headgate', (error) => bad.push(error));
  await link.hear('setBoost', () => good++);
  for (const payload of ['', '{', '[]', '{"viewer":"","minutes":1}', '{"viewer":"main/a","minutes":-1}', '\u0000'])
    deliver('headgate/bandwidth/set/boost', payload);
  deliver('headgate/bandwidth/set/boost', '{"viewer":"main/a","minutes":1}');
  t.equal(bad.length, 6);
  t.ok(bad.every((error) => error.topic === 'headgate/bandwidth/set/boost'));
  t.equal(good, 1);
});

t.test('a topic of another shape or with a name that may not stand in one is not taken for ours', async (t) => {
  const { port, deliver } = openPort();
  const bad: DecodeError[] = [];
  const link = createTypedLink(port, 'headgate', (error) => bad.push(error));
  await link.hear('routerPresence', () => t.fail('heard'));
  for (const topic of [
    'headgate/router/presence',
    'headgate/router/a/b/presence',
    'other/router/a/presence',
    'headgate/node/a/presence',
  ])
    deliver(topic, '{}');
  t.equal(bad.length, 0);
  deliver('headgate/router/__proto__/presence', '{"state":"online","version":"1","boot_id":"x"}');
  t.match(bad, [{ path: 'router' }]);
});

t.test('a retained message that is taken away is silence, not an error', async (t) => {
  const { port, deliver } = openPort();
  const link = createTypedLink(port, 'headgate', (error) => t.fail(error.message));
  await link.hear('routerPresence', () => t.fail('heard'));
  deliver('headgate/router/a/presence', '');
});

t.test('the function that hear answers with ends the hearing', async (t) => {
  const { port, listeners } = openPort();
  const link = createTypedLink(port, 'headgate', () => {});
  const end = await link.hear('event', () => {});
  t.equal(listeners.size, 1);
  await end();
  t.equal(listeners.size, 0);
});

t.test('no two topics of the table can be taken for each other', async (t) => {
  const filters = Object.keys(topics).map((key) => topicOf('b', key as keyof typeof topics, undefined));
  t.equal(new Set(filters).size, filters.length);
  t.same(topicOf('b', 'sqm', { router: 'r' }), 'b/router/r/wan/+/sqm');
});
