// What each server has: read whole, mended one by one, kept over restarts.
import { appendFile, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { startJellyfinSimulator } from '../../../../deploy/demo/jellyfin/jellyfin-simulator.ts';
import { systemClock } from '../../../src/clock.ts';
import { ControllerError } from '../../../src/errors.ts';
import { authorizationHeader } from '../../../src/jellyfin/authorization.ts';
import { openJellyfinHttp } from '../../../src/jellyfin/jellyfin-http.ts';
import { openSyncedServer } from '../../../src/jellyfin/sync/open-synced-server.ts';
import { type Log, type LogFields, silentLog } from '../../../src/log.ts';
import type { SyncedItem } from '../../../src/neighbours/synced-server.ts';
import { createIndexFiles } from '../../../src/sync/index/index-files.ts';
import { createItemIndex } from '../../../src/sync/index/item-index.ts';
import type { PathMap } from '../../../src/sync/index/path-maps.ts';
import type { IndexChange } from '../../../src/sync/index/view-changes.ts';
import { createFakeClock } from '../../fixtures/fake-clock.ts';
import { seededRandom } from '../../fixtures/seeded-random.ts';
import { episode, film, series, testServer } from './test-library.ts';

const START = Date.UTC(2026, 10, 21, 6);
const never = new AbortController().signal;

function open(t: Test, folder = t.testdir(), pathMaps: readonly PathMap[] = []) {
  const told: IndexChange[] = [];
  const lines: { text: string; fields: LogFields }[] = [];
  const log: Log = { ...silentLog, warn: (fields, text) => void lines.push({ text, fields }) };
  const clock = createFakeClock(START);
  const files = createIndexFiles(folder);
  const index = createItemIndex({ files, pathMaps, clock, log, signal: never });
  index.onChange((change) => void told.push(change));
  return { index, told, lines, clock, folder, files };
}

const films = (count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => film(`f${from + i}`, { tmdb: `${from + i + 1}` }, { path: `/films/${from + i}.mkv` }));

t.test('items are found by their titles, whatever case, with year or number', async (t) => {
  const { index } = open(t);
  const items = [
    film('f1', { tmdb: '1' }, { name: 'Alien', year: 1979 }),
    film('f2', { tmdb: '2' }, { name: 'Dune', year: 1984 }),
    film('f3', { tmdb: '3' }, { name: 'Dune', year: 2021 }),
    series('s1', { tvdb: '7' }),
    episode('e1', 's1', [1, 2], { name: 'Pilot' }),
  ];
  await index.refresh(testServer('a', items), never);
  await index.refresh(testServer('b', items), never);
  t.same(await index.called(' alien ', 5), ['movie tmdb:1']);
  t.same(await index.called('ALIEN (1979)', 5), ['movie tmdb:1']);
  t.same([...(await index.called('dune', 5))].sort(), ['movie tmdb:2', 'movie tmdb:3']);
  t.equal((await index.called('dune', 1)).length, 1);
  t.same(await index.called('Dune (2021)', 5), ['movie tmdb:3']);
  for (const title of ['pilot', 'Series s1 S01E02', 'series s1 s01e02 pilot'])
    t.same(await index.called(title, 5), ['episode tvdb-series:7 s01e02'], title);
  t.same(await index.called('none', 5), []);
});

t.test('a server is read whole; its items are known by id and by identity', async (t) => {
  const { index, told } = open(t);
  const [a, b] = [testServer('a', films(250)), testServer('b', films(10))];
  t.equal(index.lastBuiltMs('a'), null);
  await index.refresh(a, never);
  await index.refresh(b, never);
  t.equal(index.size('a'), 250);
  t.equal(index.lastBuiltMs('a'), START);
  t.equal(index.identityOf('a', 'f3'), 'movie tmdb:4');
  t.equal(index.identityOf('a', 'other'), null);
  t.match(index.item('a', 'f3'), { server: 'a', itemId: 'f3', name: 'Film f3', path: '/films/3.mkv', kind: 'movie' });
  t.match(index.itemsOf('movie tmdb:4'), [
    { server: 'a', itemId: 'f3' },
    { server: 'b', itemId: 'f3' },
  ]);
  t.same(index.itemsOf('movie tmdb:99999'), []);
  t.match(told, [
    { server: 'a', appeared: { length: 250 }, vanished: [], renamed: [] },
    { server: 'b', appeared: { length: 10 }, vanished: [], renamed: [] },
  ]);
});

t.test(
  'row 265: on servers that ignore filters which they do not know, nothing is asked by id, and nothing is taken for something else',
  async (t) => {
    const { index } = open(t);
    const names = [1, 2, 3].map((n) => ({ name: `Film ${n}`, providerIds: { Tmdb: `${n}`, Imdb: `tt000000${n}` } }));
    await using a = await startJellyfinSimulator({ library: [{ name: 'Films', films: names }] });
    await using b = await startJellyfinSimulator({ library: [{ name: 'Films', films: names.slice(1) }] });
    for (const [name, { url, apiKey }] of Object.entries({ a, b })) {
      const authorization = authorizationHeader({ apiKey, deviceId: 'test', version: '0' });
      await using http = openJellyfinHttp({ who: name, url, authorization, clock: systemClock });
      await index.refresh(openSyncedServer({ http, name, clock: systemClock }), never);
    }
    t.match(index.itemsOf('movie imdb:tt0000002'), [
      { server: 'a', name: 'Film 2' },
      { server: 'b', name: 'Film 2' },
    ]);
    t.match(
      index.itemsOf('movie imdb:tt0000001'),
      [{ server: 'a', name: 'Film 1' }],
      'b has no such film, and no other is taken for it',
    );
    t.equal(index.itemsOf('movie imdb:tt0000001').length, 1);
  },
);

t.test('row 264: ten thousand misses ask nobody', async (t) => {
  const { index } = open(t);
  const a = testServer('a', films(300));
  await index.refresh(a, never);
  for (let i = 0; i < 10_000; i += 1) {
    if (index.identityOf('a', `unknown-${i}`) !== null || index.itemsOf(`movie tmdb:${100_000 + i}`).length > 0) t.fail('found');
  }
  t.same(a.asked, { whole: 1, single: [] });
});

t.test('what has not changed is told to nobody; what has, by name', async (t) => {
  const { index, told } = open(t);
  const a = testServer('a', films(200));
  await index.refresh(a, never);
  told.length = 0;
  await index.refresh(a, never);
  t.same(told, []);
  a.has = [...films(200).slice(2), film('new', { tmdb: '5000' })];
  await index.refresh(a, never);
  t.same(told, [{ server: 'a', appeared: ['movie tmdb:5000'], vanished: ['movie tmdb:1', 'movie tmdb:2'], renamed: [] }]);
  t.same(index.shrinkage('a'), { before: 200, after: 199, atMs: START });
});

t.test('a library that shrinks says so before it tells what went', async (t) => {
  const { index } = open(t);
  const a = testServer('a', films(200));
  await index.refresh(a, never);
  t.same(index.shrinkage('a'), { before: 0, after: 200, atMs: START });
  a.has = films(20);
  const seen: unknown[] = [];
  index.onChange(({ vanished }) => seen.push(index.shrinkage('a'), vanished.length));
  await index.refresh(a, never);
  t.same(seen, [{ before: 200, after: 20, atMs: START }, 180]);
});

t.test('while a server is read the old answers; a reading that breaks off leaves it', async (t) => {
  const { index, told, folder } = open(t);
  const a = testServer('a', films(500));
  await index.refresh(a, never);
  told.length = 0;
  a.has = films(500, 1_000);
  const known: unknown[] = [];
  a.meanwhile = async () => void known.push(index.identityOf('a', 'f3'), index.identityOf('a', 'f1003'));
  a.breaksAfter = 3;
  await t.rejects(index.refresh(a, never), { code: 'upstream_unreachable' });
  t.same(known, ['movie tmdb:4', null, 'movie tmdb:4', null, 'movie tmdb:4', null]);
  t.equal(index.size('a'), 500);
  t.same(told, []);
  t.same((await readdir(folder)).length, 1, 'nothing half is left');
  a.breaksAfter = Number.POSITIVE_INFINITY;
  await index.refresh(a, never);
  t.equal(index.identityOf('a', 'f3'), null);
  t.equal(index.identityOf('a', 'f1003'), 'movie tmdb:1004');
  a.down = new ControllerError('upstream_refused', 'wrong key');
  await t.rejects(index.refresh(a, never), { code: 'upstream_refused' });
  t.equal(index.size('a'), 500);
});

t.test('many who want a server read cause one reading', async (t) => {
  const { index } = open(t);
  const a = testServer('a', films(5));
  await Promise.all([index.refresh(a, never), index.refresh(a, never), index.refresh(a, never)]);
  t.equal(a.asked.whole, 1);
});

t.test('row 308: an item that appears is told where it was waited for', async (t) => {
  const { index, told } = open(t);
  await index.refresh(testServer('a', films(3)), never);
  await index.refresh(testServer('b', []), never);
  told.length = 0;
  const [late] = films(1);
  if (late === undefined) throw new Error('no film');
  t.equal(await index.learn('b', { ...late, id: 'b-late' }), 'movie tmdb:1');
  t.same(told, [{ server: 'b', appeared: ['movie tmdb:1'], vanished: [], renamed: [] }]);
  await index.learn('b', { ...late, id: 'b-late' });
  t.equal(told.length, 1, 'once');
  await index.forget('b', 'b-late');
  t.same(told.slice(1), [{ server: 'b', appeared: [], vanished: ['movie tmdb:1'], renamed: [] }]);
  t.equal(index.isMissing('b', 'b-late'), true);
});

t.test('row 305: an id that went with a renamed file is healed', async (t) => {
  const { index, told } = open(t);
  const a = testServer('a', films(3));
  await index.refresh(a, never);
  told.length = 0;
  await index.learn('a', film('moved', { tmdb: '2' }, { path: '/films/Renamed.mkv' }));
  await index.forget('a', 'f1');
  t.match(index.itemsOf('movie tmdb:2'), [{ itemId: 'moved' }]);
  t.equal(index.identityOf('a', 'f1'), null);
  t.same(told, [{ server: 'a', appeared: ['movie tmdb:2'], vanished: [], renamed: [] }], 'it was never gone');
});

t.test('an id that comes later gives items another name, told once with all that go by it', async (t) => {
  const { index, told } = open(t);
  const at = { path: '/films/1.mkv' };
  await index.refresh(testServer('b', [film('x', {}, at)]), never);
  const a = testServer('a', [film('1', {}, at)]);
  await index.refresh(a, never);
  told.length = 0;
  await index.learn('a', film('1', { tmdb: '5' }, at));
  t.same(told, [{ server: 'a', appeared: [], vanished: [], renamed: [{ from: 'movie path:/films/1.mkv', to: 'movie tmdb:5' }] }]);
  t.equal(index.identityOf('b', 'x'), 'movie tmdb:5');
});

t.test('two that become one: both names lead there, and all their servers are to be brought together', async (t) => {
  const { index, told } = open(t);
  await index.refresh(testServer('a', [film('1', { tvdb: '1' })]), never);
  await index.refresh(testServer('b', [film('1', {}, { path: '/x' })]), never);
  await index.refresh(testServer('c', []), never);
  told.length = 0;
  await index.learn('c', film('1', { tvdb: '1', imdb: 'tt0000005' }, { path: '/x' }));
  const name = 'movie imdb:tt0000005';
  t.same(
    [...(told[0]?.renamed ?? [])].sort((x, y) => (x.from < y.from ? -1 : 1)),
    [
      { from: 'movie path:/x', to: name },
      { from: 'movie tvdb:1', to: name },
    ],
  );
  t.same(
    told.slice(1).map(({ renamed }) => renamed),
    [[], []],
  );
  t.same(told.map(({ server, appeared }) => [server, appeared]).sort(), [
    ['a', [name]],
    ['b', [name]],
    ['c', [name]],
  ]);
  t.equal(told[0]?.server, 'c', 'the server that caused it is the first');
});

t.test('a series that gets its ids late gives all its episodes theirs', async (t) => {
  const { index, told } = open(t);
  const episodes = [1, 2, 3].map((number) => episode(`e${number}`, 's', [1, number]));
  await index.refresh(testServer('b', [series('s', { tvdb: '7' }), ...episodes]), never);
  await index.refresh(testServer('a', [series('s', {}), ...episodes]), never);
  t.equal(index.identityOf('a', 'e2'), 'server:a item:e2');
  told.length = 0;
  await index.learn('a', series('s', { tvdb: '7' }));
  t.equal(index.identityOf('a', 'e2'), 'episode tvdb-series:7 s01e02');
  t.match(told, [{ server: 'a', renamed: { length: 4 } }, { server: 'b' }]);
  await index.forget('a', 's');
  t.equal(index.identityOf('a', 'e2'), 'server:a item:e2');
});

t.test('a series of hundreds of episodes that gets its ids late: the same, beside what answers', async (t) => {
  const { index, told } = open(t);
  const episodes = Array.from({ length: 300 }, (_, i) => episode(`e${i}`, 's', [1, i]));
  await index.refresh(testServer('b', [series('s', { tvdb: '7' }), ...episodes]), never);
  await index.refresh(testServer('a', [series('s', {}), ...episodes]), never);
  told.length = 0;
  const learning = index.learn('a', series('s', { tvdb: '7' }));
  t.equal(index.identityOf('a', 'e299'), 'server:a item:e299');
  t.equal(await learning, 'series tvdb:7');
  t.equal(index.identityOf('a', 'e299'), 'episode tvdb-series:7 s01e299');
  t.match(told, [
    { server: 'a', appeared: { length: 301 }, renamed: { length: 301 } },
    { server: 'b', appeared: { length: 301 } },
  ]);
  await index.learn('a', series('s', { tvdb: '7' }, { name: 'Another name' }));
  t.equal(told.length, 2, 'a name is no key');
});

t.test('it is there after a restart without a question, with what was learnt since', async (t) => {
  const folder = t.testdir();
  const first = open(t, folder);
  const [a, b] = [testServer('a', films(120)), testServer('b', films(3))];
  await first.index.refresh(a, never);
  await first.index.refresh(b, never);
  await first.index.learn('a', film('new', { tmdb: '777' }));
  await first.index.forget('a', 'f0');
  await first.index.learn('b', film('f1', { imdb: 'tt0000002' }));
  const second = open(t, folder);
  t.same(await second.index.load(['a', 'b', 'c']), ['c']);
  t.same(second.told, [], 'nothing is new');
  for (const [server, id] of [
    ['a', 'f5'],
    ['a', 'f0'],
    ['a', 'new'],
    ['b', 'f1'],
    ['b', 'f2'],
  ] as const) {
    t.equal(second.index.identityOf(server, id), first.index.identityOf(server, id), id);
    t.same(second.index.item(server, id), first.index.item(server, id));
  }
  t.equal(second.index.lastBuiltMs('a'), START);
  t.equal(second.index.expectedCount('a'), 120, 'one came, one went');
  t.equal(first.index.expectedCount('a'), 120);
  t.equal(second.index.identityOf('a', 'new'), 'movie tmdb:777');
  t.equal(a.asked.whole + b.asked.whole, 2);
});

t.test('what is learnt while a server is read outlasts the reading', async (t) => {
  const folder = t.testdir();
  const { index } = open(t, folder);
  const a = testServer('a', films(300));
  await index.refresh(a, never);
  let page = 0;
  a.meanwhile = async () => {
    page += 1;
    if (page !== 2) return;
    await index.learn('a', film('new', { tmdb: '777' }));
    await index.forget('a', 'f0');
  };
  await index.refresh(a, never);
  t.equal(index.identityOf('a', 'new'), 'movie tmdb:777');
  t.equal(index.identityOf('a', 'f0'), null);
  const second = open(t, folder);
  await second.index.load(['a']);
  t.equal(second.index.identityOf('a', 'new'), 'movie tmdb:777');
  t.equal(second.index.identityOf('a', 'f0'), null);
});

t.test(
  'servers that are read at once while items are learnt and forgotten: the end is as if it had been one after the other, also after a restart',
  async (t) => {
    for (let seed = 1; seed <= 12; seed += 1) {
      const random = seededRandom(seed);
      const folder = t.testdir({ [`${seed}`]: {} });
      const first = open(t, join(folder, `${seed}`));
      const some = (): SyncedItem[] =>
        Array.from({ length: 90 }, (_, i) => i)
          .filter(() => random() < 0.7)
          .map((i) =>
            film(`f${i}`, random() < 0.8 ? { tmdb: `${1 + Math.floor(random() * 60)}` } : {}, {
              path: `/x/${Math.floor(random() * 60)}`,
            }),
          );
      const servers = ['a', 'b', 'c'].map((name) => testServer(name, some(), 20));
      for (const server of servers) {
        // Each time a page was read, something changes on that server, and we hear of it.
        server.meanwhile = async () => {
          const id = `f${Math.floor(random() * 100)}`;
          server.has = server.has.filter((item) => item.id !== id);
          if (random() < 0.5) return await first.index.forget(server.name, id);
          const now = film(id, { tmdb: `${1 + Math.floor(random() * 60)}` });
          server.has.push(now);
          await first.index.learn(server.name, now);
        };
      }
      for (let round = 0; round < 3; round += 1) await Promise.all(servers.map((server) => first.index.refresh(server, never)));
      const second = open(t, join(folder, `${seed}`));
      await second.index.load(['a', 'b', 'c']);
      const third = open(t);
      for (const server of servers) {
        server.meanwhile = async () => {};
        await third.index.refresh(server, never);
      }
      for (const { name, has } of servers) {
        if (first.index.size(name) !== has.length || second.index.size(name) !== has.length)
          t.fail(`seed ${seed}: not all of ${name}`);
        for (const { id } of has) {
          const identity = third.index.identityOf(name, id);
          if (first.index.identityOf(name, id) !== identity) t.fail(`seed ${seed}: ${name}/${id}`);
          if (second.index.identityOf(name, id) !== identity) t.fail(`seed ${seed}: ${name}/${id} after a restart`);
        }
      }
    }
  },
);

t.test('a file that is not whole is read anew, and told', async (t) => {
  const damages: Record<string, (path: string) => Promise<unknown>> = {
    'cut in a line': (path) => truncate(path, 5_000),
    'cut to nothing': (path) => truncate(path, 0),
    'cut between lines': async (path) =>
      writeFile(path, `${(await readFile(path, 'utf8')).split('\n').slice(0, 10).join('\n')}\n`),
    'other bytes': (path) => writeFile(path, Buffer.alloc(5_000, 0xff)),
    'of another version': async (path) => writeFile(path, (await readFile(path, 'utf8')).replace('"version":1', '"version":2')),
  };
  for (const [name, damage] of Object.entries(damages)) {
    const folder = t.testdir({ [name]: {} });
    const first = open(t, join(folder, name));
    await first.index.refresh(testServer('a', films(100)), never);
    const [file = ''] = await readdir(join(folder, name));
    await damage(join(folder, name, file));
    const { index, lines } = open(t, join(folder, name));
    t.same(await index.load(['a']), ['a'], name);
    t.match(lines, [{ fields: { server: 'a' }, text: /damaged/ }], name);
    t.equal(index.lastBuiltMs('a'), null);
    await index.refresh(testServer('a', films(100)), never);
    t.same(await open(t, join(folder, name)).index.load(['a']), [], name);
  }
});

t.test('a last line that was cut off loses itself only', async (t) => {
  const folder = t.testdir();
  const first = open(t, folder);
  await first.index.refresh(testServer('a', films(10)), never);
  await first.index.learn('a', film('new', { tmdb: '777' }));
  const [file = ''] = await readdir(folder);
  await appendFile(join(folder, file), '\n{"itemId":"to');
  await first.index.learn('a', film('newer', { tmdb: '778' }));
  const { index, lines } = open(t, folder);
  t.same(await index.load(['a']), []);
  t.equal(index.identityOf('a', 'new'), 'movie tmdb:777');
  t.equal(index.identityOf('a', 'newer'), 'movie tmdb:778');
  t.match(lines, [{ fields: { server: 'a', lines: 1 } }]);
});

t.test('files of servers that are configured no more are cleared away', async (t) => {
  const folder = t.testdir();
  const { index } = open(t, folder);
  await index.refresh(testServer('a', films(1)), never);
  await index.refresh(testServer('b', films(1)), never);
  await open(t, folder).index.load(['b']);
  t.equal((await readdir(folder)).length, 1);
});

t.test('path maps apply to what is kept, also when they change', async (t) => {
  const folder = t.testdir();
  const first = open(t, folder);
  await first.index.refresh(testServer('a', [film('1', {}, { path: '/mnt/films/A.mkv' })]), never);
  t.equal(first.index.identityOf('a', '1'), 'movie path:/mnt/films/A.mkv');
  const second = open(t, folder, [{ server: 'a', from: '/mnt', to: '/' }]);
  await second.index.load(['a']);
  t.equal(second.index.identityOf('a', '1'), 'movie path:/films/A.mkv');
  t.equal(second.index.item('a', '1')?.path, '/mnt/films/A.mkv', 'as its server names it');
});

t.test(
  'a disk that cannot be written: what is learnt answers all the same, said once; a reading fails and leaves what stood',
  async (t) => {
    const folder = t.testdir({ index: {}, file: '' });
    const { index, lines } = open(t, join(folder, 'index'));
    await index.refresh(testServer('a', films(3)), never);
    const [file = ''] = await readdir(join(folder, 'index'));
    await rm(join(folder, 'index', file));
    await index.learn('a', film('new', { tmdb: '777' }));
    await index.learn('a', film('newer', { tmdb: '778' }));
    t.equal(index.identityOf('a', 'newer'), 'movie tmdb:778');
    t.match(lines, { length: 1 });
    const nowhere = open(t, join(folder, 'file'));
    await t.rejects(nowhere.index.refresh(testServer('a', films(3)), never), { code: 'storage_failed' });
  },
);

t.test('the expected count follows what is learnt; another is a reason to read', async (t) => {
  const { index } = open(t);
  const a = testServer('a', films(3));
  t.equal(index.expectedCount('a'), null);
  await index.refresh(a, never);
  t.equal(index.expectedCount('a'), 3);
  await index.learn('a', film('new', {}));
  t.equal(index.expectedCount('a'), 4);
  await index.learn('a', film('new', { tmdb: '5' }));
  t.equal(index.expectedCount('a'), 4);
  await index.forget('a', 'new');
  t.equal(index.expectedCount('a'), 3);
});

t.test('a film that has a second file, which no list has: learning it again is no reason to read all', async (t) => {
  const { index } = open(t);
  const a = testServer('a', films(3));
  const secondFile = film('f0-4k', { tmdb: '1' });
  await index.refresh(a, never);
  await index.learn('a', secondFile);
  t.equal(index.expectedCount('a'), 4, 'it might be new');
  await index.refresh(a, never);
  t.equal(index.expectedCount('a'), 3);
  t.equal(await index.learn('a', secondFile), 'movie tmdb:1');
  t.equal(index.expectedCount('a'), 3);
  t.match(index.itemsOf('movie tmdb:1'), [{ itemId: 'f0' }, { itemId: 'f0-4k' }]);
});

t.test('an item that is not there is remembered for ten minutes, or until it is learnt', async (t) => {
  const { index, clock } = open(t);
  await index.forget('a', '1');
  t.equal(index.isMissing('a', '1'), true);
  t.equal(index.isMissing('b', '1'), false);
  await clock.advance(9 * 60_000);
  t.equal(index.isMissing('a', '1'), true);
  await clock.advance(2 * 60_000);
  t.equal(index.isMissing('a', '1'), false);
  await index.forget('a', '2');
  await index.learn('a', film('2', {}));
  t.equal(index.isMissing('a', '2'), false);
});
