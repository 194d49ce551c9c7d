// aedes' persistence interface (aedes-persistence 11, asynchronous form) over memory with a durable copy in Headgate's own database.
import { Readable } from 'node:stream';
import type { Kysely } from 'kysely';
import type { Clock } from '../../clock.ts';
import type { Log } from '../../log.ts';
import { BROKER_LIMITS, type BrokerLimits } from '../broker-limits.ts';
import { type BrokerTables, createDurableCopy, type DurableCopy } from './durable-copy.ts';
import { createIncomingReleases, type IncomingReleases } from './incoming-releases.ts';
import { createOutgoingQueues, type OutgoingQueues, type PacketName, type Receiver } from './outgoing-queues.ts';
import { createRetainedMessages, type RetainedMessages } from './retained-messages.ts';
import { createSessions, type Sessions, type Subscription } from './sessions.ts';
import type { IncomingPacket } from './stored-packet.ts';
import { createStoredWills, type StoredWills, type Will } from './stored-wills.ts';

type ClientName = { readonly id: string };
/** What this needs of the broker; aedes hands itself to `setup`. */
type BrokerName = { readonly id: string; readonly clients?: Readonly<Record<string, unknown>> };

export type BrokerPersistenceDeps = {
  readonly tables: Kysely<BrokerTables>;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly log: Log;
  readonly limits?: BrokerLimits;
};

export type BrokerPersistence = ReturnType<typeof createBrokerPersistence>;

/**
 * One value per connection between aedes and the database. Call `setup` (aedes does) before anything else, dispose after the broker closed.
 * Where a promise is about something durable (a subscription of a persistent session, QoS 2) it resolves when that is on disk.
 * A message for an absent session and a rare retained message are written at once, but not waited for: aedes delivers afterwards, and
 * takes a message for a duplicate that a later one overtook meanwhile (client.js, dedupe). `whenDurable` waits for them.
 */
export function createBrokerPersistence({ tables, clock, log, limits = BROKER_LIMITS }: BrokerPersistenceDeps) {
  let broker: BrokerName | undefined;
  const isConnected = (clientId: string): boolean => broker?.clients !== undefined && Object.hasOwn(broker.clients, clientId);
  const copy = createDurableCopy({ tables, clock, log, retryMs: limits.retryWriteMs });
  const retained = createRetainedMessages({ copy, limits, clock });
  const outgoing = createOutgoingQueues({
    copy,
    limits,
    isConnected,
    onFull: (client) =>
      log.warn({ client, limit: limits.queuedPerSession }, 'queue of an MQTT session is full: its oldest messages are dropped'),
  });
  const onEvicted = (client: string): void => {
    outgoing.forget(client);
    log.warn({ client, limit: limits.sessions }, 'too many MQTT sessions: the one away for longest was dropped');
  };
  const sessions = createSessions({ copy, limits, isConnected, onEvicted });
  const incoming = createIncomingReleases(copy);
  const wills = createStoredWills(copy);
  let due: Promise<void> = Promise.resolve();
  const writeNow = (): void => {
    due = copy.settled();
  };

  return {
    get broker() {
      return broker;
    },
    /** For the broker's own use: bounds and who owns a client id. */
    retained,
    sessions,
    /** Resolves when every message that must be kept, of those taken until now, is on disk. */
    whenDurable: (): Promise<void> => due,
    stats: () => ({ ...retained.count(), ...sessions.count(), ...outgoing.stats(), writes: copy.writes, problem: copy.problem }),
    async setup(owner: BrokerName) {
      broker = owner;
      for (const part of [retained, sessions, outgoing, incoming, wills]) await part.restore();
    },
    /** Sessions of users that are no longer configured: nobody could claim them. */
    forgetOwnersExcept(names: ReadonlySet<string>) {
      for (const clientId of sessions.ownedByOthers(names)) {
        sessions.forget(clientId);
        outgoing.forget(clientId);
      }
    },
    ...retainedPart(retained, writeNow),
    ...sessionPart(sessions, outgoing, copy),
    ...outgoingPart(outgoing, copy, writeNow),
    ...incomingPart(incoming, copy),
    ...willPart(wills, () => broker?.id ?? ''),
    async destroy() {
      await copy[Symbol.asyncDispose]();
    },
    [Symbol.asyncDispose]: () => copy[Symbol.asyncDispose](),
  };
}

const retainedPart = (retained: RetainedMessages, writeNow: () => void) => ({
  async storeRetained(packet: IncomingPacket) {
    if (retained.store(packet) && packet.qos !== 0) writeNow();
  },
  createRetainedStream: (filter: string) => Readable.from(retained.matching([filter])),
  createRetainedStreamCombi: (filters: readonly string[]) => Readable.from(retained.matching(filters)),
});

const sessionPart = (sessions: Sessions, outgoing: OutgoingQueues, copy: DurableCopy) => ({
  async addSubscriptions({ id }: ClientName, subscriptions: readonly Subscription[]) {
    if (sessions.subscribe(id, subscriptions)) await copy.settled();
  },
  async removeSubscriptions({ id }: ClientName, filters: readonly string[]) {
    if (sessions.unsubscribe(id, filters)) await copy.settled();
  },
  /** A clean session begins: what stood under this client id is over, its queue too [MQTT-3.1.2-6]. */
  async cleanSubscriptions({ id }: ClientName) {
    sessions.forget(id);
    outgoing.forget(id);
  },
  async subscriptionsByClient({ id }: ClientName) {
    return sessions.of(id);
  },
  async subscriptionsByTopic(topic: string) {
    return sessions.reachedBy(topic);
  },
  async countOffline() {
    const { sessions: clientsCount, subscriptions: subsCount } = sessions.count();
    return { subsCount, clientsCount };
  },
  getClientList: (filter: string) => Readable.from(sessions.subscribers(filter)),
});

const outgoingPart = (outgoing: OutgoingQueues, copy: DurableCopy, writeNow: () => void) => ({
  async outgoingEnqueue(receiver: Receiver, packet: IncomingPacket) {
    if (outgoing.enqueue([receiver], packet)) writeNow();
  },
  async outgoingEnqueueCombi(receivers: readonly Receiver[], packet: IncomingPacket) {
    if (outgoing.enqueue(receivers, packet)) writeNow();
  },
  async outgoingUpdate({ id }: ClientName, packet: PacketName & { readonly cmd?: string }) {
    outgoing.update(id, packet);
    if (packet.cmd === 'pubrel') await copy.settled();
  },
  async outgoingClearMessageId({ id }: ClientName, packet: PacketName) {
    return outgoing.clear(id, packet);
  },
  outgoingStream: ({ id }: ClientName) => Readable.from(outgoing.list(id)),
});

const incomingPart = (incoming: IncomingReleases, copy: DurableCopy) => ({
  async incomingStorePacket({ id }: ClientName, packet: IncomingPacket) {
    incoming.add(id, packet);
    await copy.settled();
  },
  async incomingGetPacket({ id }: ClientName, { messageId = -1 }: PacketName) {
    const packet = incoming.get(id, messageId);
    if (packet === undefined) throw new Error('no such packet');
    return packet;
  },
  async incomingDelPacket({ id }: ClientName, { messageId = -1 }: PacketName) {
    if (!incoming.remove(id, messageId)) throw new Error('no such packet');
  },
  async cleanIncoming({ id }: ClientName) {
    incoming.forget(id);
  },
});

const willPart = (wills: StoredWills, brokerId: () => string) => ({
  async putWill({ id }: ClientName, will: Will) {
    will.brokerId = brokerId();
    will.clientId = id;
    wills.put(id, will);
  },
  async getWill({ id }: ClientName) {
    return wills.get(id);
  },
  async delWill({ id }: ClientName) {
    return wills.remove(id);
  },
  streamWill: (brokers: Readonly<Record<string, unknown>> = {}) => Readable.from(wills.ofOthers(brokers)),
});
