// Any plain value goes through JSON and comes back as it was.
import { isDeepStrictEqual } from 'node:util';
import t from 'tap';
import { fromJson, type Json, toJson } from '../../../../src/bandwidth/rehearsal/recording/plain-json.ts';
import { freshSeed, seededRandom } from '../../../fixtures/seeded-random.ts';
import { randomValue } from '../fixtures/random-value.ts';

t.test('random values come back exactly, through the text as well', async (t) => {
  const seed = freshSeed();
  const random = seededRandom(seed);
  for (let round = 0; round < 3_000; round += 1) {
    const value = randomValue(random);
    const back = fromJson(JSON.parse(JSON.stringify(toJson(value))) as Json);
    if (!isDeepStrictEqual(back, value)) return t.same(back, value, `seed ${seed}, round ${round}`);
  }
  return t.pass(`seed ${seed}`);
});

t.test('an object that looks like one of our own marks stays what it is', async (t) => {
  for (const value of [{ $: 'inf' }, { $: 'map', of: [] }, { $: undefined, of: { $: 1 } }])
    t.strictSame(fromJson(JSON.parse(JSON.stringify(toJson(value))) as Json), value);
});

t.test('a user who is called __proto__ is a user', async (t) => {
  const users = Object.fromEntries([['__proto__', { exempt: true }]]);
  const back = fromJson(JSON.parse(JSON.stringify(toJson(users))) as Json) as typeof users;
  t.same(Object.keys(back), ['__proto__']);
  t.equal(Object.getPrototypeOf(back), Object.prototype);
});

t.test('what is no plain value is refused, not half recorded', async (t) => {
  for (const value of [() => 1, 10n, Symbol('s'), new Date(0), { deep: [new Error('no')] }])
    t.throws(() => toJson(value), { name: 'TypeError', message: /cannot be recorded/ });
});
