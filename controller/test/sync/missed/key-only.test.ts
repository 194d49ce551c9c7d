// A server without the plugin and without a user's token: each kind of change is found by looking, and looking costs little.
import { setTimeout as wait } from 'node:timers/promises';
import t from 'tap';
import { films, openInProcessHome, type Running, until } from '../in-process-home.ts';

const ATTIC = { version: '12.0.0', webhookPlugin: false };
const BARN = { version: '10.11.11', webhookPlugin: false };
const TICKS = 10_000_000;

/** @param watched so many on both servers, an hour apart, before they meet */
async function open(t: Parameters<typeof openInProcessHome>[0], count = 8, watched = 0) {
  const library = { library: [films(count)] };
  const home = await openInProcessHome(t, {
    servers: { attic: { ...ATTIC, ...library }, barn: { ...BARN, ...library } },
    skipped: ['admin'],
    hooks: false,
  });
  const [attic, barn] = [home.server('attic'), home.server('barn')];
  for (let n = 0; n < watched; n += 1)
    for (const { sim, itemId } of [attic, barn])
      sim.importWatched('anna', itemId(`Film ${n}`), {
        ...{ played: true, playCount: 1, lastPlayed: new Date(Date.UTC(2020, 0, 1) + n * 3_600_000).toISOString() },
      });
  const running = await home.start();
  const anna = await attic.logIn('anna');
  const asked = (): readonly string[] => attic.sim.requests().map(({ method, path }) => `${method} ${path}`);
  /** One look at attic, however long it takes. */
  const look = async (): Promise<readonly string[]> => {
    attic.sim.forgetRequests();
    running.sync.lookNow('attic');
    await until('it was looked at', () => lists(asked()).length >= AT_REST);
    await atRest(running);
    return asked();
  };
  await atRest(running);
  return { home, attic, barn, running, anna, look };
}

/** How many items there are; what can be resumed, the favourites, and the newest of what was played. */
const AT_REST = 4;
const lists = (asked: readonly string[]): readonly string[] => asked.filter((one) => one === 'GET /Items');

async function atRest({ db }: Running): Promise<void> {
  await wait(250);
  await until('nothing is left to do', async () => (await db.selectFrom('sync_queue').selectAll().execute()).length === 0);
}

t.test('what is done and what is taken back is found by one look each: watched, favourite, position', async (t) => {
  const { attic, barn, anna, look } = await open(t);
  const [watched, liked, begun] = [attic.itemId('Film 0'), attic.itemId('Film 1'), attic.itemId('Film 2')];
  await anna.call('POST', `/UserPlayedItems/${watched}`);
  await anna.call('POST', `/UserFavoriteItems/${liked}`);
  await anna.call('POST', `/UserItems/${begun}/UserData`, { PlaybackPositionTicks: 600 * TICKS });
  await look();
  t.match(barn.has('anna', 'Film 0'), { played: true, playCount: 1 });
  t.match(barn.has('anna', 'Film 1'), { favourite: true });
  t.match(barn.has('anna', 'Film 2'), { positionTicks: 600 * TICKS });
  await anna.call('DELETE', `/UserPlayedItems/${watched}`);
  await anna.call('DELETE', `/UserFavoriteItems/${liked}`);
  await anna.call('POST', `/UserItems/${begun}/UserData`, { PlaybackPositionTicks: 0 });
  await look();
  t.match(barn.has('anna', 'Film 0'), { played: false, playCount: 0 });
  t.match(barn.has('anna', 'Film 1'), { favourite: false });
  t.match(barn.has('anna', 'Film 2'), { positionTicks: 0 });
});

t.test('what was watched long ago and is not any more is missed in their number, and then all are read, once', async (t) => {
  const { barn, attic, anna, look } = await open(t, 230, 215);
  await look();
  t.equal(lists(await look()).length, AT_REST, 'the newest are enough');
  await anna.call('DELETE', `/UserPlayedItems/${attic.itemId('Film 3')}`);
  t.equal(lists(await look()).length, AT_REST + 1);
  t.equal(barn.has('anna', 'Film 3').played, false);
  t.equal(barn.has('anna', 'Film 4').played, true);
  t.equal(lists(await look()).length, AT_REST);
  // One more and one less in the same minute.
  await anna.call('DELETE', `/UserPlayedItems/${attic.itemId('Film 5')}`);
  await anna.call('POST', `/UserPlayedItems/${attic.itemId('Film 225')}`);
  await look();
  t.equal(barn.has('anna', 'Film 5').played, false);
  t.equal(barn.has('anna', 'Film 225').played, true);
});

t.test(
  'an item in the place of another leaves their number as it was: the end of a scan tells, and a comparing of everything',
  async (t) => {
    const { home, attic, barn, anna, running, look } = await open(t);
    const known = async (film: string): Promise<void> =>
      await until(`${film} is known`, async () => {
        running.sync.lookNow('attic');
        await wait(100);
        return attic.has('anna', film).favourite;
      });
    await anna.call('POST', `/UserFavoriteItems/${attic.itemId('Film 7')}`);
    await anna.call('POST', `/UserFavoriteItems/${attic.itemId('Film 6')}`);
    await look();
    t.ok(barn.has('anna', 'Film 6').favourite && barn.has('anna', 'Film 7').favourite);
    attic.sim.removeItems([attic.itemId('Film 7')]);
    await attic.sim.addItems([
      { name: 'Films', films: [{ name: 'Other', runtimeMs: 5_400_000, providerIds: { Tmdb: '4711' } }] },
    ]);
    await barn.sim.addItems([{ name: 'Films', films: [{ name: 'Other', runtimeMs: 5_400_000, providerIds: { Tmdb: '4711' } }] }]);
    const atBarn = await barn.logIn('anna');
    await atBarn.call('POST', `/UserFavoriteItems/${barn.itemId('Other')}`);
    running.sync.lookNow('barn');
    await until('it waits for attic', async () =>
      (await running.db.selectFrom('sync_queue').select('status').execute()).some(({ status }) => status === 'waiting'),
    );

    // Nobody knows that one of anna's favourites is gone; all else of hers is found all the same.
    await anna.call('DELETE', `/UserFavoriteItems/${attic.itemId('Film 6')}`);
    running.sync.lookNow('attic');
    await until('another of hers', () => !barn.has('anna', 'Film 6').favourite);
    t.ok(barn.has('anna', 'Film 7').favourite, 'a file that is gone is no wish');
    t.equal(attic.has('anna', 'Other').favourite, false);

    await attic.sim.scan();
    await known('Other');
    t.equal(running.index.expectedCount('attic'), 8);
    await look();
    for (let looks = 0; looks < 2; looks += 1) t.equal(lists(await look()).length, AT_REST, 'a scan is followed once');

    attic.sim.removeItems([attic.itemId('Film 5')]);
    const third = [{ name: 'Films', films: [{ name: 'Third', runtimeMs: 5_400_000, providerIds: { Tmdb: '4712' } }] }];
    for (const { sim } of [attic, barn]) await sim.addItems(third);
    await atBarn.call('POST', `/UserFavoriteItems/${barn.itemId('Third')}`);
    running.sync.lookNow('barn');
    await until('it waits as well', async () =>
      (await running.db.selectFrom('sync_queue').select('status').execute()).some(({ status }) => status === 'waiting'),
    );
    running.sync.lookNow('attic');
    await wait(250);
    t.equal(attic.has('anna', 'Third').favourite, false);
    home.shift(86_400_000);
    await known('Third');
  },
);

t.test('a look at rest asks one question more than it did: the log and the tasks in turns', async (t) => {
  const { look } = await open(t);
  await look();
  const two = [await look(), await look()];
  for (const asked of two) t.equal(asked.length, 1 + AT_REST + 1, asked.join(', '));
  const feeds = two.flat().filter((one) => !['GET /Users', 'GET /Items'].includes(one));
  t.same([...feeds].sort(), ['GET /ScheduledTasks', 'GET /System/ActivityLog/Entries']);
});

t.test(
  'a favourite that is hidden from its user is no loss, stops no look, and is not asked for with each of them',
  async (t) => {
    const { attic, barn, anna, look } = await open(t);
    for (const film of ['Film 0', 'Film 1']) await anna.call('POST', `/UserFavoriteItems/${attic.itemId(film)}`);
    await look();
    attic.sim.changeItem(attic.itemId('Film 0'), { facts: { tags: ['grown-ups'] } });
    attic.sim.editPolicy('anna', { BlockedTags: ['grown-ups'] });
    await anna.call('DELETE', `/UserFavoriteItems/${attic.itemId('Film 1')}`);
    t.equal(lists(await look()).length, AT_REST);
    t.equal(barn.has('anna', 'Film 0').favourite, true);
    t.equal(barn.has('anna', 'Film 1').favourite, false);
    t.equal((await look()).filter((one) => one.includes('UserData')).length, 0);
  },
);
