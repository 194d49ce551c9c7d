// How an item came to be as it was last seen.
import t from 'tap';
import { untouched } from '../../../src/neighbours/watch-state.ts';
import {
  changed,
  isForgotten,
  isOurs,
  isUnheard,
  mayHaveHad,
  type Point,
  redated,
  unsureOf,
  valueAt,
  withEnd,
  withFound,
  withPoint,
} from '../../../src/sync/state/past.ts';

const point = (by: Point['by'], [fromMs, toMs]: readonly [number, number | null], was: boolean, is: boolean): Point => ({
  ...{ by, fromMs, toMs },
  ...{ was: { favourite: was }, is: { favourite: is } },
});
const NOW = 100_000;

t.test('what it had at a moment', async (t) => {
  const past = [point('hook', [10, 10], false, true), point('write', [20, 25], true, false)];
  const known = { seen: { ...untouched, favourite: false }, past };
  t.same(
    [5, 9, 10, 19, 20, 30].map((ms) => valueAt(known, 'favourite', ms)),
    [false, false, true, true, false, false],
  );
  t.equal(valueAt(known, 'rating', 5), null);
});

t.test('beside our own writing it is not sure what it had; among hooks it is', async (t) => {
  const known = { seen: { ...untouched, favourite: false }, past: [point('write', [20, 25], true, false)] };
  t.same(mayHaveHad(known, 'favourite', { ms: 12, sureMs: 5 }), [true]);
  t.same(mayHaveHad(known, 'favourite', { ms: 16, sureMs: 5 }), [true, true, false]);
  t.same(mayHaveHad(known, 'favourite', { ms: 31, sureMs: 5 }), [false]);
  const heard = { seen: { ...untouched, favourite: true }, past: [point('hook', [20, 20], false, true)] };
  t.same(mayHaveHad(heard, 'favourite', { ms: 16, sureMs: 5 }), [false]);
});

t.test('a write without an answer may have been done at any time since, until it is read what came of it', async (t) => {
  const past = [point('write', [20, null], true, false)];
  t.ok(isUnheard(past, 'favourite', false));
  t.notOk(isUnheard(past, 'favourite', true));
  t.ok(isOurs(past, 'favourite', false, 5_000));
  t.equal(valueAt({ seen: { favourite: true }, past }, 'favourite', 30), true, 'nobody knows');
  t.same(withFound(past, { favourite: true }, 40), [], 'it was not done');
  t.same(withFound(past, { favourite: false }, 40), withEnd(past, 40));
  const ended = withEnd(past, 40);
  t.notOk(isUnheard(ended, 'favourite', false));
  t.notOk(isOurs(ended, 'favourite', false, 41));
  t.same(withEnd(ended, 50), ended);
});

t.test('it is kept for a minute, eight changes at the most, in the order of time', async (t) => {
  const many = Array.from({ length: 12 }, (_, n) => point('hook', [NOW - n, NOW - n], false, true));
  const past = many.reduce((all: readonly Point[], one) => withPoint(all, one, NOW), [point('hook', [1, 1], true, false)]);
  t.same(
    past.map(({ fromMs }) => NOW - fromMs),
    [7, 6, 5, 4, 3, 2, 1, 0],
  );
  t.same(withPoint([], { ...point('read', [1, 1], true, true), was: {}, is: {} }, NOW), []);
});

t.test('what became another', async (t) => {
  t.same(changed({ ...untouched, positionMs: 5_000 }, { positionMs: 5_500, rating: 1 }), {
    was: { rating: null },
    is: { rating: 1 },
  });
});

t.test('what was made before all that is remembered says nothing, once a reading has told what was so after it', async (t) => {
  const add = (past: readonly Point[], ms: number) => withPoint(past, point('hook', [ms, ms], false, true), NOW);
  const eight = Array.from({ length: 8 }, (_, n) => NOW - 800 + n * 100).reduce<readonly Point[]>(add, []);
  t.equal(isForgotten({ past: eight, readMs: NOW }, NOW - 801), true);
  t.equal(isForgotten({ past: eight, readMs: NOW }, NOW - 800), false);
  t.equal(isForgotten({ past: eight, readMs: NOW - 900 }, NOW - 801), false, 'nobody has looked since');
  t.equal(isForgotten({ past: eight.slice(1), readMs: NOW }, NOW - 801), false, 'nothing was forgotten');
});

t.test('hooks whose times were known badly have better ones as soon as their server’s clock is known', async (t) => {
  const hook = (ms: number, utcMs: number, sureMs: number): Point => ({
    ...point('hook', [ms, ms], false, true),
    ...unsureOf(utcMs, sureMs),
  });
  const past = [
    hook(4_600, 5_400, 1_000),
    point('write', [5_000, 5_010], true, false),
    hook(5_100, 5_300, 50),
    hook(5_200, 9_000, 1_000),
  ];
  const times = (plusMinusMs: number) => redated(past, { ms: 0, plusMinusMs }).map(({ by, fromMs }) => [by, fromMs]);
  t.same(
    times(50),
    [
      ['write', 5_000],
      ['hook', 5_100],
      ['hook', 5_200],
      ['hook', 5_400],
    ],
    'but for those that were known well, and what was made before the clock was set',
  );
  t.same(redated(past, { ms: 0, plusMinusMs: 1_000 }), past, 'nothing better is known');
  t.equal(redated(past, null), past);
});
