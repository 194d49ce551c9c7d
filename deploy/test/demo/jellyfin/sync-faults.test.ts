// What goes wrong between servers and whoever keeps them the same: hooks lost, doubled, late and out of order, clocks that are off; and what comes and goes meanwhile.
import t from 'tap';
import { type JellyfinSimulator, startJellyfinSimulator } from '../../../demo/jellyfin/jellyfin-simulator.ts';
import { manyItems } from '../../../demo/jellyfin/library-seeds.ts';
import { ask, listen, logIn, until } from './authorized-fetch.ts';
import { destination, openReceiver, type Receiver, recordedLibrary } from './hook-receiver.ts';

const find = (sim: JellyfinSimulator, name: string) => sim.items.find((item) => item.name === name)?.id ?? '';

async function open(more: Parameters<typeof startJellyfinSimulator>[0] = {}) {
  const sim = await startJellyfinSimulator({ library: recordedLibrary, users: [{ name: 'alice' }], ...more });
  const receiver = await openReceiver();
  sim.webhooks.configure({ GenericOptions: [destination(receiver.url, ['UserDataSaved'])] });
  const film = find(sim, 'Long Film');
  const save = (position: number) => sim.importWatched('alice', film, { positionTicks: position });
  t.teardown(() => sim[Symbol.asyncDispose]());
  t.teardown(() => receiver[Symbol.asyncDispose]());
  return { sim, receiver, film, save };
}

const positions = (receiver: Receiver) => receiver.take().map(({ body }) => Number(body['PlaybackPositionTicks']));

t.test('the same seed gives the same faults: lost and doubled hooks, and neighbours that change places', async (t) => {
  const { sim, receiver, save } = await open();
  const run = async (seed: number, faults: { lost?: number; duplicated?: number; delayMs?: number }) => {
    sim.webhooks.disturb({ seed, ...faults });
    for (let position = 1; position <= 40; position++) {
      save(position);
      if (faults.delayMs === undefined) await sim.webhooks.settled();
    }
    await sim.webhooks.settled();
    return positions(receiver);
  };
  const lost = await run(7, { lost: 0.5 });
  t.ok(lost.length > 5 && lost.length < 35, `${lost.length} of 40 came`);
  t.same(await run(7, { lost: 0.5 }), lost);
  t.notSame(await run(8, { lost: 0.5 }), lost);
  const doubled = await run(7, { duplicated: 0.5 });
  t.equal(new Set(doubled).size, 40);
  t.ok(doubled.length > 45);
  const late = await run(7, { delayMs: 60 });
  const order = [...late].sort((a, b) => a - b);
  t.equal(late.length, 40);
  t.notSame(late, order);
  await sim.webhooks.calm();
});

t.test('hooks that are held come when they are released, backwards if wanted; UtcTimestamp tells their order', async (t) => {
  const { sim, receiver, save } = await open();
  sim.webhooks.hold();
  for (const position of [1, 2, 3]) save(position);
  await sim.webhooks.settled();
  t.equal(receiver.hooks.length, 0);
  await sim.webhooks.release('reversed');
  const times = receiver.hooks.map(({ body }) => String(body['UtcTimestamp']));
  t.same(positions(receiver), [3, 2, 1]);
  t.match(times[0], /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,7}Z$/);
  const padded = times.map((time) => time.replace(/Z$/, '').padEnd(27, '0'));
  t.same([...padded].sort(), [...padded].reverse());
});

t.test('a clock that is off dates everything: the answers, the hooks, what was played', async (t) => {
  const { sim, receiver, film } = await open({ clockSkewMs: -3_600_000 });
  const token = await logIn(sim.url, 'alice');
  const off = (time: string | null) => Math.round((Date.parse(time ?? '') - Date.now()) / 60_000);
  t.equal(off((await fetch(`${sim.url}/health`)).headers.get('date')), -60);
  await ask(`${sim.url}/Sessions/Playing`, 'POST', token, { ItemId: film, PositionTicks: 0 });
  const [hook] = await receiver.next(1);
  t.equal(off(String(hook?.body['UtcTimestamp'])), -60);
  t.equal(off(sim.watched('alice', film).lastPlayed), -60);
  sim.setClockSkew(7_200_000);
  t.equal(off((await fetch(`${sim.url}/health`)).headers.get('date')), 120);
  const log = (await ask(`${sim.url}/System/ActivityLog/Entries?limit=1`, 'GET', sim.apiKey)).json as {
    Items: { Date: string }[];
  };
  t.equal(off(log.Items[0]?.Date ?? ''), -60);
});

t.test('a server that was off has its states, sends nothing of what it had not sent, and goes on', async (t) => {
  const { sim, receiver, film, save } = await open();
  sim.webhooks.disturb({ seed: 1, delayMs: 5_000 });
  save(5);
  await sim.powerOff();
  await sim.webhooks.calm();
  await sim.powerOn();
  t.equal(sim.watched('alice', film).positionTicks, 5);
  save(6);
  t.same(
    (await receiver.next(1)).map(({ body }) => body['PlaybackPositionTicks']),
    [6],
  );
});

t.test(
  'files come, go and are renamed while it runs: lists know at once, users’ sockets after their delay, keys never',
  async (t) => {
    const { sim } = await open({ libraryUpdateMs: 50, webhookTickMs: 0 });
    await using alice = await listen(sim.url, await logIn(sim.url, 'alice'), 'one');
    await using key = await listen(sim.url, sim.apiKey, 'two');
    const count = async () =>
      (
        (await ask(`${sim.url}/Items?recursive=true&includeItemTypes=Movie&limit=0`, 'GET', sim.apiKey)).json as {
          TotalRecordCount: number;
        }
      ).TotalRecordCount;
    const before = await count();
    const [added] = await sim.addItems([{ name: 'Films', films: [{ name: 'New' }, { name: 'Long Film', year: 2020 }] }]);
    t.equal(await count(), before + 1, 'what is there already is left alone');
    await until('the first message', () => alice.count('LibraryChanged') === 1);
    t.match(alice.heard.at(-1)?.Data, {
      ItemsAdded: [added?.id],
      ItemsRemoved: [],
      ItemsUpdated: [],
      CollectionFolders: [added?.parentId],
    });
    const renamed = sim.renameFile(added?.id ?? '', 'Newer');
    sim.removeItems([find(sim, 'Small Movie')]);
    await until('the second message', () => alice.count('LibraryChanged') === 2);
    const told = alice.heard.at(-1)?.Data as { ItemsAdded: string[]; ItemsRemoved: string[] };
    t.same(told.ItemsAdded, [renamed.id]);
    t.equal(told.ItemsRemoved.length, 2);
    t.equal(await count(), before);
    t.equal(key.count('LibraryChanged'), 0);
  },
);

t.test('a scan is seen in the tasks while it runs; /Library/Refresh waits for it', async (t) => {
  const { sim } = await open({ scanTaskMs: 500 });
  type Task = { Key: string; Id: string; State: string; LastExecutionResult?: { Status: string } };
  const task = async () =>
    ((await ask(`${sim.url}/ScheduledTasks`, 'GET', sim.apiKey)).json as Task[]).find(({ Key }) => Key === 'RefreshLibrary');
  const idle = await task();
  t.match(idle, { State: 'Idle', LastExecutionResult: undefined });
  t.equal((await ask(`${sim.url}/ScheduledTasks/Running/${idle?.Id}`, 'POST', sim.apiKey)).status, 204);
  t.equal((await task())?.State, 'Running');
  t.equal((await ask(`${sim.url}/Library/Refresh`, 'POST', sim.apiKey)).status, 204);
  t.match(await task(), { State: 'Idle', LastExecutionResult: { Status: 'Completed' } });
});

t.test('the activity log tells of people and playback since a date, and nothing of policies and states', async (t) => {
  const { sim, film } = await open();
  const token = await logIn(sim.url, 'alice');
  const since = new Date().toISOString();
  const alice = sim.users.byName('alice');
  await ask(`${sim.url}/Sessions/Playing`, 'POST', token, { ItemId: film, PositionTicks: 0 });
  await ask(`${sim.url}/Sessions/Playing/Stopped`, 'POST', token, { ItemId: film, PositionTicks: 0 });
  await ask(`${sim.url}/UserFavoriteItems/${film}`, 'POST', token);
  await ask(`${sim.url}/Users/${alice?.id}/Policy`, 'POST', sim.apiKey, { ...alice?.policy, BlockedTags: ['x'] });
  const ben = (await ask(`${sim.url}/Users/New`, 'POST', sim.apiKey, { Name: 'ben' })).json as { Id: string };
  await ask(`${sim.url}/Users/${ben.Id}`, 'DELETE', sim.apiKey);
  const read = async (query: string) =>
    (await ask(`${sim.url}/System/ActivityLog/Entries?${query}`, 'GET', sim.apiKey)).json as {
      Items: { Type: string; UserId: string }[];
    };
  const types = (await read(`minDate=${since}`)).Items.map(({ Type }) => Type).filter((type) => !type.startsWith('Session'));
  t.same(types.slice(0, 4), ['UserDeleted', 'UserCreated', 'VideoPlaybackStopped', 'VideoPlayback']);
  t.match((await read('limit=1')).Items, [{ UserId: '0'.repeat(32) }]);
  t.same((await read(`minDate=${new Date(Date.now() + 60_000).toISOString()}`)).Items, []);
  t.equal((await ask(`${sim.url}/System/ActivityLog/Entries`, 'GET', token)).status, 403);
});

t.test(
  'the activity log shows a hundred unless asked, refuses what it cannot read, and names one of those who watch',
  async (t) => {
    const { sim, film } = await open();
    const token = await logIn(sim.url, 'alice');
    const read = async (query: string) => await ask(`${sim.url}/System/ActivityLog/Entries?${query}`, 'GET', sim.apiKey);
    type Page = { Items: { Id: number; Type: string; UserId: string; ItemId?: string }[]; TotalRecordCount: number };
    const page = async (query: string) => (await read(query)).json as Page;
    // A second watcher on the same session is in no entry.
    const sessions = (await ask(`${sim.url}/Sessions`, 'GET', sim.apiKey)).json as { Id: string; UserName: string }[];
    const own = sessions.find(({ UserName: name }) => name === 'alice');
    const admin = sim.users.byName('admin');
    await ask(`${sim.url}/Sessions/${own?.Id}/User/${admin?.id}`, 'POST', token);
    await ask(`${sim.url}/Sessions/Playing`, 'POST', token, { ItemId: film, PositionTicks: 0 });
    await ask(`${sim.url}/Sessions/Playing/Stopped`, 'POST', token, { ItemId: film, Failed: true });
    const plays = (await page('limit=10')).Items.filter(({ Type }) => Type.startsWith('VideoPlayback'));
    t.match(plays, [{ Type: 'VideoPlaybackStopped' }, { Type: 'VideoPlayback' }]);
    const alice = sim.users.byName('alice')?.id;
    t.same(new Set(plays.map(({ UserId, ItemId }) => `${UserId} ${ItemId}`)), new Set([`${alice} ${film}`]));

    for (let n = 0; n < 150; n += 1) sim.users.add(`user-${n}`, 'pw');
    t.equal((await page('')).Items.length, 100);
    t.ok((await page('')).TotalRecordCount > 150);
    const [first] = (await page('startIndex=1&limit=1')).Items;
    t.equal(first?.Id, (await page('limit=2')).Items[1]?.Id);
    t.same((await page('limit=0')).Items, []);
    const ben = sim.users.byName('user-0');
    if (ben) await sim.users.remove(ben.id);
    t.match((await page('hasUserId=false&limit=1')).Items, [{ Type: 'UserDeleted' }]);
    t.match((await page('hasUserId=true&limit=1')).Items, [{ Type: 'UserCreated' }]);
    t.equal((await read('minDate=')).status, 200);
    for (const query of ['minDate=yesterday', 'limit=many', 'startIndex=x', 'hasUserId=1'])
      t.equal((await read(query)).status, 400, query);
  },
);

t.test('100,000 items: pages from the start, the middle and the end, each item once, the same when asked again', async (t) => {
  const library = manyItems({ films: 40_000, series: 600, episodes: 100 });
  await using sim = await startJellyfinSimulator({ library, users: [{ name: 'alice' }] });
  const list = `/Items?recursive=true&includeItemTypes=Movie,Episode&userId=${sim.users.byName('alice')?.id}&sortBy=DateCreated,SortName`;
  const read = async (query: string) =>
    (await ask(`${sim.url}${list}&${query}`, 'GET', sim.apiKey)).json as { Items: { Id: string }[]; TotalRecordCount: number };
  t.equal((await read('limit=0')).TotalRecordCount, 100_000);
  const page = async (start: number) => (await read(`enableTotalRecordCount=false&startIndex=${start}&limit=500`)).Items;
  const pages = await Promise.all([0, 500, 50_000, 99_500, 100_000].map(page));
  t.same(
    pages.map(({ length }) => length),
    [500, 500, 500, 500, 0],
  );
  t.equal(new Set(pages.flat().map(({ Id }) => Id)).size, 2_000);
  t.same(await page(50_000), pages[2]);
  sim.removeItem(pages[0]?.[0]?.Id ?? '');
  t.equal((await read('limit=0')).TotalRecordCount, 99_999);
  t.equal((await page(0))[0]?.Id, pages[0]?.[1]?.Id);
});
