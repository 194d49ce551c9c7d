// One door for both kinds of broker: presence, health, statistics.
import mqtt from 'mqtt';
import t, { type Test } from 'tap';
import { type Mqtt, type MqttConfig, openMqtt } from '../../src/broker/open-mqtt.ts';
import { systemClock } from '../../src/clock.ts';
import { secretOf } from '../../src/config/secret.ts';
import { silentLog } from '../../src/log.ts';
import { USERS } from './fixtures/home-broker.ts';
import { startMosquitto } from './fixtures/mosquitto.ts';
import { makeFolder, openTestDatabase } from './fixtures/test-database.ts';
import { until } from './fixtures/until.ts';

async function open(t: Test, broker: MqttConfig['broker'], path: string): Promise<Mqtt> {
  const { tables, close } = await openTestDatabase(path);
  const opened = await openMqtt({
    config: { broker, baseTopic: 'headgate', clientName: 'headgate-controller' },
    discoveryPrefix: 'homeassistant',
    tables,
    identity: { version: '1.2.3', bootId: 'boot-1' },
    clock: systemClock,
    log: silentLog,
  });
  let isOpen = true;
  const end = async (): Promise<void> => {
    if (!isOpen) return;
    isOpen = false;
    await opened[Symbol.asyncDispose]();
    await close();
  };
  t.teardown(end);
  return { ...opened, [Symbol.asyncDispose]: end };
}

const embedded: MqttConfig['broker'] = { kind: 'embedded', listen: { host: '127.0.0.1', port: 0 }, tls: null, users: USERS };

async function presenceAt(t: Test, port: number, login: { username: string; password: string }): Promise<{ state: string }[]> {
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, login);
  client.on('error', () => {});
  t.teardown(() => client.endAsync(true));
  const heard: { state: string }[] = [];
  client.on('message', (_topic, payload) => heard.push(JSON.parse(payload.toString())));
  await client.subscribeAsync('headgate/controller/presence', { qos: 1 });
  return heard;
}

t.test('embedded: presence is said when announced, and taken back at a stop', async (t) => {
  const folder = await makeFolder();
  t.teardown(folder.remove);
  const first = await open(t, embedded, folder.path);
  const heard = await presenceAt(t, first.port ?? 0, { username: 'attic', password: 'attic-secret' });
  t.same(heard, [], 'nothing before all subscriptions stand');
  first.announce();
  first.announce();
  await until('online', () => heard.length === 1);
  t.match(heard[0], { state: 'online', version: '1.2.3', boot_id: 'boot-1', at: /^\d{4}-\d\d-\d\dT.*Z$/ });
  t.match(first.health(), { state: 'live', problem: null });
  t.match(first.stats(), { clients: 1, retainedTopics: 1 });
  await first[Symbol.asyncDispose]();
  await until('offline', () => heard.length === 2);
  t.equal(heard[1]?.state, 'offline');

  const second = await open(t, embedded, folder.path);
  const kept: string[] = [];
  await second.link.subscribe(
    'headgate/controller/presence',
    (_topic, payload) => void kept.push(JSON.parse(String(payload)).state),
  );
  t.same(kept, ['offline']);
});

t.test('external: the same, at a Mosquitto', async (t) => {
  const mosquitto = await startMosquitto(t);
  const folder = await makeFolder();
  t.teardown(folder.remove);
  const url = `mqtt://127.0.0.1:${mosquitto.port}`;
  const broker = { kind: 'external', url, username: 'headgate', password: secretOf('right'), ca: null } as const;
  const opened = await open(t, broker, folder.path);
  t.equal(opened.port, null);
  t.equal(opened.stats(), null);
  opened.announce();
  const heard = await presenceAt(t, mosquitto.port, { username: 'headgate', password: 'right' });
  await until('online', () => heard.some(({ state }) => state === 'online'));
  t.equal(opened.health().state, 'live');
  await mosquitto.signal('SIGKILL');
  await until('away', () => opened.health().state === 'unreachable');
  await mosquitto.start();
  await until('online again, by itself', () => heard.filter(({ state }) => state === 'online').length >= 2, 30_000);
  await opened[Symbol.asyncDispose]();
  await until('offline', () => heard.at(-1)?.state === 'offline');
});

t.test('external: a broker that is away does not keep the controller from starting or stopping', async (t) => {
  const folder = await makeFolder();
  t.teardown(folder.remove);
  const opened = await open(
    t,
    { kind: 'external', url: 'mqtt://127.0.0.1:1', username: null, password: null, ca: null },
    folder.path,
  );
  opened.announce();
  await until('the failure', () => opened.health().state === 'unreachable');
  t.match(opened.health().problem, /cannot be reached/);
  await opened[Symbol.asyncDispose]();
});
