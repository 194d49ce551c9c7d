// What users did with items: the rules by version, what a body may hold, who is told, what lists can be asked, and what a kill leaves.
import { join } from 'node:path';
import t from 'tap';
import { type JellyfinSimulator, startJellyfinSimulator } from '../../../demo/jellyfin/jellyfin-simulator.ts';
import { ask, listen, logIn, until } from './authorized-fetch.ts';
import { recordedLibrary } from './hook-receiver.ts';

const find = (sim: JellyfinSimulator, name: string) => sim.items.find((item) => item.name === name)?.id ?? '';

for (const [version, played] of [
  ['12.0.0', true],
  ['10.11.11', false],
  ['10.10.7', false],
] as const)
  t.test(`${version}: the start of a film that was seen ${played ? 'leaves the mark' : 'takes the mark away'}`, async (t) => {
    await using sim = await startJellyfinSimulator({ version, library: recordedLibrary, users: [{ name: 'alice' }] });
    const [token, film] = [await logIn(sim.url, 'alice'), find(sim, 'Long Film')];
    await ask(`${sim.url}/UserPlayedItems/${film}?datePlayed=20240302100000`, 'POST', token);
    t.match(sim.watched('alice', film), { played: true, playCount: 1, lastPlayed: '2024-03-02T10:00:00.0000000Z' });
    await ask(`${sim.url}/Sessions/Playing`, 'POST', token, { ItemId: film, PositionTicks: 0 });
    t.match(sim.watched('alice', film), { played, playCount: 2 });
  });

t.test('a body’s fields are taken in the server’s order; null leaves, nonsense is 400 and changes nothing', async (t) => {
  await using sim = await startJellyfinSimulator({ library: recordedLibrary, users: [{ name: 'alice' }] });
  const [token, film] = [await logIn(sim.url, 'alice'), find(sim, 'Long Film')];
  const write = (body: unknown) => ask(`${sim.url}/UserItems/${film}/UserData`, 'POST', token, body);
  t.match((await write({ Rating: 3, Likes: true, PlayCount: '2' })).json, { Rating: 3, Likes: false, PlayCount: 2 });
  t.match((await write({ Likes: null, Rating: null, LastPlayedDate: null })).json, { Rating: 3 });
  t.match((await write({ LastPlayedDate: '2026-02-03T04:05:06.1234567Z' })).json, {
    LastPlayedDate: '2026-02-03T04:05:06.1234567Z',
  });
  for (const body of [{ PlayCount: 1.5 }, { Played: 'yes' }, { Rating: 11 }, { LastPlayedDate: 'yesterday' }, { PlayCount: 3e9 }])
    t.equal((await write(body)).status, 400, JSON.stringify(body));
  t.match(sim.watched('alice', film), { rating: 3, playCount: 2, played: false });
  const id = sim.users.byName('alice')?.id;
  sim.editPolicy('alice', { EnableAllFolders: false, EnabledFolders: [] });
  t.equal(
    (await ask(`${sim.url}/UserItems/${film}/UserData?userId=${id}`, 'GET', sim.apiKey)).status,
    404,
    'not of a library that is closed',
  );
});

t.test('12 shows a film with two files as the one that was played last, 10.10 keeps both as one', async (t) => {
  for (const [version, other, shown] of [
    ['12.0.0', false, 42],
    ['10.11.11', false, 0],
    ['10.10.7', true, 42],
  ] as const) {
    await using sim = await startJellyfinSimulator({ version, library: recordedLibrary, users: [{ name: 'alice' }] });
    const [first, second] = sim.items.filter(({ name }) => name === 'Two Files');
    const url = (id = '') => `${sim.url}/UserItems/${id}/UserData?userId=${sim.users.byName('alice')?.id}`;
    await ask(url(second?.id), 'POST', sim.apiKey, { PlaybackPositionTicks: 42, LastPlayedDate: '2026-01-01T00:00:00Z' });
    t.match((await ask(url(first?.id), 'GET', sim.apiKey)).json, { PlaybackPositionTicks: shown }, version);
    t.equal(sim.watched('alice', first?.id ?? '').positionTicks === 42, other, version);
    const list = (await ask(`${sim.url}/Items?recursive=true&includeItemTypes=Movie`, 'GET', sim.apiKey)).json as {
      Items: { Id: string }[];
    };
    t.notOk(
      list.Items.some(({ Id }) => Id === second?.id),
      'the second file is not listed',
    );
    const { MediaSources: sources } = (
      await ask(`${sim.url}/Items/${second?.id}?userId=${sim.users.byName('alice')?.id}`, 'GET', sim.apiKey)
    ).json as { MediaSources: { Id: string }[] };
    t.same(
      sources.map(({ Id }) => Id),
      [second?.id, first?.id],
      'each file is an item, its own first',
    );
  }
});

t.test(
  'a user’s sockets hear of saves after half a second, together and with what they lie in, and never of progress',
  async (t) => {
    await using sim = await startJellyfinSimulator({ library: recordedLibrary, users: [{ name: 'alice' }, { name: 'ben' }] });
    const [token, film, episode] = [await logIn(sim.url, 'alice'), find(sim, 'Long Film'), find(sim, 'Episode 1 title')];
    await using alice = await listen(sim.url, token, 'one');
    await using ben = await listen(sim.url, await logIn(sim.url, 'ben'), 'two');
    await using key = await listen(sim.url, sim.apiKey, 'three');
    await ask(`${sim.url}/Sessions/Playing/Progress`, 'POST', token, { ItemId: film, PositionTicks: 3_000_000_000 });
    await ask(`${sim.url}/UserPlayedItems/${episode}`, 'POST', token);
    await ask(`${sim.url}/UserFavoriteItems/${episode}`, 'POST', token);
    await until('the message', () => alice.count('UserDataChanged') === 1);
    const told = alice.heard.find(({ MessageType }) => MessageType === 'UserDataChanged')?.Data as {
      UserId: string;
      UserDataList: { ItemId: string; Played: boolean; UnplayedItemCount?: number }[];
    };
    t.same(told.UserDataList.map(({ ItemId }) => ItemId).sort(), [episode, find(sim, 'Season 1')].sort());
    t.match(told.UserDataList, [
      { Played: true, IsFavorite: true },
      { Played: false, UnplayedItemCount: 2 },
    ]);
    t.equal(ben.count('UserDataChanged') + key.count('UserDataChanged'), 0);
  },
);

t.test('lists ask for what was done: resumable, played, favourite, by date; of the user who is named', async (t) => {
  await using sim = await startJellyfinSimulator({ library: recordedLibrary, users: [{ name: 'alice' }, { name: 'ben' }] });
  const user = sim.users.byName('alice')?.id ?? '';
  const [long, big, small] = [find(sim, 'Long Film'), find(sim, 'Big Test Movie'), find(sim, 'Small Movie')];
  sim.importWatched('alice', long, { positionTicks: 100, lastPlayed: '2026-01-02T00:00:00.0000000Z' });
  sim.importWatched('alice', big, { played: true, playCount: 2, lastPlayed: '2026-01-03T00:00:00.0000000Z' });
  sim.importWatched('alice', small, { played: true, favourite: true, rating: 10, lastPlayed: '2026-01-01T00:00:00.0000000Z' });
  const list = async (query: string, of = user) => {
    const answer = await ask(
      `${sim.url}/Items?recursive=true&userId=${of}&includeItemTypes=Movie,Episode&${query}`,
      'GET',
      sim.apiKey,
    );
    return (answer.json as { Items: { Id: string; UserData?: unknown }[] }).Items;
  };
  const ids = async (query: string, of = user) => (await list(query, of)).map(({ Id }) => Id);
  t.same(await ids('filters=IsResumable'), [long]);
  t.same((await ids('filters=IsPlayed')).sort(), [big, small].sort());
  t.same(await ids('filters=IsPlayed,IsFavorite'), [small]);
  t.same(await ids('isPlayed=true&sortBy=DatePlayed&sortOrder=Descending'), [big, small]);
  t.same(await ids('isFavorite=true'), [small]);
  t.same(await ids('filters=Likes'), [small]);
  t.same(await ids('filters=IsResumable', sim.users.byName('ben')?.id), []);
  t.same((await ids('sortBy=DatePlayed&sortOrder=Descending')).slice(0, 3), [big, long, small]);
  t.match((await list('filters=IsResumable&enableUserData=true'))[0]?.UserData, { PlaybackPositionTicks: 100 });
  t.notOk((await list('filters=IsResumable&enableUserData=false'))[0]?.UserData);
  const old = (await ask(`${sim.url}/Users/${user}/Items?recursive=true&filters=IsResumable`, 'GET', sim.apiKey)).json;
  t.match(old, { TotalRecordCount: 1 }, 'the form of before 10.9');
  sim.importWatched('alice', long, { positionTicks: 0 });
  t.same(await ids('filters=IsResumable'), [], 'nothing is remembered that has changed');
});

t.test('a process that is killed comes back with states, lists, activity and the plugin’s configuration', async (t) => {
  const stateFile = join(t.testdir(), 'state.json');
  const options = { library: recordedLibrary, users: [{ name: 'alice' }, { name: 'ben' }], stateFile };
  const first = await startJellyfinSimulator(options);
  const [film, alice, ben] = [
    find(first, 'Long Film'),
    first.users.byName('alice')?.id ?? '',
    first.users.byName('ben')?.id ?? '',
  ];
  const state = { positionTicks: 77, favourite: true, rating: 8.5 };
  first.importWatched('alice', film, state);
  first.importWatched('ben', film, state);
  await ask(`${first.url}/Playlists`, 'POST', first.apiKey, { Name: 'Friday', Ids: [film], UserId: alice });
  first.webhooks.configure({ ServerUrl: 'http://jf.example' });
  await ask(`${first.url}/Users/${ben}`, 'DELETE', first.apiKey);
  await first[Symbol.asyncDispose]();
  await using second = await startJellyfinSimulator(options);
  t.match(second.watched('alice', film), state);
  t.match(second.playlists(), [{ name: 'Friday', ownerId: alice, itemIds: [film], openAccess: true }]);
  t.equal(second.webhooks.configuration().ServerUrl, 'http://jf.example');
  const log = (await ask(`${second.url}/System/ActivityLog/Entries`, 'GET', second.apiKey)).json as {
    Items: { Type: string; Name: string }[];
  };
  t.match(log.Items[0], { Type: 'UserDeleted', Name: 'User ben has been deleted' });
  const again = second.users.add('ben', 'benpw');
  t.match(second.watched('ben', film), { favourite: false }, 'another ben');
  t.not(again.id, ben);
});
