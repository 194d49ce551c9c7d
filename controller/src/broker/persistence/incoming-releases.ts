// QoS 2 messages received whose release (PUBREL) is still to come: what keeps a repeated one from being published twice.
import type { DurableCopy } from './durable-copy.ts';
import { type IncomingPacket, messageOf, type StoredMessage } from './stored-packet.ts';

export type IncomingReleases = {
  restore(): Promise<void>;
  add(clientId: string, packet: IncomingPacket): void;
  get(clientId: string, messageId: number): StoredMessage | undefined;
  remove(clientId: string, messageId: number): boolean;
  forget(clientId: string): void;
};

/** aedes bounds them per connection only; a session could gather more over many connections. */
const MOST_PER_CLIENT = 1_000;
/** aedes asks only whether the packet is there, so a large payload need not wait with it. */
const PAYLOAD_KEPT_BYTES = 1_024;

export function createIncomingReleases(copy: DurableCopy): IncomingReleases {
  const clients = new Map<string, Map<number, StoredMessage>>();
  const rowId = (clientId: string, messageId: number): string => `${messageId} ${clientId}`;

  const keep = (clientId: string, messageId: number, message: StoredMessage): void => {
    const packets = clients.get(clientId) ?? new Map<number, StoredMessage>();
    clients.set(clientId, packets);
    packets.set(messageId, { ...message, messageId });
    const [oldest] = packets.keys();
    if (packets.size > MOST_PER_CLIENT && oldest !== undefined) remove(clientId, oldest);
  };

  const remove = (clientId: string, messageId: number): boolean => {
    const packets = clients.get(clientId);
    const known = packets?.delete(messageId) === true;
    if (packets?.size === 0) clients.delete(clientId);
    if (known) copy.put('incoming', rowId(clientId, messageId), null, 0);
    return known;
  };

  return {
    async restore() {
      const rows = await copy.load('incoming');
      for (const [id] of rows) {
        const space = id.indexOf(' ');
        keep(id.slice(space + 1), Number(id.slice(0, space)), messageOf({ qos: 2 }));
      }
    },
    add(clientId, packet) {
      const { messageId } = packet;
      if (messageId === undefined) return;
      const size = packet.payload?.length ?? 0;
      keep(clientId, messageId, messageOf(size > PAYLOAD_KEPT_BYTES ? { ...packet, payload: '' } : packet));
      copy.put('incoming', rowId(clientId, messageId), () => '', 0);
    },
    get: (clientId, messageId) => clients.get(clientId)?.get(messageId),
    remove,
    forget(clientId) {
      for (const messageId of clients.get(clientId)?.keys().toArray() ?? []) remove(clientId, messageId);
    },
  };
}
