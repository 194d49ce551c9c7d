// Which items may be on a channel.
import t from 'tap';
import type { Selection } from '../../../src/channels/channel.ts';
import { indexInSteps, selectClips, selectItems, sourceKey } from '../../../src/channels/schedule/select-items.ts';
import { episode, film, library, MINUTE, selection } from './fixtures/made-up-catalogue.ts';

const CATALOGUE = [
  film('drama', 90, { genres: ['Drama'], year: 1999, rating: 'PG', ratingScore: 10 }),
  film('horror', 90, { genres: ['Horror', 'Drama'], year: 2005, rating: 'R', ratingScore: 17 }),
  film('music', 90, { genres: ['Music'], year: null, tags: ['Christmas'], studios: ['Ealing'], rating: 'odd' }),
  episode('a', 1, 2, { genres: ['Drama'] }),
  episode('a', 1, 1, { genres: ['Drama'] }),
  episode('b', 1, 1, { genres: ['Horror'] }),
];
const ALL = [library('films'), library('series')];
const ids = (more: Partial<Selection>, members?: ReadonlyMap<string, readonly string[]>): readonly string[] =>
  selectItems(CATALOGUE, selection({ libraries: ALL, ...more }), members).map(({ id }) => id);

t.test('row 83: films and series of two libraries, episodes in order; nothing is chosen out of nothing', async (t) => {
  t.same(ids({}), ['drama', 'horror', 'music', 'a-1-1', 'a-1-2', 'b-1-1']);
  t.same(ids({ libraries: [library('series')] }), ['a-1-1', 'a-1-2', 'b-1-1']);
  t.same(ids({ libraries: [] }), []);
});

t.test('row 82, row 99: a genre of films, of episodes, of both; an episode-only filter yields no film', async (t) => {
  t.same(ids({ genres: [{ genre: 'horror', contentType: 'episode' }] }), ['b-1-1']);
  t.same(ids({ genres: [{ genre: 'Horror', contentType: 'movie' }] }), ['horror']);
  t.same(ids({ genres: [{ genre: 'Horror', contentType: 'both' }] }), ['horror', 'b-1-1']);
});

t.test('row 128: two genres at once give the union, an item of both once', async (t) => {
  const genres = ['Horror', 'Drama'].map((genre) => ({ genre, contentType: 'movie' as const }));
  t.same(ids({ genres }), ['drama', 'horror']);
});

t.test('row 130: the same item in two libraries comes once', async (t) => {
  const twice = [...CATALOGUE, film('drama', 90, { libraryId: 'more' }), film('own', 80, { libraryId: 'more' })];
  const chosen = selectItems(twice, selection({ libraries: [...ALL, library('more'), library('films')] }));
  t.equal(chosen.filter(({ id }) => id === 'drama').length, 1);
  t.equal(chosen.length, 7);
  t.same(
    selectItems(twice, selection({ libraries: [library('more')] })).map(({ id }) => id),
    ['drama', 'own'],
    'and is found by either',
  );
});

t.test('row 133: items under 30 s, without a running time or with an impossible one are left out', async (t) => {
  const odd = [0, 29_999, Number.NaN, -5, Number.POSITIVE_INFINITY, 25 * 60 * MINUTE, 30_000].map((durationMs, i) =>
    film(`odd${i}`, 1, { durationMs }),
  );
  t.same(
    selectItems(odd, selection({ libraries: ALL })).map(({ id }) => id),
    ['odd6'],
  );
});

t.test('row 167: an excluded item, or all of an excluded series, is never chosen', async (t) => {
  t.same(
    ids({
      exclusions: [
        { server: 'home', id: 'horror' },
        { server: 'home', id: 'a' },
      ],
    }),
    ['drama', 'music', 'b-1-1'],
  );
  t.same(ids({ exclusions: [{ server: 'elsewhere', id: 'horror' }] }).length, 6);
});

t.test('by tag, studio, year and highest rating; what has no year or a rating nobody can compare stays out', async (t) => {
  t.same(ids({ tags: ['christmas'] }), ['music']);
  t.same(ids({ studios: ['EALING'] }), ['music']);
  t.same(ids({ libraries: [library('films')], years: { from: 2000, to: null } }), ['horror']);
  t.same(ids({ libraries: [library('films')], years: { from: null, to: 1999 } }), ['drama']);
  const maxRating = { name: 'PG', score: 10, unrated: true };
  t.same(ids({ maxRating }), ['drama', 'a-1-1', 'a-1-2', 'b-1-1']);
  t.same(ids({ maxRating: { ...maxRating, unrated: false } }), ['drama']);
});

t.test('of a series, a collection with a series in it, a playlist; members that are gone are passed over', async (t) => {
  const source = (kind: 'series' | 'collection' | 'playlist', id: string) => ({ kind, server: 'home', id, name: id });
  const members = new Map([
    [sourceKey(source('collection', 'c')), ['home/horror', 'home/gone', 'home/a']],
    [sourceKey(source('playlist', 'p')), ['home/b-1-1', 'home/drama', 'home/b-1-1']],
  ]);
  const by = (...sources: Selection['sources']) => ids({ libraries: [], sources }, members);
  t.same(by(source('series', 'a')), ['a-1-1', 'a-1-2']);
  t.same(by(source('collection', 'c')), ['horror', 'a-1-1', 'a-1-2']);
  t.same(by(source('playlist', 'p')), ['b-1-1', 'drama']);
  t.same(by(source('series', 'a'), source('collection', 'c')), ['a-1-1', 'a-1-2', 'horror']);
});

t.test('clips may be short; an index made in steps is the same', async (t) => {
  const clips = [film('clip', 0.1, { libraryId: 'clips' }), film('none', 0, { libraryId: 'clips' }), film('other', 0.2)];
  const members = new Map([['home/playlist/p', ['home/other']]]);
  t.same(
    selectClips(clips, [{ server: 'home', id: 'clips' }]).map(({ id }) => id),
    ['clip'],
  );
  t.same(
    selectClips(clips, [{ server: 'home', id: 'p' }], members).map(({ id }) => id),
    ['other'],
  );
  const steps = indexInSteps(Array.from({ length: 5_000 }, (_, i) => film(`f${i}`)));
  let pauses = 0;
  let step = steps.next();
  for (; !step.done; step = steps.next()) pauses += 1;
  t.ok(pauses >= 2);
  t.equal(selectItems(step.value, selection({ libraries: ALL })).length, 5_000);
});
