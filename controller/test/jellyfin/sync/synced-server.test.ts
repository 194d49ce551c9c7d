// A simulated Jellyfin as sync sees it: word for word what is asked of it, and what becomes of odd answers.
import t, { type Test } from 'tap';
import { type JellyfinSimulator, startJellyfinSimulator } from '../../../../deploy/demo/jellyfin/jellyfin-simulator.ts';
import type { SimulatorOptions } from '../../../../deploy/demo/jellyfin/simulator-options.ts';
import type { JellyfinSync } from '../../../src/jellyfin/sync/open-jellyfin-sync.ts';
import { untouched } from '../../../src/neighbours/watch-state.ts';
import { type Asked, startRelay } from '../asked.ts';
import { unknownTo } from '../openapi.ts';
import { all, NEVER, openSync } from './open-sync.ts';

const LIBRARY: SimulatorOptions['library'] = [
  {
    name: 'Films',
    films: [
      {
        name: 'Alien',
        year: 1979,
        providerIds: { Imdb: 'tt0078748', Tmdb: '348', Empty: '' },
        runtimeMs: 7_020_000,
        collection: 'Space',
      },
      { name: 'Contact', year: 1997, collection: 'Space' },
      { name: 'Rumoured', virtual: true },
    ],
  },
  {
    name: 'Shows',
    series: [
      {
        name: 'Doctor',
        year: 1963,
        providerIds: { Tvdb: '76107' },
        seasons: [
          { number: 0, episodes: [{ name: 'Special' }] },
          {
            number: 1,
            episodes: [
              { name: 'One', providerIds: { Tvdb: '1' } },
              { name: 'Lost', virtual: true },
            ],
          },
        ],
      },
    ],
  },
];

type Home = {
  readonly sim: JellyfinSimulator;
  readonly sync: JellyfinSync;
  readonly asked: Asked[];
  idOf(name: string): string;
  anna: string;
};

const withHome = async (options: SimulatorOptions, work: (home: Home) => Promise<void>): Promise<void> => {
  await using sim = await startJellyfinSimulator({ library: LIBRARY, users: [{ name: 'anna' }], ...options });
  await using relay = await startRelay(sim.url);
  await using sync = openSync({ url: relay.url, apiKey: sim.apiKey });
  const idOf = (name: string) => sim.items.find((one) => one.name === name)?.id ?? 'none';
  await work({ sim, sync, asked: relay.asked, idOf, anna: sim.users.byName('anna')?.id ?? 'none' });
};

const knownToTheDocuments = (t: Test, asked: readonly Asked[]) => t.same([...new Set(asked.flatMap(unknownTo))], []);

t.test(
  'rows 264, 265: every item with its path, provider ids, series and numbers; nothing without a file, no collection',
  async (t) => {
    await withHome({}, async ({ sync, asked, idOf }) => {
      const items = await all(sync.server.items(NEVER));
      const named = (name: string) => items.find((one) => one.name === name);
      t.same(items.map(({ name }) => name).sort(), ['Alien', 'Contact', 'Doctor', 'One', 'Season 1', 'Special', 'Specials']);
      t.match(named('Alien'), {
        kind: 'movie',
        year: 1979,
        path: '/media/Films/Alien (1979)/Alien (1979).mkv',
        providerIds: { imdb: 'tt0078748', tmdb: '348' },
        runtimeMs: 7_020_000,
        series: null,
      });
      t.notOk('empty' in (named('Alien')?.providerIds ?? {}));
      t.match(named('Doctor'), { kind: 'series', series: null, providerIds: { tvdb: '76107' } });
      t.match(named('One'), { kind: 'episode', series: { id: idOf('Doctor'), name: 'Doctor', season: 1, episode: 1 } });
      t.equal(await sync.server.itemCount(NEVER), items.length);
      for (const one of items.filter(({ kind }) => kind !== 'season')) t.same(await sync.server.item(one.id, NEVER), one);
      await t.rejects(sync.server.item(idOf('Space'), NEVER), { code: 'not_found' }, 'a collection is not kept the same');
      knownToTheDocuments(t, asked);
      const list = asked.find(({ path, query }) => path === '/Items' && query['limit'] !== '1');
      t.match(list?.query, {
        recursive: 'true',
        fields: 'Path,ProviderIds',
        enableImages: 'false',
        enableUserData: 'false',
        enableTotalRecordCount: 'false',
      });
      t.ok(list?.query['sortBy'] && list.query['userId'], 'in a fixed order, and as somebody');
    });
  },
);

for (const version of ['10.10.7', '10.11.11', '12.0.0'])
  t.test(`${version}: of one show in three folders each series comes, though a user is shown one of them`, async (t) => {
    const show = (name: string) => ({
      name,
      providerIds: { Tvdb: '77' },
      seasons: [{ number: 1, episodes: [{ name: `${name} e1` }] }],
    });
    const library = [{ name: 'Shows', series: [show('Show'), show('Show (4K)'), show('Show (old)')] }];
    await withHome({ version, library }, async ({ sync, sim, asked }) => {
      const items = await all(sync.server.items(NEVER));
      const shown = await sync.server.itemCount(NEVER);
      t.equal(shown, 5, 'a series, a season and three episodes');
      const series = sim.items.filter(({ type }) => type === 'Series').map(({ id }) => id);
      t.same(
        items
          .filter(({ kind }) => kind === 'series')
          .map(({ id }) => id)
          .sort(),
        series.sort(),
      );
      for (const { kind, series: of } of items) if (kind === 'episode') t.ok(of !== null && series.includes(of.id));
      knownToTheDocuments(t, asked);
    });
  });

t.test('a library of several pages comes whole, also when much of it is deleted meanwhile', async (t) => {
  const films = Array.from({ length: 4200 }, (_, index) => ({ name: `Film ${String(index).padStart(4, '0')}` }));
  await withHome({ library: [{ name: 'Many', films }] }, async ({ sim, sync, asked }) => {
    const seen = new Set<string>();
    let isFirst = true;
    for await (const page of sync.server.items(NEVER)) {
      for (const { id } of page) seen.add(id);
      if (isFirst) for (const { id } of sim.items.slice(0, 300)) sim.removeItem(id);
      isFirst = false;
    }
    t.same(
      sim.items.filter(({ id }) => !seen.has(id)).map(({ name }) => name),
      [],
      'nothing that stayed is missing',
    );
    t.ok(asked.filter(({ path }) => path === '/Items').length <= 5);
  });
});

for (const [version, asks] of [
  ['12.0.0', true],
  ['10.11.11', false],
] as const)
  t.test(
    `${version}: ${asks ? 'all files of a film are told' : 'each file shows itself, so that nobody asks for others'}`,
    async (t) => {
      const library = [{ name: 'Films', films: [{ name: 'Two', versions: ['1080p'] }, { name: 'One' }] }];
      await withHome({ version, library }, async ({ sim, sync, asked, idOf }) => {
        const files = sim.items.filter(({ name }) => name === 'Two').map(({ id }) => id);
        t.equal(files.length, 2);
        for (const file of files) t.same([...(await sync.server.files(file, NEVER))].sort(), asks ? [...files].sort() : [file]);
        t.same(await sync.server.files(idOf('One'), NEVER), [idOf('One')]);
        t.equal(
          asked.some(({ path }) => path.startsWith('/Items/')),
          asks,
        );
        knownToTheDocuments(t, asked);
      });
    },
  );

t.test('an administrator who is kept from something is not the one whose view is taken', async (t) => {
  const admin = { IsAdministrator: true };
  const users = [
    { name: 'aunt', policy: { ...admin, MaxParentalRating: 6 } },
    { name: 'boss', policy: admin },
  ];
  await withHome({ admin: { name: 'admin', password: 'adminpw' }, users }, async ({ sim, sync, asked, idOf }) => {
    sim.editPolicy('admin', { EnableAllFolders: false, EnabledFolders: [] });
    await sync.server.itemCount(NEVER);
    t.equal(asked.at(-1)?.query['userId'], sim.users.byName('boss')?.id);
    // The administrator goes; the item does not seem gone with them.
    sim.users.remove(sim.users.byName('boss')?.id ?? '');
    sim.editPolicy('admin', { EnableAllFolders: true });
    t.equal((await sync.server.item(idOf('Alien'), NEVER)).name, 'Alien');
    t.equal(asked.at(-1)?.query['userId'], sim.users.byName('admin')?.id);
    await t.rejects(sync.server.item('1'.repeat(32), NEVER), { code: 'not_found' });
  });
});

t.test('row 257: one favourite is one call that says nothing else', async (t) => {
  await withHome({}, async ({ sync, asked, idOf, anna }) => {
    await sync.server.write(anna, idOf('Alien'), { favourite: true }, NEVER);
    t.match(asked, [{ method: 'POST', path: `/UserItems/${idOf('Alien')}/UserData`, query: { userId: anna } }]);
    t.same(asked[0]?.body, { IsFavorite: true });
    t.same(await sync.server.state(anna, idOf('Alien'), NEVER), { ...untouched, favourite: true });
    t.equal(asked.length, 2);
    knownToTheDocuments(t, asked);
  });
});

t.test('what is already so is not asked for; an impossible change is not even begun', async (t) => {
  await withHome({}, async ({ sync, asked, idOf, anna }) => {
    await sync.server.write(anna, idOf('Alien'), {}, NEVER);
    await t.rejects(sync.server.write(anna, idOf('Alien'), { lastPlayedMs: null, favourite: true }, NEVER), {
      code: 'input_invalid',
    });
    t.equal(asked.length, 0);
  });
});

t.test('a series is never reset, which would take its episodes along', async (t) => {
  await withHome({}, async ({ sync, asked, idOf, anna }) => {
    await sync.server.write(anna, idOf('One'), { played: true, playCount: 1 }, NEVER);
    const reset = { played: false, playCount: 0, positionMs: 0, lastPlayedMs: null };
    await t.rejects(sync.server.write(anna, idOf('Doctor'), reset, NEVER), { code: 'input_invalid' });
    t.notOk(asked.some(({ method }) => method === 'DELETE'));
    t.match(await sync.server.state(anna, idOf('One'), NEVER), { played: true });
    t.same(await sync.server.state(anna, idOf('Doctor'), NEVER), untouched, 'and is not played by itself');
    await sync.server.write(anna, idOf('Doctor'), { favourite: true }, NEVER);
    t.same(await sync.server.state(anna, idOf('Doctor'), NEVER), { ...untouched, favourite: true });
  });
});

t.test('scans find what they are for, and ask for nothing that the documents do not know', async (t) => {
  await withHome({}, async ({ sync, asked, idOf, anna }) => {
    const { server } = sync;
    await server.write(anna, idOf('Alien'), { played: true, playCount: 1, lastPlayedMs: 2_000_000 }, NEVER);
    await server.write(anna, idOf('One'), { played: true, playCount: 1, lastPlayedMs: 3_000_000 }, NEVER);
    await server.write(anna, idOf('Contact'), { positionMs: 900_000 }, NEVER);
    await server.write(anna, idOf('Doctor'), { favourite: true }, NEVER);
    const found = async (scan: 'all' | 'resumable' | 'favourites' | 'played') =>
      (await all(server.states(anna, scan, NEVER))).map(({ itemId }) => itemId);
    t.same(await found('played'), [idOf('One'), idOf('Alien')], 'the newest first');
    t.same(await found('resumable'), [idOf('Contact')]);
    t.same(await found('favourites'), [idOf('Doctor')]);
    t.equal((await found('all')).length, await server.itemCount(NEVER));
    knownToTheDocuments(t, asked);
  });
});

t.test('a 404 is told as not_found, whatever is gone', async (t) => {
  await withHome({}, async ({ sync, idOf, anna }) => {
    const { server } = sync;
    await t.rejects(server.state(anna, '1'.repeat(32), NEVER), { code: 'not_found' });
    await t.rejects(server.write(anna, '1'.repeat(32), { favourite: true }, NEVER), { code: 'not_found' });
    await t.rejects(server.state('1'.repeat(32), idOf('Alien'), NEVER), { code: 'not_found' });
    await t.rejects(all(server.states('1'.repeat(32), 'all', NEVER)), { code: 'not_found' });
  });
});

for (const clockSkewMs of [0, -90_000, 3_600_000])
  t.test(`a clock that is ${clockSkewMs} ms off there is known to a second or two`, async (t) => {
    await using sim = await startJellyfinSimulator({ clockSkewMs });
    await using sync = openSync(sim);
    t.equal(sync.server.clockSkew().plusMinusMs, Number.POSITIVE_INFINITY);
    await sync.server.users(NEVER);
    const { ms, plusMinusMs } = sync.server.clockSkew();
    t.ok(Math.abs(ms - clockSkewMs) <= plusMinusMs && plusMinusMs < 30_000, `${ms} ± ${plusMinusMs}`);
  });

t.test("an answer that is no Jellyfin's names its field, and one odd item hides no other", async (t) => {
  await withHome({}, async ({ sim, sync, idOf }) => {
    const alien = idOf('Alien');
    sim.changeItem(alien, { year: '1979' as unknown as number });
    await t.rejects(sync.server.item(alien, NEVER), { code: 'upstream_failed', message: /ProductionYear/ });
    const names = (await all(sync.server.items(NEVER))).map(({ name }) => name);
    t.ok(names.includes('Contact'));
  });
});
