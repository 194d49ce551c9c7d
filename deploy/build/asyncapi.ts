// Pure: the protocol's table of topics as an AsyncAPI 3 document, for people and tools that join by MQTT.
import { type TopicKey, topics } from '@headgate/protocol';
import * as z from 'zod/mini';

/** What JSON.stringify writes. Shapes are those of the AsyncAPI 3.0.0 specification. */
export type AsyncApiDocument = {
  readonly asyncapi: '3.0.0';
  readonly info: {
    readonly title: string;
    readonly version: string;
    readonly description: string;
    readonly license: { readonly name: string };
  };
  readonly defaultContentType: string;
  readonly channels: Readonly<Record<string, Channel>>;
  readonly operations: Readonly<Record<string, Operation>>;
  readonly components: { readonly messages: Readonly<Record<string, Message>> };
};
type Reference = { readonly $ref: string };
type Channel = {
  readonly address: string;
  readonly messages: Readonly<Record<string, Reference>>;
  readonly parameters?: Readonly<Record<string, { readonly description: string }>>;
};
type Operation = {
  readonly action: 'send' | 'receive';
  readonly channel: Reference;
  readonly summary: string;
  readonly bindings: { readonly mqtt: { readonly qos: 0 | 1; readonly retain: boolean; readonly bindingVersion: '0.2.0' } };
};
type Message = { readonly name: string; readonly contentType: string; readonly payload: object };

/** @param base first levels of every topic. @param version of Headgate. Operations are seen from the controller. */
export function describeTopics(base: string, version: string): AsyncApiDocument {
  const keys = Object.keys(topics) as readonly TopicKey[];
  const each = <Value>(make: (key: TopicKey) => Value) => Object.fromEntries(keys.map((key) => [key, make(key)]));
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Headgate',
      version,
      description:
        'What the controller, its agents and Home Assistant say to each other over MQTT. Readers ignore fields that they do not know.',
      license: { name: 'MIT' },
    },
    defaultContentType: 'application/json',
    channels: each((key) => channelOf(base, key)),
    operations: each(operationOf),
    components: { messages: each(messageOf) },
  };
}

function channelOf(base: string, key: TopicKey): Channel {
  const { path } = topics[key];
  const levels = [...path.matchAll(/\{(\w+)\}/g)].map(([, level = '']) => level);
  const parameters = Object.fromEntries(
    levels.map((level) => [level, { description: `Name of the ${level}, one topic level.` }]),
  );
  return {
    address: `${base}/${path}`,
    messages: { [key]: { $ref: `#/components/messages/${key}` } },
    ...(levels.length === 0 ? {} : { parameters }),
  };
}

function operationOf(key: TopicKey): Operation {
  const { from, qos, retain } = topics[key];
  return {
    action: from === 'controller' ? 'send' : 'receive',
    channel: { $ref: `#/channels/${key}` },
    summary: `Said by ${from === 'anyone' ? 'anyone who may' : `the ${from}`}${retain ? ', retained' : ''}.`,
    bindings: { mqtt: { qos, retain, bindingVersion: '0.2.0' } },
  };
}

function messageOf(key: TopicKey): Message {
  // As the reader takes it: additional fields are allowed. AsyncAPI's own schema dialect extends draft 7.
  const { $schema: _, ...payload } = z.toJSONSchema(topics[key].schema, { target: 'draft-7', io: 'input' });
  return { name: key, contentType: 'raw' in topics[key] ? 'text/plain' : 'application/json', payload };
}
