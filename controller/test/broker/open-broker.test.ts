// The embedded broker with real clients over TCP: rights, passwords, bounds, the controller's own link.
import { once } from 'node:events';
import { type AddressInfo, connect as connectSocket, createServer } from 'node:net';
import type { MqttClient } from 'mqtt';
import t from 'tap';
import { openBroker } from '../../src/broker/open-broker.ts';
import { systemClock } from '../../src/clock.ts';
import { silentLog } from '../../src/log.ts';
import { connectTo, openBrokerAt, openHomeBroker, ROOTS } from './fixtures/home-broker.ts';
import { makeFolder, openTestDatabase } from './fixtures/test-database.ts';
import { until } from './fixtures/until.ts';

/** The CONNACK code with which a connection was refused; 0 if it was not. */
const refusalOf = (connecting: Promise<MqttClient>): Promise<unknown> =>
  connecting.then(
    () => 0,
    (error: { readonly code?: unknown }) => error.code,
  );

const closeOf = (client: MqttClient) => new Promise<void>((done) => client.once('close', () => done()));

t.test('router, controller and Home Assistant hear each other, retained messages too', async (t) => {
  const { broker, connect } = await openHomeBroker(t);
  const router = await connect('attic');
  await router.publishAsync('headgate/router/attic/presence', 'here', { qos: 1, retain: true });
  await until('the broker passed it on', () => broker.stats().messages === 1);

  const atController: string[] = [];
  const end = await broker.link.subscribe('headgate/router/+/#', (topic, payload, retained) => {
    atController.push(`${retained ? '!' : ''}${topic}=${Buffer.from(payload).toString()}`);
  });
  const atRouter = router.heard;
  await router.subscribeAsync('headgate/router/attic/shaper/order', { qos: 1 });
  const homeAssistant = await connect('ha');
  const atHomeAssistant = homeAssistant.heard;
  await homeAssistant.subscribeAsync(['headgate/#', 'homeassistant/+/+/config']);
  await router.publishAsync('headgate/router/attic/wan/wan/throughput', '1');
  await until('the controller heard', () => atController.length === 2);
  await broker.link.publish('headgate/router/attic/shaper/order', 'order', { qos: 1, retain: false });
  await broker.link.publish('homeassistant/device/headgate/config', '{}', { qos: 1, retain: true });
  await homeAssistant.publishAsync('headgate/bandwidth/set/enabled', 'ON', { qos: 1 });

  await until('everyone heard', () => atRouter.length === 1 && atHomeAssistant.length >= 5);
  t.same(atController, [
    '!headgate/router/attic/presence=here',
    'headgate/router/attic/wan/wan/throughput=1',
    'headgate/router/attic/shaper/order=order',
  ]);
  t.same(atRouter, ['headgate/router/attic/shaper/order=order']);
  t.ok(atHomeAssistant.includes('!headgate/router/attic/presence=here'));
  t.ok(atHomeAssistant.includes('homeassistant/device/headgate/config={}'));

  await end();
  await broker.link.publish('headgate/router/attic/shaper/order', 'again', { qos: 1, retain: false });
  t.equal(atController.length, 3, 'an ended subscription hears nothing');
});

t.test('a message that its user may not send is dropped, and the client stays', async (t) => {
  const { broker, connect, lines } = await openHomeBroker(t);
  const heard: string[] = [];
  await broker.link.subscribe('#', (topic) => void heard.push(topic));
  const router = await connect('attic');
  for (let i = 0; i < 3; i += 1)
    for (const topic of ['headgate/router/cellar/presence', 'headgate/bandwidth/set/enabled', 'zigbee2mqtt/lamp/set', '$SYS/x'])
      for (const qos of [0, 1, 2] as const) await router.publishAsync(topic, 'x', { qos, retain: true });
  await router.publishAsync('headgate/router/attic/presence', 'x', { qos: 1 });
  await until('the allowed one', () => heard.length > 0);
  t.same(heard, ['headgate/router/attic/presence']);
  t.equal(broker.stats().retainedTopics, 0);
  t.equal(broker.stats().refused.publishes, 36);
  t.equal(lines.filter(({ text }) => /may not publish/.test(text)).length, 4, 'one line for each topic');
  t.equal(router.connected, true);
});

t.test('a reader hears everything of ours and can say nothing', async (t) => {
  const { broker, connect } = await openHomeBroker(t);
  const wall = await connect('wall');
  const heard = wall.heard;
  await wall.subscribeAsync('headgate/#');
  await wall.publishAsync('headgate/bandwidth/set/enabled', 'OFF', { qos: 1 });
  await broker.link.publish('headgate/bandwidth/state', '{}', { qos: 1, retain: true });
  await until('the state', () => heard.length > 0);
  t.same(heard, ['headgate/bandwidth/state={}']);
});

t.test('a refused filter gets 128 in the SUBACK, hears nothing and is not kept in the session', async (t) => {
  const { broker, connect } = await openHomeBroker(t);
  await broker.link.publish('headgate/router/cellar/presence', 'x', { qos: 1, retain: true });
  const options = { clean: false, clientId: 'attic-agent' };
  const router = await connect('attic', options);
  const heard = router.heard;
  await t.rejects(router.subscribeAsync('headgate/#', { qos: 1 }));
  await t.rejects(
    router.subscribeAsync(['headgate/router/attic/shaper/order', '#', '$SYS/#', 'headgate/router/+/presence'], { qos: 1 }),
  );
  await broker.link.publish('headgate/router/cellar/presence', 'y', { qos: 1, retain: true });
  await broker.link.publish('headgate/router/attic/shaper/order', 'mine', { qos: 1, retain: false });
  await until('the allowed one', () => heard.length > 0);
  await router.endAsync();
  await broker.link.publish('headgate/router/cellar/presence', 'z', { qos: 1, retain: true });
  await broker.link.publish('headgate/router/attic/shaper/order', 'later', { qos: 1, retain: false });
  t.equal(broker.stats().queued, 1, 'only the allowed filter queues for the absent client');
  t.same(heard, ['headgate/router/attic/shaper/order=mine']);
});

t.test('wrong password, unknown user and no user are refused alike, slowed down after five, and told once', async (t) => {
  const { broker, connect, lines } = await openHomeBroker(t);
  for (const options of [{ password: 'wrong' }, { username: 'nobody' }, { username: '', password: '' }])
    t.equal(await refusalOf(connect('attic', options)), 4);
  for (let i = 0; i < 4; i += 1) t.equal(await refusalOf(connect('attic', { password: 'wrong' })), 4);
  t.equal(await refusalOf(connect('attic', { password: 'wrong' })), 3, 'the sixth must wait');
  await t.resolves(connect('cellar'), 'another user at that address need not');
  t.ok(broker.stats().refused.logins >= 8);
  t.equal(lines.filter(({ level }) => level === 'warn').length, 2);
  t.notMatch(JSON.stringify(lines), /secret|wrong"/);
});

t.test("a last will must be of the user's own topics; a fine one is sent when the client is cut off", async (t) => {
  const { broker, connect } = await openHomeBroker(t);
  const heard: string[] = [];
  await broker.link.subscribe('headgate/#', (topic, payload) => void heard.push(`${topic}=${Buffer.from(payload).toString()}`));
  const will = (topic: string) => ({ will: { topic, payload: Buffer.from('offline'), qos: 1 as const, retain: true } });
  t.equal(await refusalOf(connect('attic', will('headgate/router/cellar/presence'))), 5);
  const router = await connect('attic', will('headgate/router/attic/presence'));
  router.stream.destroy();
  await until('the will', () => heard.length > 0);
  t.same(heard, ['headgate/router/attic/presence=offline']);
  t.equal(broker.stats().retainedTopics, 1);
});

t.test("another user's client id is refused, connected or as a session; one's own is taken over", async (t) => {
  const { connect } = await openHomeBroker(t);
  const options = { clientId: 'shared', clean: false };
  const first = await connect('attic', options);
  t.equal(await refusalOf(connect('cellar', options)), 2);
  await first.subscribeAsync('headgate/router/attic/#', { qos: 1 });
  await first.endAsync();
  t.equal(await refusalOf(connect('cellar', { clientId: 'shared', clean: true })), 2);
  const second = await connect('attic', options);
  const gone = closeOf(second);
  await connect('attic', options);
  await gone;
});

t.test('MQTT 5 is refused with the code for it, and the log says once what to do', async (t) => {
  const { connect, lines } = await openHomeBroker(t);
  for (let i = 0; i < 3; i += 1) t.equal(await refusalOf(connect('ha', { protocolVersion: 5 })), 1);
  t.match(
    lines.filter(({ level }) => level === 'warn'),
    [{ text: /MQTT 5.*3\.1\.1/, fields: { address: '127.0.0.1' } }],
  );
});

t.test("the link refuses what is no topic, and a listener's failure stays its own", async (t) => {
  const { broker, lines } = await openHomeBroker(t);
  for (const topic of ['', 'a/+', 'a/#', 'a\u0000b'])
    await t.rejects(broker.link.publish(topic, 'x', { qos: 0, retain: false }), { code: 'input_invalid' });
  await t.rejects(
    broker.link.subscribe('a/#/b', () => {}),
    { code: 'input_invalid' },
  );
  await broker.link.subscribe('a', () => {
    throw new Error('handler broke');
  });
  let heard = 0;
  await broker.link.subscribe('#', () => {
    heard += 1;
  });
  await broker.link.publish('a', 'x', { qos: 1, retain: false });
  t.equal(heard, 1, 'and `#` hears nothing of $SYS');
  t.match(
    lines.filter(({ level }) => level === 'error'),
    [{ fields: { error: 'handler broke' } }],
  );
  let connects = 0;
  broker.link.onConnect(() => {
    connects += 1;
  });
  await until('onConnect', () => connects === 1);
});

t.test('a port that is taken is an error that names the key, and leaves nothing behind', async (t) => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  t.teardown(() => other.close());
  const { port } = other.address() as AddressInfo;
  const folder = await makeFolder();
  const { tables, close } = await openTestDatabase(folder.path);
  const config = { listen: { host: '127.0.0.1', port }, tls: null, users: [] };
  await t.rejects(openBroker({ config, roots: ROOTS, tables, clock: systemClock, log: silentLog }), {
    code: 'config_invalid',
    message: /^mqtt\.listen: .*127\.0\.0\.1:\d+.*something else listens/,
  });
  await close();
  await folder.remove();
});

t.test('it stops with clients connected, at once, and their wills are stored', async (t) => {
  const folder = await makeFolder();
  t.teardown(folder.remove);
  const { broker, stop } = await openBrokerAt(folder.path, silentLog);
  const will = { topic: 'headgate/router/attic/presence', payload: Buffer.from('offline'), qos: 1 as const, retain: true };
  const router = await connectTo(t, broker.port, 'attic', { will });
  await router.publishAsync('headgate/router/attic/presence', 'online', { qos: 1, retain: true });
  const silent = connectSocket(broker.port, '127.0.0.1')
    .on('error', () => {})
    .resume();
  await once(silent, 'connect');
  const startedAt = performance.now();
  await stop();
  t.ok(performance.now() - startedAt < 5_000);
  await t.rejects(broker.link.publish('a', 'x', { qos: 1, retain: false }), { code: 'upstream_unreachable' });

  const next = await openBrokerAt(folder.path, silentLog);
  t.teardown(next.stop);
  const heard: string[] = [];
  await next.broker.link.subscribe('headgate/#', (_topic, payload) => void heard.push(Buffer.from(payload).toString()));
  t.same(heard, ['offline']);
});

t.test('a message that waits for the disk is not lost to one that does not: every order arrives', async (t) => {
  const { broker, connect } = await openHomeBroker(t);
  const homeAssistant = await connect('ha');
  await homeAssistant.subscribeAsync('headgate/#', { qos: 1 });
  const router = await connect('attic');
  // Rare retained ones are written at once; throughput, and what stands already, is not written at all.
  const topics = ['presence', 'wan/wan/link', 'wan/wan/sqm', 'wan/wan/throughput'].map((name) => `headgate/router/attic/${name}`);
  const said: string[] = [];
  for (let round = 0; round < 20; round += 1)
    for (const topic of topics) {
      said.push(`${topic}=${round}`);
      await router.publishAsync(topic, String(round), { qos: 1, retain: !topic.endsWith('throughput') });
      if (round % 3 === 0) void broker.link.publish('headgate/event', String(round), { qos: 1, retain: false });
    }
  const heard = (): readonly string[] => homeAssistant.heard.filter((text) => !text.startsWith('headgate/event'));
  await until('all of them', () => heard().length >= said.length, 10_000).catch(() => {});
  t.same(heard(), said);
});
