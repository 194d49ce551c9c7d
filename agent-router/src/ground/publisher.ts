// Says things on MQTT, the latest only: what is retained is said again at each connect, what is not is dropped while offline.
import type { Names, Payload, TopicKey, TypedLink } from '@headgate/protocol';
import { AgentError, messageOf } from './errors.ts';
import type { Log } from './log.ts';

export type Publisher = {
  /** Retained topics: kept as the latest, and said again at each connect. */
  readonly keep: <Key extends TopicKey>(key: Key, names: Names<Key>, payload: Payload<Key>) => void;
  /** One sample; gone if the broker is. */
  readonly say: <Key extends TopicKey>(key: Key, names: Names<Key>, payload: Payload<Key>) => void;
  readonly sayKeptAgain: () => void;
};

export function createPublisher(link: TypedLink, log: Log): Publisher {
  /** By topic, so it holds no more than an agent has to say of itself. */
  const kept = new Map<string, () => Promise<void>>();
  const send = (topic: string, sending: () => Promise<void>): void => {
    sending().catch((error: unknown) => {
      // Being offline is told once, by the port. Anything else is a mistake of ours and must be seen.
      if (!(error instanceof AgentError)) log.error({ topic, problem: messageOf(error) }, 'a message could not be sent');
    });
  };
  return {
    keep(key, names, payload) {
      const topic = link.topic(key, names);
      const sending = (): Promise<void> => link.say(key, names, payload);
      kept.set(topic, sending);
      send(topic, sending);
    },
    say: (key, names, payload) => send(link.topic(key, names), () => link.say(key, names, payload)),
    sayKeptAgain() {
      for (const [topic, sending] of kept) send(topic, sending);
    },
  };
}
