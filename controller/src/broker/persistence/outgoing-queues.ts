// QoS 1 and 2 messages that persistent sessions have not acknowledged yet: bounded queues in memory, copied to the database.
import { z } from 'zod';
import type { BrokerLimits } from '../broker-limits.ts';
import type { DurableCopy } from './durable-copy.ts';
import {
  type IncomingPacket,
  messageOf,
  readRow,
  type StoredPacket,
  storedPacket,
  weightOf,
  writePacket,
} from './stored-packet.ts';

/** Who gets a message, with the QoS of the subscription that matched; undefined leaves the message's own. */
export type Receiver = { readonly clientId: string; readonly qos?: number | undefined };

/** How aedes names a queued packet: by the broker's counter until it was sent, by message id afterwards. */
export type PacketName = {
  readonly messageId?: number | undefined;
  readonly brokerId?: string | undefined;
  readonly brokerCounter?: number | undefined;
};

export type OutgoingQueues = {
  restore(): Promise<void>;
  /** One copy per client, however many of its subscriptions match. True when one of them is away, so that the copy is worth waiting for. */
  enqueue(receivers: readonly Receiver[], packet: IncomingPacket): boolean;
  /** Notes the message id, or puts a release in the place of its message. A packet that was dropped meanwhile is no error. */
  update(clientId: string, packet: PacketName & { readonly cmd?: string }): void;
  /** Takes an acknowledged packet out. */
  clear(clientId: string, packet: PacketName): StoredPacket | undefined;
  list(clientId: string): readonly StoredPacket[];
  forget(clientId: string): void;
  /** Messages waiting, and messages dropped since the start because a queue was full. */
  stats(): { readonly queued: number; readonly dropped: number };
};

export type OutgoingQueuesDeps = {
  readonly copy: DurableCopy;
  readonly limits: BrokerLimits;
  readonly isConnected: (clientId: string) => boolean;
  /** Told once per client when its queue begins to lose messages. */
  readonly onFull: (clientId: string) => void;
};

const storedEntry = z.object({ client: z.string(), packet: storedPacket });

type Entry = { readonly id: string; readonly weight: number; packet: StoredPacket };
type Queue = { entries: Entry[]; bytes: number; full: boolean };

type Shelf = OutgoingQueuesDeps & { readonly queues: Map<string, Queue>; position: number; dropped: number };

export function createOutgoingQueues(deps: OutgoingQueuesDeps): OutgoingQueues {
  const shelf: Shelf = { ...deps, queues: new Map(), position: 0, dropped: 0 };
  const { queues, copy } = shelf;
  return {
    restore: () => restore(shelf),
    enqueue: (receivers, packet) => enqueue(shelf, receivers, packet),
    update: (clientId, packet) => update(shelf, clientId, packet),
    clear(clientId, packet) {
      const queue = queues.get(clientId);
      const at = queue?.entries.findIndex(named(packet)) ?? -1;
      return at < 0 || queue === undefined ? undefined : takeOut(shelf, clientId, queue, at).packet;
    },
    list: (clientId) => (queues.get(clientId)?.entries ?? []).map((entry) => entry.packet),
    forget(clientId) {
      for (const entry of queues.get(clientId)?.entries ?? []) copy.put('outgoing', entry.id, null, 0);
      queues.delete(clientId);
    },
    stats: () => ({ queued: queues.values().reduce((sum, queue) => sum + queue.entries.length, 0), dropped: shelf.dropped }),
  };
}

async function restore(shelf: Shelf): Promise<void> {
  for (const [id, text] of await shelf.copy.load('outgoing')) {
    const row = readRow(storedEntry, text);
    if (row === undefined || !/^\d+$/.test(id)) {
      shelf.copy.put('outgoing', id, null, 0);
      continue;
    }
    append(shelf, row.client, { id, packet: row.packet, weight: weightOf(row.packet) });
    shelf.position = Math.max(shelf.position, Number(id));
  }
}

function enqueue(shelf: Shelf, receivers: readonly Receiver[], packet: IncomingPacket): boolean {
  const most = new Map<string, number>();
  for (const { clientId, qos = 2 } of receivers) most.set(clientId, Math.max(qos, most.get(clientId) ?? 0));
  let someoneAway = false;
  for (const [clientId, qos] of most) {
    const away = !shelf.isConnected(clientId);
    someoneAway ||= away;
    // To a subscription that stands, a message comes without the retain flag [MQTT-3.3.1-9].
    const message = messageOf({ ...packet, retain: false });
    if (qos < message.qos) message.qos = qos as 0 | 1 | 2;
    shelf.position += 1;
    const entry: Entry = { id: String(shelf.position).padStart(16, '0'), packet: message, weight: weightOf(message) };
    append(shelf, clientId, entry);
    save(shelf, clientId, entry, away ? 0 : shelf.limits.inFlightWriteMs);
  }
  return someoneAway;
}

function append(shelf: Shelf, clientId: string, entry: Entry): void {
  const queue = shelf.queues.get(clientId) ?? { entries: [], bytes: 0, full: false };
  shelf.queues.set(clientId, queue);
  queue.entries.push(entry);
  queue.bytes += entry.weight;
  while (
    queue.entries.length > shelf.limits.queuedPerSession ||
    (queue.bytes > shelf.limits.queuedBytesPerSession && queue.entries.length > 1)
  ) {
    takeOut(shelf, clientId, queue, 0);
    shelf.dropped += 1;
    if (!queue.full) shelf.onFull(clientId);
    queue.full = true;
  }
}

function takeOut(shelf: Shelf, clientId: string, queue: Queue, at: number): Entry {
  const [entry] = queue.entries.splice(at, 1) as [Entry];
  queue.bytes -= entry.weight;
  if (queue.entries.length === 0) shelf.queues.delete(clientId);
  shelf.copy.put('outgoing', entry.id, null, shelf.limits.inFlightWriteMs);
  return entry;
}

function update(shelf: Shelf, clientId: string, packet: PacketName & { readonly cmd?: string }): void {
  const entry = shelf.queues
    .get(clientId)
    ?.entries.find(
      ({ packet: queued }) =>
        isSame(queued, packet) || (brokerOf(queued) !== packet.brokerId && queued.messageId === packet.messageId),
    );
  if (entry === undefined || packet.messageId === undefined) return;
  if (packet.cmd === 'pubrel') {
    entry.packet = { cmd: 'pubrel', messageId: packet.messageId };
    save(shelf, clientId, entry, 0);
  } else if (entry.packet.cmd === 'publish') {
    entry.packet.messageId = packet.messageId;
    // After a restart QoS 1 may be sent under a new id; QoS 2 may not, or the receiver would take it for a new message.
    if (entry.packet.qos === 2) save(shelf, clientId, entry, shelf.limits.inFlightWriteMs);
  }
}

const brokerOf = (packet: StoredPacket): string | undefined => (packet.cmd === 'publish' ? packet.brokerId : undefined);

const isSame = (queued: StoredPacket, name: PacketName): boolean =>
  queued.cmd === 'publish' && queued.brokerId === name.brokerId && queued.brokerCounter === name.brokerCounter;

/** aedes clears by message id; only a message that may not go to its receiver has none yet. */
const named =
  (name: PacketName) =>
  ({ packet }: Entry): boolean =>
    name.messageId === undefined ? name.brokerCounter !== undefined && isSame(packet, name) : packet.messageId === name.messageId;

function save({ copy }: Shelf, client: string, entry: Entry, withinMs: number): void {
  copy.put('outgoing', entry.id, () => JSON.stringify({ client, packet: writePacket(entry.packet) }), withinMs);
}
