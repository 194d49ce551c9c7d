// The protocol's three-method port over mqtt.js. Each connection is a new client, so that none can latch (zigbee2mqtt #33150, MQTT.js #1727);
// back-off, jitter and resubscription are ours, since mqtt.js has none, and stops for ever on a refused CONNACK.
import type { Socket } from 'node:net';
import type { LinkPort } from '@headgate/protocol';
import type { IClientOptions, MqttClient } from 'mqtt';
import { createBackOff } from './back-off.ts';
import type { Clock } from './clock.ts';
import { AgentError, messageOf } from './errors.ts';
import type { Log } from './log.ts';
import { openSocket, type SocketTarget } from './open-socket.ts';
import { createSubscriptions, type Subscriptions } from './subscriptions.ts';

export type MqttPort = LinkPort &
  AsyncDisposable & {
    readonly connected: () => boolean;
    /** Why the last try failed; undefined while connected. For --test. */
    readonly problem: () => string | undefined;
  };

export type MqttOptions = {
  readonly target: SocketTarget;
  readonly clientId: string;
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** Retained; undefined for a mere check. */
  readonly will: { readonly topic: string; readonly payload: string } | undefined;
};

type Deps = { readonly options: MqttOptions; readonly clock: Clock; readonly random: () => number; readonly log: Log };

const CONNECT_MS = 8_000;
const KEEPALIVE_S = 15;
/** Nothing at all heard for so long, pings included: the client is dead whatever it thinks. */
const MUTE_MS = 2.5 * KEEPALIVE_S * 1000;
/** Connected for so long: the broker is well, and the next loss starts the back-off anew. */
const STEADY_MS = 10_000;
/** Unacknowledged messages; a broker that stops answering must not fill the memory. */
const MOST_IN_FLIGHT = 64;

/** Starts connecting at once, and goes on until disposed. Publishing while offline rejects: who publishes keeps the latest only. */
export function createMqttPort({ options, clock, random, log }: Deps): MqttPort {
  const ending = new AbortController();
  const listeners = new Set<() => void>();
  const backOff = createBackOff({ firstMs: 1_000, mostMs: 30_000, random });
  let session: Session | undefined;
  let problem: string | undefined = 'not connected yet';
  const subscriptions = createSubscriptions((filter) => session?.subscribe(filter), log);

  const live = async (): Promise<void> => {
    const opened = await connectOnce(options, subscriptions, ending.signal);
    if (ending.signal.aborted) return opened.destroy();
    session = opened;
    const since = clock.monotonic();
    if (problem !== undefined) log.info({ broker: where(options) }, 'connected to the broker');
    problem = undefined;
    for (const filter of subscriptions.filters()) opened.subscribe(filter);
    for (const listener of listeners) listener();
    const reason = await opened.gone;
    session = undefined;
    if (clock.monotonic() - since >= STEADY_MS) backOff.reset();
    throw new AgentError('unreachable', reason);
  };

  const run = async (): Promise<void> => {
    while (!ending.signal.aborted) {
      try {
        await live();
      } catch (error) {
        const text = messageOf(error);
        if (!ending.signal.aborted && text !== problem)
          log.warn({ broker: where(options), problem: text }, 'no connection to the broker; trying again');
        problem = text;
      }
      await clock.sleep(backOff.next(), ending.signal).catch(() => {});
    }
  };
  const running = run();

  return {
    connected: () => session !== undefined,
    problem: () => problem,
    publish: (topic, payload, { qos, retain }) =>
      session?.publish(topic, payload, { qos, retain }) ??
      Promise.reject(new AgentError('unreachable', 'not connected to the broker')),
    subscribe: (filter, onMessage) => Promise.resolve(subscriptions.add(filter, onMessage)),
    onConnect(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async [Symbol.asyncDispose]() {
      ending.abort();
      await session?.end();
      await running;
    },
  };
}

const where = ({ target }: MqttOptions): string => `${target.host}:${target.port}`;

type Session = {
  readonly publish: LinkPort['publish'];
  readonly subscribe: (filter: string) => void;
  /** Resolves with a reason once the connection is over. */
  readonly gone: Promise<string>;
  readonly end: () => Promise<void>;
  readonly destroy: () => void;
};

async function connectOnce(options: MqttOptions, subscriptions: Subscriptions, signal: AbortSignal): Promise<Session> {
  const [socket, mqtt] = await Promise.all([openSocket(options.target, CONNECT_MS), import('mqtt')]);
  const client = new mqtt.MqttClient(() => socket, clientOptions(options));
  const stop = (): void => void socket.destroy();
  signal.addEventListener('abort', stop, { once: true });
  try {
    await new Promise<void>((resolve, reject) => {
      client.once('connect', () => resolve());
      client.once('error', (cause) => reject(new AgentError('refused', `the broker says: ${cause.message}`, { cause })));
      client.once('close', () => reject(new AgentError('unreachable', 'the broker closed the connection')));
    });
  } catch (error) {
    client.on('error', () => {});
    client.end(true);
    socket.destroy();
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
  return createSession(client, socket, subscriptions);
}

const clientOptions = ({ clientId, username, password, will }: MqttOptions): IClientOptions => ({
  clientId,
  ...(username === undefined ? {} : { username }),
  ...(password === undefined ? {} : { password }),
  // 3.1.1 is what every broker of a home speaks; aedes 1.x knows no MQTT 5.
  protocolVersion: 4,
  clean: true,
  keepalive: KEEPALIVE_S,
  // With a publish each second mqtt.js would put off its ping for ever, and not notice a dead broker.
  reschedulePings: false,
  reconnectPeriod: 0,
  connectTimeout: CONNECT_MS,
  queueQoSZero: false,
  resubscribe: false,
  ...(will === undefined ? {} : { will: { topic: will.topic, payload: Buffer.from(will.payload), qos: 1, retain: true } }),
});

function createSession(client: MqttClient, socket: Socket, subscriptions: Subscriptions): Session {
  const waiting = new Set<(error: Error) => void>();
  let heardAt = performance.now();
  let reason = 'the broker closed the connection';
  const destroy = (): void => {
    client.end(true);
    socket.destroy();
  };
  const watchdog = setInterval(() => {
    if (performance.now() - heardAt < MUTE_MS) return;
    reason = 'the broker fell silent';
    destroy();
  }, 5_000);
  client.on('packetreceive', () => {
    heardAt = performance.now();
  });
  client.on('error', (error) => {
    reason = error.message;
  });
  client.on('message', (topic, payload, packet) => subscriptions.deliver(topic, payload, packet.retain));
  const gone = new Promise<string>((resolve) => {
    const over = (): void => {
      clearInterval(watchdog);
      for (const fail of waiting) fail(new AgentError('unreachable', reason));
      waiting.clear();
      destroy();
      resolve(reason);
    };
    client.once('close', over);
    socket.once('close', over);
  });
  return {
    gone,
    destroy,
    publish: (topic, payload, options) =>
      new Promise((resolve, reject) => {
        if (waiting.size >= MOST_IN_FLIGHT)
          return reject(new AgentError('timeout', `${MOST_IN_FLIGHT} messages wait for the broker`));
        waiting.add(reject);
        client.publish(topic, payload, options, (error) => {
          waiting.delete(reject);
          if (error) reject(new AgentError('unreachable', error.message, { cause: error }));
          else resolve();
        });
      }),
    subscribe: (filter) =>
      void client.subscribe(filter, { qos: 1 }, (error) => error && subscriptions.refused(filter, error.message)),
    async end() {
      const done = new Promise<void>((resolve) => client.end(false, {}, () => resolve()));
      await Promise.race([done, gone, new Promise((resolve) => setTimeout(resolve, 1_000).unref())]);
      destroy();
    },
  };
}
