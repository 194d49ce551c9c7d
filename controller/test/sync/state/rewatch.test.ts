// What a state that was read says nothing of.
import t from 'tap';
import { untouched } from '../../../src/neighbours/watch-state.ts';
import { beforeSaying, hiddenBy, unmeantIn } from '../../../src/sync/state/rewatch.ts';

const watched = { ...untouched, played: true, playCount: 2, lastPlayedMs: 5_000 };

t.test('ruling 4: unwatched with one playing more is watched again', async (t) => {
  t.same(unmeantIn({ ...watched, played: false, playCount: 3, lastPlayedMs: 9_000 }, watched), ['played']);
  t.same(
    unmeantIn({ ...watched, played: false, playCount: 3, lastPlayedMs: 4_000 }, watched),
    ['played'],
    'a clock that is behind',
  );
  t.same(unmeantIn({ ...watched, played: false, playCount: 3 }, watched), ['played'], 'its date was covered by our writing');
});

t.test('unwatched without one more is meant', async (t) => {
  t.same(unmeantIn({ ...watched, played: false }, watched), []);
  t.same(unmeantIn(untouched, watched), [], 'reset');
  t.same(unmeantIn({ ...untouched, playCount: 1, lastPlayedMs: 9_000 }, watched), [], 'reset, and begun anew');
  t.same(unmeantIn({ ...watched, playCount: 3, lastPlayedMs: 9_000 }, watched), []);
});

t.test('unwatched just beside our writing of a count: nobody knows which it was, unless all is gone', async (t) => {
  const plan = { playCount: 3, lastPlayedMs: 9_000 };
  const written = { ...watched, ...plan };
  t.same(hiddenBy(plan, written, { ...written, played: false }), ['played']);
  t.same(hiddenBy(plan, written, untouched), [], 'marked unwatched after our writing');
  t.same(hiddenBy({ ...plan, played: true }, written, { ...written, played: false }), [], 'we had just said that it is watched');
});

t.test(
  'whoever takes the count away marks it unwatched, also where watching it again had made it so, and where it was begun anew since',
  async (t) => {
    const again = { ...watched, played: false };
    t.equal(beforeSaying(untouched, again).played, true);
    t.equal(beforeSaying({ ...again, playCount: 1, lastPlayedMs: 9_000 }, again).played, true, 'begun anew');
    t.equal(beforeSaying({ ...again, playCount: 3, lastPlayedMs: 9_000 }, again), again, 'one more');
    t.equal(beforeSaying({ playCount: 1 }, again), again, 'nothing is said of the mark');
  },
);
