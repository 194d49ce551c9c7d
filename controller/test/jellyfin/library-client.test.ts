// The library as channels take it, from a simulated Jellyfin as strict as the real one.
import t, { type Test } from 'tap';
import { type JellyfinSimulator, startJellyfinSimulator } from '../../../deploy/demo/jellyfin/jellyfin-simulator.ts';
import type { SimulatorOptions } from '../../../deploy/demo/jellyfin/simulator-options.ts';
import type { JellyfinCatalogueItem } from '../../src/jellyfin/catalogue-items.ts';
import type { JellyfinOptions, JellyfinServer } from '../../src/jellyfin/open-jellyfin.ts';
import { type Asked, startRelay } from './asked.ts';
import { openTest } from './neighbours.ts';
import { unknownTo } from './openapi.ts';

const NEVER = new AbortController().signal;
const VERSIONS = ['10.10.7', '10.11.11', '12.0.0'];

const LIBRARY: SimulatorOptions['library'] = [
  {
    name: 'Films',
    films: [
      {
        name: 'Alien',
        year: 1979,
        genres: ['Horror', 'Sci-Fi, old'],
        studios: ['Fox'],
        tags: ['space'],
        rating: 'R',
        collection: 'Space',
      },
      { name: 'Brazil', year: 1985, genres: ['Comedy'], rating: 'FSK-16' },
      { name: 'Contact', year: 1997, genres: ['Drama'], runtimeMs: 9_000_000, collection: 'Space' },
      { name: 'Rumoured', virtual: true },
    ],
  },
  {
    name: 'Shows',
    series: [
      {
        name: 'Doctor',
        year: 1963,
        genres: ['Sci-Fi, old'],
        tags: ['british'],
        studios: ['BBC'],
        rating: 'PG',
        seasons: [
          { number: 0, episodes: [{ name: 'Special' }] },
          { number: 1, episodes: [{ name: 'One' }, { name: 'Two', genres: ['Quiz'] }, { name: 'Lost', virtual: true }] },
          { number: 2, episodes: [{ name: 'Three' }] },
        ],
      },
      { name: 'Other', genres: ['Drama'], seasons: [{ number: 1, episodes: [{ name: 'Else' }] }] },
    ],
  },
];

type Home = { sim: JellyfinSimulator; server: JellyfinServer; asked: Asked[] };

const withHome = async (
  options: SimulatorOptions,
  work: (home: Home) => Promise<void>,
  jellyfin: Partial<JellyfinOptions> = {},
): Promise<void> => {
  await using sim = await startJellyfinSimulator({ library: LIBRARY, ...options });
  await using relay = await startRelay(sim.url);
  await using server = openTest({ url: relay.url, apiKey: sim.apiKey }, jellyfin);
  await work({ sim, server, asked: relay.asked });
};

const all = async (server: JellyfinServer, id: string): Promise<JellyfinCatalogueItem[]> => {
  const items: JellyfinCatalogueItem[] = [];
  for await (const page of server.library.catalogue(id, NEVER)) items.push(...page);
  return items;
};
const libraryOf = async (server: JellyfinServer, name: string): Promise<string> =>
  (await server.library.libraries(NEVER)).find((one) => one.name === name)?.id ?? 'none';
const titles = (items: readonly { readonly title: string }[]) => items.map(({ title }) => title).sort();

const knownToTheDocuments = (t: Test, asked: readonly Asked[]) => t.same([...new Set(asked.flatMap(unknownTo))], []);

for (const version of VERSIONS)
  t.test(`${version}: libraries with their types, films with all that a channel chooses by`, async (t) => {
    await withHome({ version }, async ({ server, asked }) => {
      const libraries = await server.library.libraries(NEVER);
      t.match(
        libraries.find(({ name }) => name === 'Films'),
        { collectionType: 'movies' },
      );
      const id = await libraryOf(server, 'Films');
      const films = await all(server, id);
      t.same(titles(films), ['Alien', 'Brazil', 'Contact'], 'what has no file is left out, and a collection hides nothing');
      t.match(
        films.find(({ title }) => title === 'Alien'),
        {
          server: 'main',
          libraryId: id,
          kind: 'movie',
          series: null,
          durationMs: 5_400_000,
          genres: ['Horror', 'Sci-Fi, old'],
          tags: ['space'],
          studios: ['Fox'],
          year: 1979,
          rating: 'R',
        },
      );
      t.type(films.find(({ title }) => title === 'Alien')?.ratingScore, 'number');
      t.match(films.find(({ title }) => title === 'Alien')?.path, /Alien/);
      knownToTheDocuments(t, asked);
    });
  });

t.test('row 131: episodes have season, number, and the genres, tags, studios and rating of their series', async (t) => {
  await withHome({}, async ({ server, asked }) => {
    const episodes = await all(server, await libraryOf(server, 'Shows'));
    t.same(titles(episodes), ['Else', 'One', 'Special', 'Three', 'Two'], 'a missing episode is left out');
    const named = (title: string) => episodes.find((one) => one.title === title);
    t.match(named('One'), {
      kind: 'episode',
      series: { title: 'Doctor' },
      season: 1,
      episode: 1,
      genres: ['Sci-Fi, old'],
      tags: ['british'],
      studios: ['BBC'],
      rating: 'PG',
    });
    t.same(named('Two')?.genres, ['Quiz', 'Sci-Fi, old']);
    t.equal(named('Special')?.season, 0);
    knownToTheDocuments(t, asked);
  });
});

t.test('a collection has its members; a series by itself its episodes', async (t) => {
  await withHome({}, async ({ sim, server, asked }) => {
    const boxSet = sim.items.find(({ type }) => type === 'BoxSet')?.id ?? '';
    const members = await all(server, boxSet);
    t.same(titles(members), ['Alien', 'Contact']);
    t.equal(members[0]?.libraryId, boxSet);
    const doctor = sim.items.find(({ name }) => name === 'Doctor')?.id ?? '';
    const episodes = await all(server, doctor);
    t.same(titles(episodes), ['One', 'Special', 'Three', 'Two']);
    t.same(episodes[0]?.tags, ['british']);
    await t.rejects(all(server, '0'.repeat(31).concat('1')), { code: 'not_found' });
    knownToTheDocuments(t, asked);
  });
});

t.test('a playlist plays in its own order, a series in it episode by episode', async (t) => {
  await withHome({}, async ({ sim, server, asked }) => {
    const idOf = (name: string) => sim.items.find((one) => one.name === name)?.id ?? '';
    const userId = (await server.library.currentUser(NEVER)).id;
    const authorization = `MediaBrowser Token="${sim.apiKey}"`;
    const answer = await fetch(`${sim.url}/Playlists`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ Name: 'Tonight', Ids: [idOf('Contact'), idOf('Two'), idOf('Alien')], UserId: userId }),
    });
    const { Id: id } = (await answer.json()) as { Id: string };
    const members = await all(server, id);
    t.same(
      members.map(({ title }) => title),
      ['Contact', 'Two', 'Alien'],
    );
    t.ok(members[1]?.genres.includes('Sci-Fi, old'), 'its series was looked up');
    knownToTheDocuments(t, asked);
  });
});

t.test('a library of more than one page comes in pages, each item once', async (t) => {
  const films = Array.from({ length: 1203 }, (_, index) => ({ name: `Film ${index}` }));
  await withHome({ library: [{ name: 'Many', films }] }, async ({ server, asked }) => {
    const items = await all(server, await libraryOf(server, 'Many'));
    t.equal(new Set(items.map(({ id }) => id)).size, 1203);
    t.equal(items.length, 1203);
    const pages = asked.filter(({ path, query }) => path === '/Items' && query['includeItemTypes']?.includes('Movie'));
    t.same(
      pages.map(({ query }) => [query['startIndex'], query['limit'], query['enableTotalRecordCount']]),
      ['0', '500', '1000'].map((start) => [start, '500', 'false']),
    );
  });
});

t.test('row 145: an administrator is chosen, not the first user', async (t) => {
  await withHome({ users: [{ name: 'aaron' }, { name: 'zoe' }] }, async ({ server, asked }) => {
    t.match(await server.library.currentUser(NEVER), { name: 'admin', isAdministrator: true });
    await server.library.genres(null, NEVER);
    await server.library.currentUser(NEVER);
    t.equal(asked.filter(({ path }) => path === '/Users').length, 1, 'and remembered');
  });
});

t.test('row 152: or the configured user; one who is not there is told with the key', async (t) => {
  await using sim = await startJellyfinSimulator({ library: LIBRARY, users: [{ name: 'zoe' }] });
  const zoe = sim.users.byName('zoe')?.id ?? '';
  await using server = openTest({ url: sim.url, apiKey: sim.apiKey }, { userId: zoe });
  t.match(await server.library.currentUser(NEVER), { name: 'zoe', isAdministrator: false });
  await using other = openTest({ url: sim.url, apiKey: sim.apiKey }, { userId: '1'.repeat(32) });
  await t.rejects(other.library.currentUser(NEVER), { message: /has no user 1+; check user_id/ });
});

t.test('row 143: client, device, device id and version stand in every request, the key in no URL', async (t) => {
  await withHome(
    {},
    async ({ sim, server, asked }) => {
      await server.library.libraries(NEVER);
      const item = { id: sim.items[0]?.id ?? '', path: null };
      for (const { authorization } of asked)
        t.equal(
          authorization,
          `MediaBrowser Token="${sim.apiKey}", Client="TV%20of%20ours", Device="attic", DeviceId="d-1", Version="1.2.3"`,
        );
      t.notOk(JSON.stringify(asked.map(({ path, query }) => [path, query])).includes(sim.apiKey));
      const { http } = server.library.sourceOf(item);
      t.notOk(http.url.includes(sim.apiKey), 'row 148: nor in the address of a stream');
      t.match(http.url, /\/Videos\/\w+\/stream\?static=true&mediaSourceId=\w+$/);
      t.match(http.headers['Authorization'], sim.apiKey);
    },
    { clientName: 'TV of ours', deviceName: 'attic', deviceId: 'd-1', version: '1.2.3' },
  );
});

const PAGE = { types: [], genres: [], recursive: true, sortBy: null, sortOrder: 'Ascending', search: null } as const;

t.test('row 144: library, series, seasons, episodes', async (t) => {
  await withHome({}, async ({ server, asked }) => {
    const { library } = server;
    const parentId = await libraryOf(server, 'Shows');
    const series = await library.items({ ...PAGE, parentId, types: ['Series'], startIndex: 0, limit: 10 }, NEVER);
    t.same(
      series.items.map(({ name, type }) => [name, type]),
      [
        ['Doctor', 'Series'],
        ['Other', 'Series'],
      ],
    );
    t.equal(series.total, 2);
    const seasons = await library.seasons(series.items[0]?.id ?? '', NEVER);
    t.same(
      seasons.items.map(({ season }) => season),
      [0, 1, 2],
    );
    const episodes = await library.episodes(seasons.items[1]?.id ?? '', NEVER);
    t.same(
      episodes.items.map(({ name, season, episode }) => [name, season, episode]),
      [
        ['One', 1, 1],
        ['Two', 1, 2],
      ],
    );
    knownToTheDocuments(t, asked);
  });
});

t.test('row 128: two genres at once are their union, commas and all', async (t) => {
  await withHome({}, async ({ server, asked }) => {
    const parentId = await libraryOf(server, 'Films');
    const query = { ...PAGE, parentId, types: ['movie'], genres: ['Sci-Fi, old', 'Comedy'], startIndex: 0, limit: 10 };
    const found = await server.library.items(query, NEVER);
    t.same(
      found.items.map(({ name }) => name),
      ['Alien', 'Brazil'],
    );
    t.equal(asked.at(-1)?.query['genres'], 'Sci-Fi, old|Comedy');
    t.same(await server.library.genres(parentId, NEVER), ['Comedy', 'Drama', 'Horror', 'Sci-Fi, old']);
    knownToTheDocuments(t, asked);
  });
});

t.test('row 147: paging, order and types are passed on; words that the server would ignore are refused', async (t) => {
  await withHome({}, async ({ server, asked }) => {
    const parentId = await libraryOf(server, 'Films');
    const query = {
      ...PAGE,
      parentId,
      types: ['Movie'],
      sortBy: 'ProductionYear',
      sortOrder: 'Descending',
      startIndex: 1,
      limit: 1,
    } as const;
    t.match((await server.library.items(query, NEVER)).items, [{ name: 'Brazil', year: 1985 }]);
    t.match(asked.at(-1)?.query, { startIndex: '1', limit: '1', sortBy: 'ProductionYear,SortName', sortOrder: 'Descending' });
    const refused = { code: 'input_invalid' };
    await t.rejects(server.library.items({ ...query, types: ['Movies'] }, NEVER), {
      ...refused,
      message: /"Movies" is not a type/,
    });
    await t.rejects(server.library.items({ ...query, sortBy: 'Age' }, NEVER), { ...refused, message: /"Age" is not an order/ });
  });
});

t.test('row 146: users without any key, the current user, one item', async (t) => {
  await withHome({ users: [{ name: 'anna' }] }, async ({ sim, server, asked }) => {
    const users = await server.library.users(NEVER);
    t.same(
      users.map(({ name, isAdministrator }) => [name, isAdministrator]),
      [
        ['admin', true],
        ['anna', false],
      ],
    );
    t.notOk(JSON.stringify(users).includes(sim.apiKey));
    const alien = sim.items.find(({ name }) => name === 'Alien')?.id ?? '';
    t.match(await server.library.item(alien, NEVER), { name: 'Alien', type: 'Movie', media: { video: { codec: 'h264' } } });
    await t.rejects(server.library.item('0'.repeat(31).concat('1'), NEVER), { code: 'not_found' });
    t.equal(await server.library.image({ itemId: alien, tag: 'none', maxWidth: 300 }, NEVER), null, 'it has no picture');
    knownToTheDocuments(t, asked);
  });
});
