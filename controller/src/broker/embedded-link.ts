// The controller's own connection to its embedded broker: in process, without hooks and without a socket.
import type { LinkPort } from '@headgate/protocol';
import type { Aedes, AedesPublishPacket } from 'aedes';
import { ControllerError, messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { RetainedMessages } from './persistence/retained-messages.ts';
import { isFilter, isTopic } from './topic-filter.ts';

/** Messages handed over and not yet taken by every reader. More means that a reader is stuck; aedes cuts it off soon. */
const MOST_UNDER_WAY = 1_000;

export type EmbeddedLinkDeps = {
  readonly broker: Aedes;
  readonly retained: RetainedMessages;
  /** Resolves when what was published until now is stored where it must be. */
  readonly whenDurable: () => Promise<void>;
  readonly log: Log;
};

/**
 * Always connected, so `onConnect` calls at once. `publish` with QoS 1 resolves when the message is stored where it must be and every
 * connected reader has it in its socket; QoS 0 resolves when it is handed over.
 */
export function createEmbeddedLink({ broker, retained, whenDurable, log }: EmbeddedLinkDeps): LinkPort {
  let underWay = 0;
  return {
    async publish(topic, payload, { qos, retain }) {
      if (!isTopic(topic)) throw new ControllerError('input_invalid', `"${topic}" is no MQTT topic`);
      if (broker.closed) throw new ControllerError('upstream_unreachable', 'the MQTT broker is closed');
      if (underWay >= MOST_UNDER_WAY) throw new ControllerError('too_many', 'the MQTT broker has too many messages under way');
      underWay += 1;
      const taken = new Promise<void>((resolve, reject) => {
        broker.publish({ cmd: 'publish', topic, payload: Buffer.from(payload), qos, retain, dup: false }, (error) => {
          underWay -= 1;
          if (error == null) resolve();
          else reject(new ControllerError('upstream_failed', 'the MQTT broker did not take a message', { cause: error }));
        });
      });
      if (qos === 1) return taken.then(whenDurable);
      taken.catch((error: unknown) => log.debug({ topic, error: messageOf(error) }, 'MQTT message lost'));
    },
    async subscribe(filter, onMessage) {
      if (!isFilter(filter)) throw new ControllerError('input_invalid', `"${filter}" is no MQTT filter`);
      let isOpen = true;
      const hand = (topic: string, payload: Uint8Array, isRetained: boolean): void => {
        try {
          if (isOpen) onMessage(topic, payload, isRetained);
        } catch (error) {
          log.error({ topic, error: messageOf(error) }, 'an MQTT message could not be handled');
        }
      };
      const deliver = ({ topic, payload }: AedesPublishPacket, done: () => void): void => {
        // aedes' emitter lets a leading wildcard reach `$SYS`; MQTT does not (§4.7.2).
        if (!topic.startsWith('$') || filter.startsWith('$')) hand(topic, Buffer.from(payload as Buffer), false);
        done();
      };
      await new Promise<void>((resolve) => {
        broker.subscribe(filter, deliver, resolve);
        // In the same turn, so that no live message comes before the retained one that it replaces.
        for (const { topic, payload } of retained.matching([filter])) hand(topic, Buffer.from(payload as Buffer), true);
      });
      return async () => {
        isOpen = false;
        await new Promise<void>((resolve) => broker.unsubscribe(filter, deliver, resolve));
      };
    },
    onConnect(listener) {
      let isOpen = true;
      queueMicrotask(() => isOpen && listener());
      return () => {
        isOpen = false;
      };
    },
  };
}
