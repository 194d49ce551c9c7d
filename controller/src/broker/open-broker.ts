// The embedded broker: aedes with Headgate's users, rights, bounds and storage. MQTT 3.1.1; aedes knows no MQTT 5.
import type { LinkPort } from '@headgate/protocol';
import { Aedes, type Client, type Subscription } from 'aedes';
import type { Kysely } from 'kysely';
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { ListenAt } from '../listen-at.ts';
import type { Log } from '../log.ts';
import type { TopicRoots } from './broker-access.ts';
import { createBrokerHooks } from './broker-hooks.ts';
import { type BrokerLimits, limitsFor } from './broker-limits.ts';
import { type BrokerUserConfig, createBrokerUsers } from './broker-users.ts';
import { createEmbeddedLink } from './embedded-link.ts';
import { createLogOnce } from './log-once.ts';
import { type ListenTls, openListeners } from './open-listeners.ts';
import { createBrokerPersistence } from './persistence/broker-persistence.ts';
import type { BrokerTables } from './persistence/durable-copy.ts';
import { MAX_TOPIC_LEVELS } from './topic-filter.ts';

export type BrokerConfig = {
  readonly listen: ListenAt;
  readonly tls: ListenTls | null;
  /** Nobody else gets in; without any, only the controller itself uses the broker. */
  readonly users: readonly BrokerUserConfig[];
};

export type BrokerStats = {
  readonly clients: number;
  /** Published since the start, by clients and by the controller. */
  readonly messages: number;
  readonly retainedTopics: number;
  readonly sessions: number;
  readonly queued: number;
  readonly dropped: number;
  readonly refused: { readonly logins: number; readonly publishes: number; readonly subscriptions: number };
  /** Database transactions since the start. */
  readonly writes: number;
  /** Why state cannot be stored now; null when it can. */
  readonly problem: string | null;
};

export type Broker = AsyncDisposable & {
  /** Ports that really listen; `tlsPort` null without TLS. */
  readonly port: number;
  readonly tlsPort: number | null;
  readonly link: LinkPort;
  stats(): BrokerStats;
};

export type BrokerDeps = {
  readonly config: BrokerConfig;
  readonly roots: TopicRoots;
  readonly tables: Kysely<BrokerTables>;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly log: Log;
  readonly limits?: BrokerLimits;
};

/** @throws ControllerError config_invalid where it cannot listen, naming the key. */
export async function openBroker({ config, roots, tables, clock, log, ...deps }: BrokerDeps): Promise<Broker> {
  const limits = deps.limits ?? limitsFor(config.users.length);
  const users = createBrokerUsers(config.users, roots);
  const once = createLogOnce(log);
  await using undo = new AsyncDisposableStack();
  const persistence = undo.use(createBrokerPersistence({ tables, clock, log, limits }));
  const { hooks, mayKeep, watch, refused } = createBrokerHooks({ users, persistence, clock, once, limits });
  const kept = {
    ...persistence,
    addSubscriptions: (client: Client, subscriptions: readonly Subscription[]) =>
      persistence.addSubscriptions(
        client,
        subscriptions.filter(({ topic }) => mayKeep(client, topic)),
      ),
  };
  const broker = await Aedes.createBroker({
    ...hooks,
    persistence: kept,
    connectTimeout: limits.helloMs,
    drainTimeout: limits.drainMs,
    maxTopicLevels: MAX_TOPIC_LEVELS,
    maxInflightInbound: 100,
    heartbeatInterval: limits.heartbeatMs,
    // Whoever sends with QoS 2 forgets the message at our PUBREC, which aedes writes after this. With QoS 1 it acknowledges before it begins.
    published: ({ qos }, client, done) => {
      if (client === null || qos !== 2) done();
      else void persistence.whenDurable().then(() => done());
    },
  });
  undo.defer(() => new Promise<void>((done) => broker.close(done)));
  persistence.forgetOwnersExcept(users.names);
  watch(broker);
  tellOf(broker, log);
  let messages = 0;
  broker.on('publish', ({ topic }) => {
    if (!topic.startsWith('$')) messages += 1;
  });
  const listeners = await openListeners({
    listen: config.listen,
    tls: config.tls,
    limits,
    clock,
    onSocket: (socket) => void broker.handle(socket),
  });
  const { port, tlsPort } = listeners;
  log.info({ host: config.listen.host, port, tlsPort, users: users.names.size }, 'MQTT broker listens');
  const parts = undo.move();
  return {
    port,
    tlsPort,
    link: createEmbeddedLink({ broker, retained: persistence.retained, whenDurable: persistence.whenDurable, log }),
    stats() {
      const { topics, sessions, queued, dropped, writes, problem } = persistence.stats();
      return {
        clients: broker.connectedClients,
        messages,
        retainedTopics: topics,
        sessions,
        queued,
        dropped,
        refused,
        writes,
        problem,
      };
    },
    async [Symbol.asyncDispose]() {
      // A listener's close waits for its connections, and those end only with the broker (aedes issue 640).
      listeners.stop();
      await parts.disposeAsync();
      await listeners.closed();
    },
  };
}

function tellOf(broker: Aedes, log: Log): void {
  const address = (client: Client): string => ('remoteAddress' in client.conn ? (client.conn.remoteAddress ?? '') : '');
  broker.on('clientReady', (client) => log.debug({ client: client.id, address: address(client) }, 'MQTT client connected'));
  broker.on('clientDisconnect', (client) => log.debug({ client: client.id }, 'MQTT client gone'));
  broker.on('clientError', (client, error) => log.debug({ client: client.id, error: messageOf(error) }, 'MQTT client cut off'));
  broker.on('connectionError', (_client, error) => log.debug({ error: messageOf(error) }, 'MQTT connection cut off'));
  // aedes emits its own failures on itself; unheard, they would end the process.
  broker.on(
    'error' as 'closed',
    ((error: unknown) => log.error({ error: messageOf(error) }, 'MQTT broker failed inside')) as () => void,
  );
}
