// The AsyncAPI document stands by itself: all references lead somewhere, all topics are there, and it is JSON.
import { type TopicKey, topics } from '@headgate/protocol';
import t from 'tap';
import { describeTopics } from '../../build/asyncapi.ts';

const document: ReturnType<typeof describeTopics> = JSON.parse(JSON.stringify(describeTopics('home/headgate', '1.2.3')));
const keys = Object.keys(topics) as TopicKey[];

/** What a JSON pointer such as `#/channels/sqm` leads to. */
function follow(reference: string): unknown {
  return reference
    .replace(/^#\//, '')
    .split('/')
    .reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], document);
}

function allReferences(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => (key === '$ref' ? [String(inner)] : allReferences(inner)));
}

t.test('it is AsyncAPI 3 with all required fields', async (t) => {
  t.equal(document.asyncapi, '3.0.0');
  t.match(document.info, { title: 'Headgate', version: '1.2.3', license: { name: 'MIT' } });
  for (const part of [document.channels, document.operations, document.components.messages]) t.same(Object.keys(part), keys);
  for (const key of keys) t.match(key, /^[A-Za-z0-9_-]+$/);
});

t.test('every reference leads to something', async (t) => {
  const references = allReferences(document);
  t.equal(references.length, 2 * keys.length);
  for (const reference of references) t.ok(follow(reference), reference);
});

t.test('an address has a parameter for each of its variable levels, and for nothing else', async (t) => {
  for (const key of keys) {
    const { address, parameters } = document.channels[key] ?? { address: '' };
    t.equal(address, `home/headgate/${topics[key].path}`);
    t.same(
      Object.keys(parameters ?? {}),
      [...address.matchAll(/\{(\w+)\}/g)].map(([, name]) => name),
    );
  }
});

t.test('an operation is what the table says, seen from the controller', async (t) => {
  for (const key of keys) {
    const { from, qos, retain } = topics[key];
    t.match(document.operations[key], {
      action: from === 'controller' ? 'send' : 'receive',
      bindings: { mqtt: { qos, retain } },
    });
  }
});

t.test('a payload is a schema that lets later versions add fields', async (t) => {
  for (const key of keys) {
    const { payload, contentType } = document.components.messages[key] ?? { payload: {} };
    t.match(payload, { type: /^(object|string|number)$/ }, key);
    t.equal(contentType, 'raw' in topics[key] ? 'text/plain' : 'application/json');
    t.notMatch(JSON.stringify(payload), /"additionalProperties":false|"\$schema"/, key);
  }
  t.match(document.components.messages['throughput']?.payload, {
    properties: { up_bps: { type: 'integer', minimum: 0 } },
    required: ['seq'],
  });
});
