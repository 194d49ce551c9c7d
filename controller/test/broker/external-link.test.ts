// The link to a broker of the user's own, against a real Mosquitto that is killed, frozen, late or cut off.
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import t from 'tap';
import { startMosquitto } from './fixtures/mosquitto.ts';
import { isLive, listen, observe, openLink, QUICK, startProxy } from './fixtures/test-link.ts';
import { until } from './fixtures/until.ts';

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

t.test('a connection that latched is given up, before it was up and after (complaint 15, zigbee2mqtt#33150)', async (t) => {
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

t.test('ending it while the broker is away takes no time', async (t) => {
  const mosquitto = await startMosquitto(t);
  await mosquitto.signal('SIGTERM');
  const link = openLink(t, mosquitto.port);
  await until('away', () => link.health().state === 'unreachable');
  const from = performance.now();
  await link[Symbol.asyncDispose]();
  t.ok(performance.now() - from < 5_000);
});
