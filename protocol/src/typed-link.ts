// MQTT with types: the topic table over a port of three methods, so that this package knows no socket.
import * as z from 'zod/mini';
import { checkValue, DecodeError, decode, MAX_PAYLOAD_BYTES } from './decode.ts';
import { topicName } from './ids.ts';
import { type PathNames, type TopicKey, type Topics, topics } from './topics.ts';

/** What an MQTT client must be able to do. `subscribe` answers with a function that ends it. */
export type LinkPort = {
  /** Sends; resolves when handed over (QoS 0) or acknowledged (QoS 1). Rejects when not connected. */
  publish(topic: string, payload: string, options: { readonly qos: 0 | 1; readonly retain: boolean }): Promise<void>;
  /** `onMessage` is called for retained messages too. Survives reconnects. */
  subscribe(
    filter: string,
    onMessage: (topic: string, payload: Uint8Array, retained: boolean) => void,
  ): Promise<() => Promise<void>>;
  /** Called at each connect, the first as well as each later one. Answers with a function that ends it. */
  onConnect(listener: () => void): () => void;
};

export type Payload<Key extends TopicKey> = z.infer<Topics[Key]['schema']>;
export type Names<Key extends TopicKey> = PathNames<Topics[Key]['path']>;
export type Heard<Key extends TopicKey> = {
  readonly value: Payload<Key>;
  readonly names: Names<Key>;
  readonly retained: boolean;
};

export type TypedLink = {
  /** Checks names and payload, then publishes as the table says. Rejects with DecodeError where one is not what the table promises, else as the port does. */
  say<Key extends TopicKey>(key: Key, names: Names<Key>, payload: Payload<Key>): Promise<void>;
  /** Hears a topic of all senders. A message that does not decode goes to `onBad`, never to `onMessage`. */
  hear<Key extends TopicKey>(key: Key, onMessage: (heard: Heard<Key>) => void): Promise<() => Promise<void>>;
  /** The full topic, for last wills and discovery. */
  topic<Key extends TopicKey>(key: Key, names: Names<Key>): string;
};

/** @param base first levels of every topic, e.g. `headgate`. @param onBad gets each message that does not decode. */
export function createTypedLink(port: LinkPort, base: string, onBad: (error: DecodeError) => void): TypedLink {
  return {
    async say(key, names, payload) {
      const { qos, retain } = topics[key];
      const topic = topicOf(base, key, names);
      const value: unknown = checkValue(topic, topics[key].schema, payload);
      const text = isRaw(key) ? String(value) : JSON.stringify(value);
      const bytes = new TextEncoder().encode(text).byteLength;
      if (bytes > MAX_PAYLOAD_BYTES) throw new DecodeError(topic, '', `${bytes} bytes are more than any reader takes`);
      await port.publish(topic, text, { qos, retain });
    },
    hear(key, onMessage) {
      const pattern = matcher(base, key);
      return port.subscribe(topicOf(base, key, undefined), (topic, payload, retained) => {
        const names = pattern(topic);
        if (names === undefined) return;
        // An empty payload is how MQTT takes a retained message away: nothing is said.
        if (payload.byteLength === 0 && topics[key].retain) return;
        let value: unknown;
        try {
          checkNames(topic, names);
          value = decode(topic, topics[key].schema, payload, isRaw(key));
        } catch (error) {
          if (!(error instanceof DecodeError)) throw error;
          onBad(error);
          return;
        }
        // The table ties key, schema and path together; TypeScript cannot follow that through an index.
        onMessage({ value, names, retained } as Heard<typeof key>);
      });
    },
    topic: (key, names) => topicOf(base, key, names),
  };
}

const isRaw = (key: TopicKey): boolean => 'raw' in topics[key];

/**
 * The full topic; without names each variable level becomes `+`.
 * @throws DecodeError where a name cannot be a topic level: a `/` or `+` in it would reach other people's topics.
 */
export function topicOf(base: string, key: TopicKey, names: unknown): string {
  const known = (names ?? {}) as Readonly<Record<string, string>>;
  checkNames(`${base}/${topics[key].path}`, known);
  return `${base}/${topics[key].path.replaceAll(/\{(\w+)\}/g, (_, name: string) => known[name] ?? '+')}`;
}

function checkNames(topic: string, names: Readonly<Record<string, string>>): void {
  for (const [level, name] of Object.entries(names)) {
    if (!z.safeParse(topicName, name).success) throw new DecodeError(topic, level, 'is not a name that may stand in a topic');
  }
}

function matcher(base: string, key: TopicKey): (topic: string) => Readonly<Record<string, string>> | undefined {
  const wanted = `${base}/${topics[key].path}`.split('/');
  return (topic) => {
    const levels = topic.split('/');
    if (levels.length !== wanted.length) return undefined;
    const names: Record<string, string> = {};
    for (const [i, want] of wanted.entries()) {
      const level = levels[i] ?? '';
      if (want.startsWith('{')) names[want.slice(1, -1)] = level;
      else if (want !== level) return undefined;
    }
    return names;
  };
}
