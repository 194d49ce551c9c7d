// The port against brokers that refuse, stay mute, die and come back; and TLS by pin.
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { createServer as createTls } from 'node:tls';
import t from 'tap';
import { systemClock } from '../../src/ground/clock.ts';
import type { Log } from '../../src/ground/log.ts';
import { createMqttPort, type MqttOptions, type MqttPort } from '../../src/ground/mqtt-port.ts';

t.setTimeout(120_000);

const ACCEPTED = Buffer.from([0x20, 2, 0, 0]);
const NOT_AUTHORIZED = Buffer.from([0x20, 2, 0, 5]);
const CONNECT = 1;
const SUBSCRIBE = 8;

const lines: string[] = [];
const log: Log = {
  debug: () => {},
  info: (_, text) => lines.push(text),
  warn: (fields, text) => lines.push(`${text}: ${fields['problem']}`),
  error: () => {},
};
t.beforeEach(() => lines.splice(0));

const listening = async (server: Server): Promise<number> => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return (server.address() as AddressInfo).port;
};
/** A broker of a few bytes: `answer` says what each packet, by its type, gets. */
const crudeBroker = (answer: (type: number, nth: number, socket: Socket) => Buffer | undefined): Promise<number> => {
  let connections = 0;
  return listening(
    createServer((socket) => {
      const nth = connections++;
      socket.on('error', () => {});
      socket.on('data', (data) => {
        const reply = answer((data[0] ?? 0) >> 4, nth, socket);
        if (reply !== undefined) socket.write(reply);
      });
    }),
  );
};
const open = (port: number, tls?: MqttOptions['target']['tls']): MqttPort =>
  createMqttPort({
    options: { target: { host: '127.0.0.1', port, tls }, clientId: 'test', username: 'me', password: 'pw', will: undefined },
    clock: systemClock,
    random: () => 0,
    log,
  });
const until = async (test: () => boolean): Promise<void> => {
  for (let tries = 0; !test(); tries += 1) {
    if (tries > 750) throw new Error('did not happen in 15 s');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

t.test('a refused login is tried again, since the broker may only be starting', async (t) => {
  const port = await crudeBroker((type, nth) => (type === CONNECT ? (nth < 2 ? NOT_AUTHORIZED : ACCEPTED) : undefined));
  await using link = open(port);
  await until(link.connected);
  t.equal(lines.filter((line) => line.includes('Not authorized')).length, 1, 'told once, not each time');
});

t.test('offline, publishing rejects at once and nothing piles up', async (t) => {
  const port = await crudeBroker(() => undefined);
  await using link = open(port);
  await t.rejects(link.publish('a', 'b', { qos: 0, retain: false }), { code: 'unreachable' });
});

t.test('a broker that takes messages and never acknowledges them does not fill the memory', async (t) => {
  const port = await crudeBroker((type) => (type === CONNECT ? ACCEPTED : undefined));
  await using link = open(port);
  await until(link.connected);
  const sent = Array.from({ length: 200 }, () => link.publish('a', 'b', { qos: 1, retain: true }).catch((error: Error) => error));
  t.match(await sent.at(-1), { code: 'timeout' });
});

t.test('a new connection subscribes anew, and says so to who listens', async (t) => {
  const subscribed: number[] = [];
  const port = await crudeBroker((type, nth, socket) => {
    if (type === SUBSCRIBE) {
      subscribed.push(nth);
      if (nth === 0) socket.destroy();
    }
    return type === CONNECT ? ACCEPTED : undefined;
  });
  await using link = open(port);
  let connects = 0;
  link.onConnect(() => (connects += 1));
  await link.subscribe('headgate/x', () => {});
  await until(() => subscribed.includes(1));
  t.equal(connects, 2);
});

t.test('a broker that never answers the login is given up and tried again', async (t) => {
  const port = await crudeBroker((type, nth) => (type === CONNECT && nth > 0 ? ACCEPTED : undefined));
  await using link = open(port);
  await until(link.connected);
  t.pass('the second client got through');
});

t.test('closing is quick, whatever the broker does', async (t) => {
  const port = await crudeBroker((type) => (type === CONNECT ? ACCEPTED : undefined));
  const link = open(port);
  await until(link.connected);
  const since = performance.now();
  await link[Symbol.asyncDispose]();
  t.ok(performance.now() - since < 6_000);
});

t.test('TLS: the pin decides, before the password is sent', async (t) => {
  const file = (name: string): string => readFileSync(join(import.meta.dirname, '../fixtures', name), 'utf8');
  let heard = 0;
  const server = createTls({ key: file('tls-key.pem'), cert: file('tls-cert.pem') }, (socket) => {
    socket.on('error', () => {});
    socket.on('data', () => {
      heard += 1;
      socket.write(ACCEPTED);
    });
  });
  const port = await listening(server);
  await using wrong = open(port, { ca: undefined, pin: 'ab'.repeat(32) });
  await until(() => wrong.problem()?.includes('not the pinned one') === true);
  t.equal(heard, 0);
  await using right = open(port, { ca: undefined, pin: new X509Certificate(file('tls-cert.pem')).fingerprint256 });
  await until(right.connected);
  t.ok(heard > 0);
});
