// The embedded broker under clients that send or ask too much, or take nothing.
import { once } from 'node:events';
import { connect as connectSocket } from 'node:net';
import type { MqttClient } from 'mqtt';
import t from 'tap';
import { BROKER_LIMITS, limitsFor } from '../../src/broker/broker-limits.ts';
import { openHomeBroker } from './fixtures/home-broker.ts';
import { until } from './fixtures/until.ts';

const closeOf = (client: MqttClient) => new Promise<void>((done) => client.once('close', () => done()));

t.test('topics of a thousand levels and packets over the limit end their own connection only', async (t) => {
  const { broker, connect } = await openHomeBroker(t, { packetBytes: 10_000 });
  const bystander = await connect('ha');
  for (const send of [
    (client: MqttClient) => client.publish(`headgate/router/attic/${'a/'.repeat(1_000)}`, 'x'),
    (client: MqttClient) => client.subscribe('+/'.repeat(1_000)),
    (client: MqttClient) => client.publish('headgate/router/attic/presence', Buffer.alloc(10_001), { qos: 1 }),
  ]) {
    const hostile = await connect('attic');
    const closed = closeOf(hostile);
    send(hostile);
    await closed;
  }
  await broker.link.publish('headgate/event', 'x', { qos: 1, retain: false });
  t.equal(bystander.connected, true);
  await t.resolves(connect('attic'));
});

t.test('bytes that are no MQTT, and connections that say nothing, are cut off', async (t) => {
  const { broker, connect } = await openHomeBroker(t, { helloMs: 200 });
  for (const bytes of ['GET / HTTP/1.1\r\n\r\n', '\u0000\u0000\u0000', '']) {
    const socket = connectSocket(broker.port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write(bytes);
    socket.resume();
    await once(socket, 'close');
  }
  await t.resolves(connect('attic'));
});

t.test('connections over the bound are closed before they cost anything, and room comes back', async (t) => {
  const { broker, connect } = await openHomeBroker(t, { connections: 5 });
  const sockets = Array.from({ length: 20 }, () =>
    connectSocket(broker.port, '127.0.0.1')
      .on('error', () => {})
      .resume(),
  );
  let closed = 0;
  const count = (): void => {
    closed += 1;
  };
  for (const socket of sockets) socket.on('close', count);
  await until('15 are closed', () => closed >= 15);
  t.equal(closed, 15);
  for (const socket of sockets) socket.destroy();
  await until('room', () => closed === 20);
  await t.resolves(connect('attic').catch(() => connect('attic')));
});

t.test('there is room for every configured user twice, and for a home never less than before', async (t) => {
  t.same(limitsFor(12), BROKER_LIMITS);
  t.match(limitsFor(1_000), { connections: 2_000, sessions: 2_000, connectionsPerSecond: 200, retainedTopics: 10_000 });
});

t.test('a flood from one client is slowed down, and others are served meanwhile', async (t) => {
  const { broker, connect } = await openHomeBroker(t, { messagesPerSecond: 200 });
  const flooder = await connect('attic');
  const calm = await connect('cellar');
  let flood = 0;
  const calmAt: number[] = [];
  await broker.link.subscribe('headgate/router/attic/#', () => {
    flood += 1;
  });
  await broker.link.subscribe('headgate/router/cellar/#', () => void calmAt.push(performance.now()));
  for (let i = 0; i < 5_000; i += 1) flooder.publish('headgate/router/attic/wan/wan/throughput', 'x'.repeat(100));
  await until('the burst', () => flood >= 400);
  const startedAt = performance.now();
  await calm.publishAsync('headgate/router/cellar/wan/wan/throughput', 'x', { qos: 1 });
  await until('the calm one', () => calmAt.length === 1);
  t.ok(performance.now() - startedAt < 10_000, 'the flood itself takes 23 s');
  const before = flood;
  const from = performance.now();
  await until('a second more', () => performance.now() - from > 1_000);
  const seconds = (performance.now() - from) / 1_000;
  t.ok(flood - before <= 200 * seconds + 50, `${flood - before} in ${seconds} s`);
  t.ok(flooder.connected, 'slowed down, not cut off');
});

t.test('a reader that takes nothing is cut off; the controller and others go on', async (t) => {
  const { broker, connect } = await openHomeBroker(t, { drainMs: 300 });
  const frozen = await connect('ha');
  await frozen.subscribeAsync('headgate/#');
  frozen.stream.pause();
  const wall = await connect('wall');
  const heard = wall.heard;
  await wall.subscribeAsync('headgate/bandwidth/state');
  const big = 'x'.repeat(200_000);
  for (let i = 0; i < 100; i += 1) await broker.link.publish('headgate/event', big, { qos: 1, retain: false });
  await broker.link.publish('headgate/bandwidth/state', 'still here', { qos: 1, retain: false });
  await until('the other reader', () => heard.length === 1);
  await until('the frozen one is gone', () => broker.stats().clients === 1);
});

t.test('retained topics are bounded for clients, not for the controller', async (t) => {
  const { broker, connect, lines } = await openHomeBroker(t, { retainedTopics: 10 });
  const router = await connect('attic');
  for (let i = 0; i < 20; i += 1)
    await router.publishAsync(`headgate/router/attic/wan/w${i}/link`, 'x', { qos: 1, retain: true });
  await until('all arrived', () => broker.stats().messages === 20);
  t.equal(broker.stats().retainedTopics, 10);
  await broker.link.publish('homeassistant/device/headgate/config', '{}', { qos: 1, retain: true });
  t.equal(broker.stats().retainedTopics, 11);
  t.equal(lines.filter(({ text }) => /too many retained/.test(text)).length, 1);
});

t.test('telemetry at 1 Hz that is not retained causes no write', async (t) => {
  const { broker, connect } = await openHomeBroker(t);
  const router = await connect('attic');
  const homeAssistant = await connect('ha', { clean: false, clientId: 'ha' });
  const heard = homeAssistant.heard;
  await homeAssistant.subscribeAsync('headgate/#', { qos: 1 });
  const { writes } = broker.stats();
  for (let i = 0; i < 200; i += 1) await router.publishAsync('headgate/router/attic/wan/wan/throughput', String(i));
  await until('all arrived', () => heard.length === 200);
  t.equal(broker.stats().writes, writes);
});
