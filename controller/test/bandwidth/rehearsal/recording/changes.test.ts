// What became of a value, as changes, gives that value again; and little changed is little written.
import { isDeepStrictEqual } from 'node:util';
import t from 'tap';
import { changesBetween, withChanges } from '../../../../src/bandwidth/rehearsal/recording/changes.ts';
import type { Json } from '../../../../src/bandwidth/rehearsal/recording/plain-json.ts';
import { freshSeed, seededRandom } from '../../../fixtures/seeded-random.ts';
import { changedValue, randomValue } from '../fixtures/random-value.ts';

const through = (change: Json | undefined): Json | undefined =>
  change === undefined ? undefined : (JSON.parse(JSON.stringify(change)) as Json);

t.test('any value into any other, and into one that is nearly the same', async (t) => {
  const seed = freshSeed();
  const random = seededRandom(seed);
  let before = randomValue(random);
  for (let round = 0; round < 3_000; round += 1) {
    const after = random() < 0.3 ? randomValue(random) : changedValue(before, random);
    const made = withChanges(before, through(changesBetween(before, after)));
    if (!isDeepStrictEqual(made, after)) return t.same(made, after, `seed ${seed}, round ${round}`);
    before = after;
  }
  return t.pass(`seed ${seed}`);
});

t.test('what is equal has no changes, though it is another object', async (t) => {
  const random = seededRandom(7);
  for (let round = 0; round < 500; round += 1) {
    const value = randomValue(random);
    t.equal(changesBetween(value, structuredClone(value)), undefined);
  }
});

t.test('one number of many is written alone, and all else is shared', async (t) => {
  const before = {
    far: { from: ['it', { all: Number.POSITIVE_INFINITY }] },
    streams: [
      { id: 1, bps: 5 },
      { id: 2, bps: 6 },
    ],
  };
  const after = {
    ...before,
    streams: [
      { id: 1, bps: 5 },
      { id: 2, bps: 7 },
    ],
  };
  const change = changesBetween(before, after);
  t.equal(JSON.stringify(change), '["o",{"streams":["a",2,{"1":["o",{"bps":["=",7]}]}]}]');
  t.equal((withChanges(before, change) as typeof before).far, before.far);
});

t.test('the order of keys is kept: clients are gone through in it', async (t) => {
  const made = withChanges({ a: 1, b: 2 }, through(changesBetween({ a: 1, b: 2 }, { b: 2, a: 1 })));
  t.same(Object.keys(made as object), ['b', 'a']);
});

t.test('changes that do not fit are refused', async (t) => {
  for (const change of [['o', { a: ['=', 1] }], ['a', 1, {}], ['m', 0, {}], ['?'], 5, ['o', []]] as Json[])
    t.throws(() => withChanges('text', change), { name: 'TypeError' });
});
