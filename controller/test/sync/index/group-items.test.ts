// Which items are the same, with the metadata that libraries have.
import t from 'tap';
import type { SyncedItem } from '../../../src/neighbours/synced-server.ts';
import { mappedPath, type PathMap } from '../../../src/sync/index/path-maps.ts';
import { buildView, episode, film, onServer, series } from './test-library.ts';

/** Names with the items that go by them, `server/id`. */
function groups(servers: Readonly<Record<string, readonly SyncedItem[]>>, maps: readonly PathMap[] = []) {
  const all = Object.entries(servers).flatMap(([server, items]) => onServer(server, items));
  const pathOf = (server: string, path: string) => mappedPath(server, path, maps);
  const view = buildView(all, pathOf);
  const backwards = buildView([...all].reverse(), pathOf);
  const found: Record<string, string[]> = {};
  for (const { server, itemId } of all) {
    const name = view.nameOf(server, itemId) ?? '';
    if (backwards.nameOf(server, itemId) !== name) throw new Error(`${server}/${itemId} is not the same in another order`);
    found[name] = view.named(name).map((item) => `${item.server}/${item.itemId}`);
  }
  return found;
}

t.test('row 265: films with one id of one provider are the same; a title alone never is', async (t) => {
  const found = groups({
    a: [film('1', { imdb: 'tt0133093', tmdb: '603' }), film('2', {}, { name: 'Heat' })],
    b: [film('x', { tmdb: '603' }), film('y', {}, { name: 'Heat' })],
  });
  t.same(found, {
    'movie imdb:tt0133093': ['a/1', 'b/x'],
    'server:a item:2': ['a/2'],
    'server:b item:y': ['b/y'],
  });
});

t.test('the strongest id names: IMDb, TMDB, TVDB, others by name, place in the series, path', async (t) => {
  const names = (items: readonly SyncedItem[]) => Object.keys(groups({ a: items })).filter((name) => !name.startsWith('series '));
  t.same(names([film('1', { zap2it: 'Z', anidb: '9', tvdb: '3', tmdb: '2', imdb: 'tt0000001' })]), ['movie imdb:tt0000001']);
  t.same(names([film('1', { zap2it: 'Z', anidb: '9', tvdb: '3', tmdb: '2' })]), ['movie tmdb:2']);
  t.same(names([film('1', { zap2it: 'Z', anidb: '9', tvdb: '3' })]), ['movie tvdb:3']);
  t.same(names([film('1', { zap2it: 'Z', anidb: '9' })]), ['movie anidb:9']);
  t.same(names([series('s', { tvdb: '121361', imdb: 'tt0944947' }), episode('1', 's', [1, 2], { path: '/tv/1.mkv' })]), [
    'episode imdb-series:tt0944947 s01e02',
  ]);
  t.same(names([film('1', {}, { path: '/films/A/A.mkv' })]), ['movie path:/films/A/A.mkv']);
});

t.test('what is no id links nothing, and ids are compared as numbers', async (t) => {
  const wrong = { imdb: 'tt0000000', tmdb: '0', tvdb: '', anidb: '-1', other: ' ' };
  t.same(groups({ a: [film('1', wrong)], b: [film('2', wrong)] }), { 'server:a item:1': ['a/1'], 'server:b item:2': ['b/2'] });
  t.same(
    groups({
      a: [film('1', { imdb: '133093' }), film('2', { tmdb: '0603' })],
      b: [film('3', { imdb: 'TT0133093' }), film('4', { tmdb: '603' })],
    }),
    {
      'movie imdb:tt0133093': ['a/1', 'b/3'],
      'movie tmdb:603': ['a/2', 'b/4'],
    },
  );
});

t.test('ids of a collection, an album or an artist are not those of a film or a song', async (t) => {
  const song = (id: string, track: string) =>
    film(
      id,
      {
        musicbrainzalbum: 'A',
        musicbrainzartist: 'B',
        musicbrainzalbumartist: 'B',
        musicbrainzreleasegroup: 'C',
        musicbrainztrack: track,
      },
      { kind: 'audio' },
    );
  t.same(
    groups({
      a: [film('1', { tmdbcollection: '10', tmdb: '11' }), song('s1', 't1')],
      b: [film('2', { tmdbcollection: '10' }), song('s2', 't2'), song('s3', 't1')],
    }),
    {
      'movie tmdb:11': ['a/1'],
      'server:b item:2': ['b/2'],
      'audio musicbrainztrack:t1': ['a/s1', 'b/s3'],
      'audio musicbrainztrack:t2': ['b/s2'],
    },
  );
});

t.test('a film and a series of one number are two', async (t) => {
  t.same(groups({ a: [film('1', { tmdb: '5' })], b: [series('2', { tmdb: '5' })] }), {
    'movie tmdb:5': ['a/1'],
    'series tmdb:5': ['b/2'],
  });
});

t.test('row 264: the path links after path maps, and never different films', async (t) => {
  const maps = [{ server: 'b', from: 'D:\\Films', to: '/films' }];
  t.same(
    groups({ a: [film('1', {}, { path: '/films/A.mkv' })], b: [film('2', { tmdb: '7' }, { path: 'D:\\Films\\A.mkv' })] }, maps),
    {
      'movie tmdb:7': ['a/1', 'b/2'],
    },
  );
  t.same(
    groups({ a: [film('1', { tmdb: '7' }, { path: '/films/A.mkv' })], b: [film('2', { tmdb: '8' }, { path: '/films/A.mkv' })] }),
    {
      'movie tmdb:7': ['a/1'],
      'movie tmdb:8': ['b/2'],
    },
  );
  t.same(groups({ a: [film('1', {}, { path: '/films/A.mkv' })], b: [film('2', {}, { path: '/films/a.mkv' })] }), {
    'movie path:/films/A.mkv': ['a/1'],
    'movie path:/films/a.mkv': ['b/2'],
  });
});

t.test('links go on from one to the next', async (t) => {
  t.same(
    groups({
      a: [film('1', { imdb: 'tt0000009' })],
      b: [film('2', { imdb: 'tt0000009', tmdb: '5' })],
      c: [film('3', { tmdb: '5' }, { path: '/x' })],
      d: [film('4', {}, { path: '/x' })],
    }),
    {
      'movie imdb:tt0000009': ['a/1', 'b/2', 'c/3', 'd/4'],
    },
  );
});

t.test('ids that contradict keep apart what shares another; who fits both is left to its path', async (t) => {
  const [right, wrong] = [
    film('1', { imdb: 'tt0000009', tmdb: '5' }),
    film('2', { imdb: 'tt0000009', tmdb: '6' }, { path: '/x' }),
  ];
  t.same(groups({ a: [right], b: [wrong] }), { 'movie tmdb:5': ['a/1'], 'movie tmdb:6': ['b/2'] });
  t.same(groups({ a: [right], b: [wrong], c: [film('3', { imdb: 'tt0000009' })] }), {
    'movie tmdb:5': ['a/1'],
    'movie tmdb:6': ['b/2'],
    'server:c item:3': ['c/3'],
  });
  t.same(groups({ a: [right], b: [wrong], c: [film('3', { imdb: 'tt0000009' }, { path: '/x' })] }), {
    'movie tmdb:5': ['a/1'],
    'movie tmdb:6': ['b/2', 'c/3'],
  });
});

t.test('a chain never brings together what contradicts', async (t) => {
  const found = groups({
    a: [film('1', { imdb: 'tt0000001', tvdb: '9' })],
    b: [film('2', { tvdb: '9', tmdb: '2' })],
    c: [film('3', { tmdb: '2', imdb: 'tt0000003' })],
  });
  t.same(found, { 'movie imdb:tt0000001': ['a/1'], 'movie imdb:tt0000003': ['b/2', 'c/3'] }, 'TMDB is believed before TVDB');
});

t.test('two editions on one server are one, with both items', async (t) => {
  t.same(
    groups({
      a: [film('1', { tmdb: '78' }, { path: '/x 1982.mkv' }), film('2', { tmdb: '78' }, { path: '/x final cut.mkv' })],
      b: [film('3', { tmdb: '78' })],
    }),
    {
      'movie tmdb:78': ['a/1', 'a/2', 'b/3'],
    },
  );
});

t.test('ids that two films have swapped: the ids are believed, not the paths', async (t) => {
  const films = (first: string, second: string) => [
    film('1', { tmdb: first }, { path: '/1' }),
    film('2', { tmdb: second }, { path: '/2' }),
  ];
  t.same(groups({ a: films('5', '6'), b: films('6', '5') }), { 'movie tmdb:5': ['a/1', 'b/2'], 'movie tmdb:6': ['a/2', 'b/1'] });
});

t.test('episodes are the same by the ids of their series and their number; specials and whole seasons too', async (t) => {
  const show = (prefix: string, ids: SyncedItem['providerIds']) => [
    series(`${prefix}s`, ids),
    film(`${prefix}0`, {}, { kind: 'season', series: { id: `${prefix}s`, name: '', season: 0, episode: null } }),
    episode(`${prefix}1`, `${prefix}s`, [0, 1]),
    episode(`${prefix}2`, `${prefix}s`, [1, 1]),
    episode(`${prefix}3`, `${prefix}s`, [null, 3]),
  ];
  t.same(groups({ a: show('a', { tvdb: '121361' }), b: show('b', { tvdb: '121361', tmdb: '1399' }) }), {
    'series tmdb:1399': ['a/as', 'b/bs'],
    'season tmdb-series:1399 s00': ['a/a0', 'b/b0'],
    'episode tmdb-series:1399 s00e01': ['a/a1', 'b/b1'],
    'episode tmdb-series:1399 s01e01': ['a/a2', 'b/b2'],
    'server:a item:a3': ['a/a3'],
    'server:b item:b3': ['b/b3'],
  });
});

t.test('a series without ids on one server: its episodes are known by their paths', async (t) => {
  const found = groups({
    a: [series('s', {}, { path: '/tv/Show' }), episode('1', 's', [1, 1], { path: '/tv/Show/1.mkv' })],
    b: [series('s', { tvdb: '7' }, { path: '/tv/Show' }), episode('1', 's', [1, 1], { path: '/tv/Show/1.mkv' })],
  });
  t.same(found, { 'series tvdb:7': ['a/s', 'b/s'], 'episode tvdb-series:7 s01e01': ['a/1', 'b/1'] });
});

t.test('one path, other series or other numbers: not the same', async (t) => {
  const on = (tvdb: string, number: number) => [series('s', { tvdb }), episode('1', 's', [1, number], { path: '/tv/1.mkv' })];
  t.equal(Object.keys(groups({ a: on('7', 1), b: on('8', 1) })).length, 4);
  t.equal(Object.keys(groups({ a: on('7', 1), b: on('7', 2) })).length, 3, 'the series is one');
});

t.test('own ids are believed before numbers: a server that counts by another order', async (t) => {
  const on = (number: number) => [series('s', { tvdb: '7' }), episode('1', 's', [1, number], { providerIds: { tvdb: '900' } })];
  t.same(groups({ a: on(1), b: on(2) })['episode tvdb:900'], ['a/1', 'b/1']);
});

t.test('own ids are believed before those of the series too; without them, another series is another episode', async (t) => {
  const on = (tvdb: string, ids: SyncedItem['providerIds']) => [
    series('s', { tvdb, tmdb: '1399' }),
    episode('1', 's', [1, 1], { providerIds: ids }),
  ];
  t.same(groups({ a: on('7', { imdb: 'tt0000009' }), b: on('8', { imdb: 'tt0000009' }) })['episode imdb:tt0000009'], [
    'a/1',
    'b/1',
  ]);
  t.same(groups({ a: on('7', {}), b: on('8', {}) })['episode tvdb-series:8 s01e01'], ['b/1']);
});

t.test('episodes that all bear the ids of their series, or one wrong id: the number tells them apart', async (t) => {
  const on = (ids: SyncedItem['providerIds']) => [
    series('s', { imdb: 'tt0944947' }),
    ...[1, 2, 3].map((number) => episode(`${number}`, 's', [1, number], { providerIds: ids })),
  ];
  const expected = {
    'series imdb:tt0944947': ['a/s', 'b/s'],
    'episode imdb-series:tt0944947 s01e01': ['a/1', 'b/1'],
    'episode imdb-series:tt0944947 s01e02': ['a/2', 'b/2'],
    'episode imdb-series:tt0944947 s01e03': ['a/3', 'b/3'],
  };
  t.same(groups({ a: on({ imdb: 'tt0944947' }), b: on({}) }), expected);
  t.same(groups({ a: on({ anilist: '77' }), b: on({ anilist: '77' }) }), expected);
});

t.test('a file of two episodes is its first; the second stays where it is alone', async (t) => {
  const found = groups({
    a: [series('s', { tvdb: '7' }), episode('1-2', 's', [1, 1], { path: '/tv/S01E01-E02.mkv' })],
    b: [series('s', { tvdb: '7' }), episode('1', 's', [1, 1]), episode('2', 's', [1, 2])],
  });
  t.same(found['episode tvdb-series:7 s01e01'], ['a/1-2', 'b/1']);
  t.same(found['episode tvdb-series:7 s01e02'], ['b/2']);
});

t.test('an id that a server gives to dozens of films is wrong: it links none of them', async (t) => {
  const many = Array.from({ length: 30 }, (_, i) => film(`${i}`, { tmdb: '1' }, { path: `/holidays/${i}.mkv` }));
  const found = groups({ a: many, b: [film('x', { tmdb: '1' }), ...many.slice(0, 3)] });
  t.same(found['movie path:/holidays/2.mkv'], ['a/2', 'b/2']);
  t.same(found['movie path:/holidays/5.mkv'], ['a/5']);
  t.same(found['server:b item:x'], ['b/x']);
});

t.test('an id that hundreds of films share which differ in another is no link either', async (t) => {
  const many = (server: string) =>
    Array.from({ length: 15 }, (_, i) => film(`${server}${i}`, { imdb: 'tt0000001', tmdb: `${i + 1}` }));
  const servers = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`s${i}`, many(`s${i}-`)]));
  const found = groups(servers);
  t.equal(Object.keys(found).length, 15);
  t.equal(found['movie tmdb:7']?.length, 20);
});
