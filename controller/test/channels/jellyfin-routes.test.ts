// Looking around in a simulated Jellyfin over our HTTP, and a channel made of what is found there.
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { startJellyfinSimulator } from '../../../deploy/demo/jellyfin/jellyfin-simulator.ts';
import type { SimulatorOptions } from '../../../deploy/demo/jellyfin/simulator-options.ts';
import { jellyfinRoutes } from '../../src/channels/jellyfin-routes.ts';
import { bearer, call, serve } from '../http/serve.ts';
import { startRelay } from '../jellyfin/asked.ts';
import { openTest } from '../jellyfin/neighbours.ts';
import { body, DAY, openChannels, START } from './open-channels.ts';

const library: NonNullable<SimulatorOptions['library']> = [
  {
    name: 'Films',
    films: [
      { name: 'Alien', year: 1979, genres: ['Horror', 'Sci-Fi, old'] },
      { name: 'Brazil', year: 1985, genres: ['Comedy'] },
      { name: 'Contact', year: 1997, genres: ['Drama'] },
    ],
  },
  {
    name: 'Shows',
    series: [{ name: 'Doctor', genres: ['Comedy'], seasons: [{ number: 1, episodes: [{ name: 'One' }, { name: 'Two' }] }] }],
  },
];

const image = join(t.testdir({ 'a.png': Buffer.from(`\x89PNG\r\n\x1a\n${'-'.repeat(50)}`, 'latin1') }), 'a.png');

type Listed = { id: string; name: string };

async function home(t: Test, options: SimulatorOptions = { library }) {
  const sim = await startJellyfinSimulator(options);
  const relay = await startRelay(sim.url);
  const server = openTest({ url: relay.url, apiKey: sim.apiKey });
  t.teardown(async () => {
    await server[Symbol.asyncDispose]();
    await relay[Symbol.asyncDispose]();
    await sim[Symbol.asyncDispose]();
  });
  const servers = new Map([['main', server.library]]);
  const { url, auth } = await serve(t, { routes: jellyfinRoutes({ servers, defaultPageSize: 50, maxPageSize: 1_000 }) });
  const headers = await bearer(auth, 'read');
  const ask = async (path: string) => {
    const answer = await call(`${url}/api/jellyfin/${path}`, { headers });
    t.notMatch(answer.text, new RegExp(sim.apiKey), 'no key is shown');
    return answer;
  };
  return { sim, server, ask, asked: relay.asked, url };
}

t.test('rows 117, 118, 144, 146: users, libraries, and down to the episodes', async (t) => {
  const { ask } = await home(t);
  t.match((await ask('users')).json, { server: 'main', users: [{ name: String, is_administrator: Boolean }] });
  const { libraries } = (await ask('libraries')).json as { libraries: Listed[] };
  t.match(libraries, [
    { name: 'Films', collection_type: 'movies' },
    { name: 'Shows', collection_type: 'tvshows' },
  ]);
  const [films, shows] = libraries;
  t.match((await ask(`genres?parent=${films?.id}`)).json, { genres: ['Comedy', 'Drama', 'Horror', 'Sci-Fi, old'] });
  t.same((await ask(`genres/${shows?.id}`)).json, { genres: ['Comedy'] });
  t.match((await ask(`items/${shows?.id}`)).json, { items: [{ type: 'Series' }] }, 'what lies directly in it');
  const below = (await ask(`items/${shows?.id}?recursive=true&include_item_types=Episode`)).json as { items: Listed[] };
  t.same(
    below.items.map(({ name }) => name),
    ['One', 'Two'],
  );
  const { items: series } = (await ask(`items/${shows?.id}?types=Series`)).json as { items: Listed[] };
  t.match(series, [{ name: 'Doctor', type: 'Series' }]);
  const { items: seasons } = (await ask(`series/${series[0]?.id}/seasons`)).json as { items: Listed[] };
  t.equal(seasons.length, 1);
  t.match((await ask(`seasons/${seasons[0]?.id}/episodes`)).json, {
    items: [
      { name: 'One', series_name: 'Doctor', season_number: 1, episode_number: 1 },
      { name: 'Two', episode_number: 2 },
    ],
  });
});

t.test('rows 119, 128, 147, 154: pages, order and genres reach Jellyfin; 5000 becomes 1000, nothing becomes 50', async (t) => {
  const { ask, asked } = await home(t);
  const { libraries } = (await ask('libraries')).json as { libraries: Listed[] };
  const films = libraries[0]?.id;
  const names = async (query: string) =>
    ((await ask(`items/${films}?${query}`)).json as { items: Listed[] }).items.map(({ name }) => name);
  t.same(await names(`genres=${encodeURIComponent('Horror|Comedy')}`), ['Alien', 'Brazil'], 'the union of two genres');
  t.same(await names(`genres=${encodeURIComponent('Sci-Fi, old')}`), ['Alien'], 'a genre with a comma');
  t.same(await names('sort_by=ProductionYear&sort_order=Descending&limit=1&start_index=1'), ['Brazil']);
  const limit = () => asked.findLast(({ path }) => path === '/Items')?.query['limit'];
  await names('limit=5000');
  t.equal(limit(), '1000');
  await names('');
  t.equal(limit(), '50');
  t.match(await ask(`items/${films}?limit=0`), { status: 400, json: { error: { message: /query\.limit/ } } });
  t.match(await ask(`items/${films}?sort_by=1;drop`), { status: 400 });
});

t.test('a picture of an item comes through us, without a key; what has none is 404', async (t) => {
  const { ask, url } = await home(t, { library: [{ name: 'Films', films: [{ name: 'Alien', image }, { name: 'Brazil' }] }] });
  const { libraries } = (await ask('libraries')).json as { libraries: Listed[] };
  const { items } = (await ask(`items/${libraries[0]?.id}`)).json as { items: Listed[] };
  const answer = await ask(`items/${items[0]?.id}/image?maxWidth=200`);
  t.match([answer.status, answer.headers.get('content-type')], [200, 'image/png']);
  t.equal((await ask(`items/${items[1]?.id}/image`)).status, 404);
  t.equal((await call(`${url}/api/jellyfin/items/${items[0]?.id}/image`)).status, 401);
});

t.test('row 151: without a Jellyfin there is a hint; an unknown one is refused by key; one that is down is told', async (t) => {
  const { ask, url } = await home(t);
  t.match(await ask('users?server=attic'), { status: 400, json: { error: { message: /query\.server: must be one of main/ } } });
  t.equal((await call(`${url}/api/jellyfin/users`)).status, 401);
  const { url: empty, auth } = await serve(t, {
    routes: jellyfinRoutes({ servers: new Map(), defaultPageSize: 50, maxPageSize: 1_000 }),
  });
  const headers = await bearer(auth, 'read');
  t.match(await call(`${empty}/api/jellyfin/libraries`, { headers }), {
    status: 400,
    json: { error: { message: /JELLYFIN_URL/ } },
  });
  await using gone = openTest({ url: 'http://127.0.0.1:1', apiKey: 'x' });
  const dead = { servers: new Map([['main', gone.library]]), defaultPageSize: 50, maxPageSize: 1_000 };
  const { url: dark, auth: darkAuth } = await serve(t, { routes: jellyfinRoutes(dead) });
  t.equal((await call(`${dark}/api/jellyfin/libraries`, { headers: await bearer(darkAuth, 'read') })).status, 502);
});

t.test('rows 75, 82: a channel out of a Jellyfin library and a genre alone', async (t) => {
  const { server, ask } = await home(t);
  const { libraries } = (await ask('libraries')).json as { libraries: Listed[] };
  const read = {
    state: { items: [], down: false, readings: 0 },
    read: (_: string, id: string, signal: AbortSignal) => server.library.catalogue(id, signal),
  };
  await using opened = await openChannels(t, { libraries: read });
  const { id } = await opened.channels.create(
    body({
      libraries: libraries.map((one) => ({ library_id: one.id, library_name: one.name })),
      genre_filters: [{ genre: 'Comedy' }],
    }),
  );
  t.equal(opened.channels.state(id).problem, null);
  const entries = await opened.channels.entries(id, START, START + DAY);
  t.same([...new Set(entries.map(({ title }) => title))].sort(), ['Brazil', 'One', 'Two'], 'episodes have their series’ genres');
});
