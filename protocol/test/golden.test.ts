// Each message of the table has an example that this and every later version must read.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { decode, type TopicKey, topics } from '../src/index.ts';

const FOLDER = join(import.meta.dirname, 'golden');
const keys = Object.keys(topics) as TopicKey[];
const isRaw = (key: TopicKey) => 'raw' in topics[key];
const read = (file: string): unknown => JSON.parse(readFileSync(join(FOLDER, file), 'utf8'));
const files = readdirSync(FOLDER).sort();
/** `KEY.json`, and `KEY-2.json` where fields joined later. */
const examplesOf = (key: TopicKey): readonly string[] => files.filter((file) => file.replace(/(-\d+)?\.json$/, '') === key);
const encode = (key: TopicKey, value: unknown) => Buffer.from(isRaw(key) ? String(value) : JSON.stringify(value));
const readAs = (key: TopicKey, value: unknown): unknown => decode(key, topics[key].schema, encode(key, value), isRaw(key));

t.test('the golden folder holds examples of each topic, and of nothing else', async (t) => {
  for (const key of keys) t.ok(files.includes(`${key}.json`), key);
  t.same(files, keys.flatMap(examplesOf).sort());
});

for (const [key, file] of keys.flatMap((key) => examplesOf(key).map((file) => [key, file] as const))) {
  const example = read(file);
  t.test(`${file}: the golden example is read, whole`, async (t) => {
    t.same(readAs(key, example), example);
  });
  if (typeof example !== 'object' || example === null) continue;
  t.test(`${file}: what a later version adds is left out, not refused`, async (t) => {
    t.same(readAs(key, { ...example, added_in_a_later_version: { deep: [1] } }), example);
  });
  for (const field of Object.keys(example)) {
    t.test(`${file}: ${field} of the wrong type is refused by its name`, async (t) => {
      t.throws(() => readAs(key, { ...example, [field]: [{ not: 'this' }] }), {
        code: 'message_invalid',
        topic: key,
        path: new RegExp(`^${field}`),
      });
    });
  }
}

t.test('an older message without the fields that were added since is read', async (t) => {
  // 0.1.0's required fields stand here for good: a field that joins them later must be optional, or these fail.
  const oldest: Partial<Record<TopicKey, unknown>> = {
    routerPresence: { state: 'online', version: '0.1.0', boot_id: 'x' },
    setBoost: { viewer: 'main/anna', minutes: 30 },
    shaperOrder: { order_id: 'o', wan: 'wan', up_bps: null, down_bps: null, ttl_s: 60, reason: '' },
    nodeLimits: { order_id: 'n', up_bps: 0, down_bps: null, ttl_s: 5, reason: '' },
  };
  for (const [key, message] of Object.entries(oldest)) t.same(readAs(key as TopicKey, message), message);
});
