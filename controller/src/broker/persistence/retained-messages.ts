// Retained messages: all in memory, equal ones cost nothing, often-changing ones reach the disk in batches.
import type { Clock } from '../../clock.ts';
import type { BrokerLimits } from '../broker-limits.ts';
import { matches } from '../topic-filter.ts';
import type { DurableCopy } from './durable-copy.ts';
import { type IncomingPacket, readRow, type StoredMessage, storedMessage, weightOf, writePacket } from './stored-packet.ts';

export type RetainedMessage = Readonly<StoredMessage>;

export type RetainedMessages = {
  restore(): Promise<void>;
  /** An empty payload removes. True when it is worth waiting for the disk: changed, and not of a hot topic. */
  store(packet: IncomingPacket): boolean;
  /** Whether a message of that size may be retained on that topic, within the bounds. */
  hasRoom(topic: string, bytes: number): boolean;
  matching(filters: readonly string[]): readonly RetainedMessage[];
  count(): { readonly topics: number; readonly bytes: number };
};

export type RetainedDeps = {
  readonly copy: DurableCopy;
  readonly limits: BrokerLimits;
  readonly clock: Pick<Clock, 'monotonic'>;
};

type Kept = { readonly packet: StoredMessage; readonly bytes: number; readonly changedAt: number };

/**
 * A rare change (discovery, presence, link) is written at once. A topic that changed within `hotWithinMs` before (sqm, bandwidth/state) is
 * hot: its live sender says it again soon anyway, so one write per `hotWriteMs` for all of them together keeps an idle disk asleep.
 */
export function createRetainedMessages({ copy, limits, clock }: RetainedDeps): RetainedMessages {
  const kept = new Map<string, Kept>();
  let bytes = 0;

  const remove = (topic: string): void => {
    bytes -= kept.get(topic)?.bytes ?? 0;
    kept.delete(topic);
  };
  const put = (packet: StoredMessage, changedAt: number): void => {
    remove(packet.topic);
    const weight = weightOf(packet);
    kept.set(packet.topic, { packet, bytes: weight, changedAt });
    bytes += weight;
  };

  return {
    async restore() {
      for (const [topic, text] of await copy.load('retained')) {
        const packet = readRow(storedMessage, text);
        if (packet === undefined) copy.put('retained', topic, null, 0);
        else put({ ...packet, messageId: undefined }, Number.NEGATIVE_INFINITY);
      }
    },
    store(packet) {
      const topic = packet.topic ?? '';
      const payload = Buffer.from((packet.payload ?? '') as Buffer);
      const stood = kept.get(topic);
      if (payload.length === 0) {
        if (stood === undefined) return false;
        remove(topic);
        copy.put('retained', topic, null, 0);
        return true;
      }
      const now = clock.monotonic();
      if (stood !== undefined && stood.packet.qos === (packet.qos ?? 0) && payload.equals(stood.packet.payload as Buffer)) {
        return false;
      }
      // The whole packet as aedes gave it, with a payload of our own (see messageOf).
      const own = { ...packet, payload } as StoredMessage;
      put(own, now);
      const hot = stood !== undefined && now - stood.changedAt < limits.hotWithinMs;
      copy.put('retained', topic, () => JSON.stringify(writePacket(kept.get(topic)?.packet ?? own)), hot ? limits.hotWriteMs : 0);
      return !hot;
    },
    hasRoom(topic, size) {
      const stood = kept.get(topic)?.bytes ?? 0;
      return (stood > 0 || kept.size < limits.retainedTopics) && bytes - stood + size + 200 <= limits.retainedBytes;
    },
    matching(filters) {
      // A node asks for its own topics by name: looking through those of a thousand others for each would be a million looks.
      if (!filters.some((filter) => /[+#]/.test(filter)))
        return [...new Set(filters)].flatMap((topic) => kept.get(topic)?.packet ?? []);
      return [...kept.values()]
        .map(({ packet }) => packet)
        .filter(({ topic }) => filters.some((filter) => matches(filter, topic)));
    },
    count: () => ({ topics: kept.size, bytes }),
  };
}
