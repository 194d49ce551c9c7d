// The link to a broker of the user's own, against a real Mosquitto: outages, refusals, versions, TLS.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import mqtt from 'mqtt';
import t, { type Test } from 'tap';
import type { BrokerHealth } from '../../src/broker/broker-health.ts';
import { type ExternalLink, openExternalLink } from '../../src/broker/external-link.ts';
import { DIAL_TIMINGS, type DialOptions } from '../../src/broker/mqtt-connection.ts';
import { openBroker } from '../../src/broker/open-broker.ts';
import { systemClock } from '../../src/clock.ts';
import { secretOf } from '../../src/config/secret.ts';
import { silentLog } from '../../src/log.ts';
import { makeCertificate } from '../http-client/make-certificate.ts';
import { createHeardLog, type HeardLog } from './fixtures/heard-log.ts';
import { openHomeBroker, ROOTS, USERS } from './fixtures/home-broker.ts';
import { startMosquitto } from './fixtures/mosquitto.ts';
import { makeFolder, openTestDatabase } from './fixtures/test-database.ts';
import { until } from './fixtures/until.ts';

const QUICK = { ...DIAL_TIMINGS, retryMs: 100 };

type TestLink = ExternalLink & { readonly states: BrokerHealth['state'][]; readonly lines: HeardLog['lines'] };

function openLink(t: Test, port: number, options: Partial<DialOptions> = {}): TestLink {
  const states: BrokerHealth['state'][] = [];
  const { log, lines } = createHeardLog();
  const external = openExternalLink({
    options: {
      url: `mqtt://127.0.0.1:${port}`,
      username: 'headgate',
      password: secretOf('right'),
      ca: null,
      clientName: 'headgate-controller',
      will: { topic: 'headgate/controller/presence', payload: 'offline' },
      timings: QUICK,
      ...options,
    },
    clock: systemClock,
    log,
    onHealth: ({ state }) => void states.push(state),
  });
  t.teardown(() => external[Symbol.asyncDispose]());
  return { ...external, states, lines };
}

async function observe(t: Test, port: number): Promise<string[]> {
  const client = mqtt.connect(`mqtt://127.0.0.1:${port}`, { username: 'headgate', password: 'right', reconnectPeriod: 100 });
  t.teardown(() => client.endAsync(true));
  const heard: string[] = [];
  client.on('message', (topic, payload, { retain }) => heard.push(`${retain ? '!' : ''}${topic}=${payload.toString()}`));
  client.on('error', () => {});
  await client.subscribeAsync('headgate/#', { qos: 1 });
  return heard;
}

const listen = async (link: ExternalLink, filter: string): Promise<string[]> => {
  const heard: string[] = [];
  await link.link.subscribe(filter, (topic, payload, retained) => {
    heard.push(`${retained ? '!' : ''}${topic}=${Buffer.from(payload).toString()}`);
  });
  return heard;
};
const isLive = (link: ExternalLink) => () => link.health().state === 'live';
const kept = { qos: 1, retain: true } as const;
const said = { qos: 1, retain: false } as const;

t.test(
  'the broker is killed and comes back: states said meanwhile arrive, the newest of each, and all is heard again',
  async (t) => {
    const mosquitto = await startMosquitto(t);
    const link = openLink(t, mosquitto.port);
    let connects = 0;
    link.link.onConnect(() => {
      connects += 1;
    });
    const heard = await listen(link, 'headgate/#');
    await until('connected', isLive(link));
    await link.link.publish('headgate/event', '1', said);
    await until('its own event', () => heard.length === 1);

    await mosquitto.signal('SIGKILL');
    await until('the loss', () => link.health().state === 'unreachable');
    for (let i = 1; i <= 50; i += 1)
      await t.rejects(link.link.publish('headgate/bandwidth/state', String(i), kept), { code: 'upstream_unreachable' });
    await t.rejects(link.link.publish('headgate/event', 'lost', said), { code: 'upstream_unreachable' });
    await mosquitto.start();
    await until('connected again', isLive(link), 30_000);
    const observer = await observe(t, mosquitto.port);
    await until('the state', () => observer.length > 0);
    t.same(observer, ['!headgate/bandwidth/state=50']);
    await link.link.publish('headgate/event', '2', said);
    await until('the second event', () => heard.includes('headgate/event=2'));
    t.notOk(heard.some((each) => each.includes('lost')));
    t.equal(connects, 2);
    t.same(link.states, ['live', 'unreachable', 'live']);
    t.equal(link.lines.filter(({ level }) => level !== 'debug').length, 3, 'one line for each change');

    // This Mosquitto forgets when it ends, so what comes now was sent again.
    observer.length = 0;
    await mosquitto.signal('SIGKILL');
    await until('the second loss', () => link.health().state === 'unreachable');
    await mosquitto.start();
    await until('connected once more', isLive(link), 30_000);
    await link.link.publish('headgate/event', '3', said);
    await until('the third event', () => heard.includes('headgate/event=3'));
    t.notOk(
      heard.slice(heard.indexOf('headgate/event=2')).includes('headgate/bandwidth/state=50'),
      'what arrived is not sent again',
    );
  },
);

t.test('the broker may come after us', async (t) => {
  const mosquitto = await startMosquitto(t);
  await mosquitto.signal('SIGTERM');
  const link = openLink(t, mosquitto.port);
  const heard = await listen(link, 'headgate/#');
  await until('the first failure', () => link.health().state === 'unreachable');
  await t.rejects(link.link.publish('headgate/controller/presence', 'online', kept), { code: 'upstream_unreachable' });
  await mosquitto.start();
  await until('connected', isLive(link), 30_000);
  await until('our own state', () => heard.length === 1);
});

t.test('a frozen broker is noticed and left; it is found again when it thaws', async (t) => {
  const mosquitto = await startMosquitto(t);
  const timings = { ...QUICK, keepaliveMs: 1_000, connectMs: 1_000, latchedMs: 1_500, silentMs: 3_000 };
  const link = openLink(t, mosquitto.port, { timings });
  await until('connected', isLive(link));
  await mosquitto.signal('SIGSTOP');
  const pending = link.link.publish('headgate/event', 'x', said);
  await t.rejects(pending, { code: /upstream_unreachable|timeout/ });
  await until('the freeze is noticed', () => link.health().state === 'unreachable');
  await mosquitto.signal('SIGCONT');
  await until('connected again', isLive(link), 30_000);
});

t.test('a connection that latched is given up, before it was up and after', async (t) => {
  const mute = createServer((socket) => socket.on('error', () => {}).resume()).listen(0, '127.0.0.1');
  await once(mute, 'listening');
  t.teardown(() => mute.close());
  const never = openLink(t, (mute.address() as AddressInfo).port, {
    timings: { ...QUICK, connectMs: 60_000, latchedMs: 500 },
  });
  await until('no answer', () => never.health().state === 'unreachable');
  t.match(never.health().problem, /no answer/);
  await never[Symbol.asyncDispose]();

  const mosquitto = await startMosquitto(t);
  // Longer without a ping than it waits for one: to the watchdog this broker is silent.
  const link = openLink(t, mosquitto.port, { timings: { ...QUICK, latchedMs: 600, silentMs: 1_000 } });
  await until('connected', isLive(link));
  await until('nothing heard', () => link.health().state === 'unreachable');
  t.match(link.health().problem, /nothing heard/);
});

t.test('a wrong password is told as such and not tried again soon', async (t) => {
  const mosquitto = await startMosquitto(t);
  const proxy = await startProxy(t, mosquitto.port);
  const link = openLink(t, proxy.port, { password: secretOf('hunter2') });
  await until('the refusal', () => link.health().state === 'refused');
  t.match(link.health().problem, /refuses us/);
  const from = performance.now();
  await until('time for many tries', () => performance.now() - from > 1_500);
  t.same(link.states, ['refused']);
  t.equal(proxy.taken(), 1);
  t.notMatch(JSON.stringify([link.lines, link.health()]), /hunter2/);
});

t.test('the last will is sent when we are cut off, and not when we leave properly', async (t) => {
  const mosquitto = await startMosquitto(t);
  const { port, cut } = await startProxy(t, mosquitto.port);
  const observer = await observe(t, mosquitto.port);
  const link = openLink(t, port);
  await until('connected', isLive(link));
  await link[Symbol.asyncDispose]();
  const second = openLink(t, port);
  await until('connected', isLive(second));
  t.same(observer, []);
  cut();
  await until('the will, after its delay', () => observer.length > 0, 20_000);
  t.same(observer, ['headgate/controller/presence=offline']);
});

t.test('a broker of MQTT 3.1.1 only is spoken to in 3.1.1, also one that hangs up on 5 without a word', async (t) => {
  const { broker } = await openHomeBroker(t);
  const login = { username: 'ha', password: secretOf('ha-secret') };
  const link = openLink(t, broker.port, { ...login, will: { topic: 'homeassistant/status', payload: 'offline' } });
  await until('connected', isLive(link));
  t.same(link.states, ['live'], 'the refused version is no outage');
  const rude = await startProxy(t, broker.port, (bytes) => bytes.includes(Buffer.from('MQTT\u0005')));
  const second = openLink(t, rude.port, {
    ...login,
    clientName: 'second',
    will: { topic: 'homeassistant/status', payload: 'offline' },
  });
  await until('connected', isLive(second));
  const heard = await listen(second, 'headgate/#');
  await broker.link.publish('headgate/event', 'x', said);
  await until('the event', () => heard.length === 1);
});

t.test('handlers of one filter all hear, the later one the retained message too, until each ends', async (t) => {
  const mosquitto = await startMosquitto(t);
  const link = openLink(t, mosquitto.port);
  await until('connected', isLive(link));
  await link.link.publish('headgate/bandwidth/state', 'now', kept);
  const first: string[] = [];
  const second: string[] = [];
  const endFirst = await link.link.subscribe('headgate/bandwidth/state', (_topic, payload) => void first.push(String(payload)));
  await link.link.subscribe('headgate/bandwidth/state', (_topic, payload) => void second.push(String(payload)));
  await until('the retained one', () => first.length > 0 && second.length > 0);
  await endFirst();
  const before = first.length;
  await link.link.publish('headgate/bandwidth/state', 'next', kept);
  await until('the next', () => second.at(-1) === 'next');
  t.equal(first.length, before);
});

t.test('TLS: the right authority is trusted, any other is not', async (t) => {
  const ours = await makeCertificate();
  const folder = await makeFolder();
  const { tables, close } = await openTestDatabase(folder.path);
  const listenAt = { host: '127.0.0.1', port: 0 };
  const tls = { listen: listenAt, certificate: ours.cert, key: secretOf(ours.key) };
  const broker = await openBroker({
    config: { listen: listenAt, tls, users: USERS },
    roots: ROOTS,
    tables,
    clock: systemClock,
    log: silentLog,
  });
  t.teardown(async () => {
    await broker[Symbol.asyncDispose]();
    await close();
    await folder.remove();
  });
  const options = {
    url: `mqtts://127.0.0.1:${broker.tlsPort}`,
    username: 'ha',
    password: secretOf('ha-secret'),
    will: { topic: 'homeassistant/status', payload: 'x' },
  };
  const trusting = openLink(t, 0, { ...options, ca: ours.cert });
  await until('connected', isLive(trusting));
  const other = openLink(t, 0, { ...options, ca: null, clientName: 'other' });
  await until('the distrust', () => other.health().state === 'unreachable');
  t.match(other.health().problem, /certificate/);
});

t.test('ending it while the broker is away takes no time', async (t) => {
  const mosquitto = await startMosquitto(t);
  await mosquitto.signal('SIGTERM');
  const link = openLink(t, mosquitto.port);
  await until('away', () => link.health().state === 'unreachable');
  const from = performance.now();
  await link[Symbol.asyncDispose]();
  t.ok(performance.now() - from < 5_000);
});

/** A TCP proxy that can be cut, and that hangs up on first bytes that it does not like. */
async function startProxy(t: Test, port: number, isDisliked: (bytes: Buffer) => boolean = () => false) {
  const sockets = new Set<Socket>();
  let taken = 0;
  const server = createServer((near) => {
    taken += 1;
    const far = connect(port, '127.0.0.1');
    for (const socket of [near, far])
      sockets.add(socket.on('error', () => {}).on('close', () => [near, far].map((each) => each.destroy())));
    near.once('data', (bytes: Buffer) => {
      if (isDisliked(bytes)) {
        near.destroy();
        return;
      }
      far.write(bytes);
      near.pipe(far).pipe(near);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = (): void => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  t.teardown(cut);
  return { port: (server.address() as AddressInfo).port, cut, taken: () => taken };
}
