// What jellyfin-db-sync was seen to do wrong between two servers (facts/sync.md §1.3), and no other test would see of us.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { setTimeout as wait } from 'node:timers/promises';
import t from 'tap';
import { until } from '../../../deploy/test/end-to-end/fixtures/until.ts';
import { films, type HomeServer, openInProcessHome } from './in-process-home.ts';

const ATTIC = { version: '12.0.0' };
const BARN = { version: '10.11.11' };
const TICKS = 10_000_000;

const writes = ({ sim }: HomeServer): readonly string[] =>
  sim.requests().flatMap(({ method, path }) => (method !== 'GET' && path.startsWith('/User') ? [`${method} ${path}`] : []));

const untouched = { positionTicks: 0, playCount: 0, favourite: false, played: false, rating: null };

t.test(
  'what is done with an item that a server lacks is written to no other item there, and nowhere said to be done',
  async (t) => {
    const home = await openInProcessHome(t, { servers: { attic: ATTIC, barn: { ...BARN, library: [films(4)] } } });
    const [attic, barn] = [home.server('attic'), home.server('barn')];
    const running = await home.start();
    const anna = await attic.logIn('anna');
    await anna.call('POST', `/UserItems/${attic.itemId('Film 6')}/UserData`, { PlaybackPositionTicks: 600 * TICKS });
    await anna.call('POST', `/UserFavoriteItems/${attic.itemId('Film 7')}`);
    const waiting = async () => await running.db.selectFrom('sync_queue').select('status').execute();
    await until('both wait', async () => (await waiting()).filter(({ status }) => status === 'waiting').length === 2);
    // A third one, which it has, shows that all before it was dealt with.
    await anna.call('POST', `/UserFavoriteItems/${attic.itemId('Film 1')}`);
    await until('what it has', () => barn.has('anna', 'Film 1').favourite);
    t.equal(writes(barn).length, 1);
    for (const film of ['Film 0', 'Film 2', 'Film 3']) t.match(barn.has('anna', film), untouched, film);
    const log = async () => await running.db.selectFrom('sync_log').select(['item_name', 'message']).execute();
    await until('it is in the log', async () => (await log()).length > 0);
    t.same(await log(), [{ item_name: 'Film 1', message: 'synced' }]);
  },
);

t.test('a value that changes while the one before it is being written arrives', async (t) => {
  const home = await openInProcessHome(t, { servers: { attic: ATTIC, barn: BARN } });
  const [attic, barn] = [home.server('attic'), home.server('barn')];
  const running = await home.start();
  const anna = await attic.logIn('anna');
  const film = `/UserFavoriteItems/${attic.itemId('Film 0')}`;
  // The echo of our own writing would mend it, and so would a look at what it has.
  barn.sim.webhooks.hold();
  barn.sim.inject({ by: 'key', path: /^\/Items$/, times: 1_000, answer: 503 });
  barn.sim.setLatency(500);
  barn.sim.forgetRequests();
  await anna.call('POST', film);
  const isRead = (): boolean => barn.sim.requests().some(({ path }) => path.endsWith(`${barn.itemId('Film 0')}/UserData`));
  await until('it is about to be written', isRead);
  await anna.call('DELETE', film);
  const agreed = async () => (await running.db.selectFrom('sync_registers').select('registers').executeTakeFirst())?.registers;
  await until('the newer one is agreed', async () => (await agreed())?.includes('"favourite":{"value":false') === true);
  await until('it was written', () => writes(barn).length > 0);
  barn.sim.setLatency(0);
  const left = async () => (await running.db.selectFrom('sync_queue').select('id').execute()).length;
  await until('nothing is left to do', async () => (await left()) === 0 && running.sync.busy() === 0);
  t.equal(barn.has('anna', 'Film 0').favourite, false);
  t.equal(attic.has('anna', 'Film 0').favourite, false);
});

t.test('who toggles on the other server just after our own writing is heard, each time, and after a restart', async (t) => {
  const home = await openInProcessHome(t, { servers: { attic: ATTIC, barn: BARN } });
  const [attic, barn] = [home.server('attic'), home.server('barn')];
  const running = await home.start();
  const users = { attic: await attic.logIn('anna'), barn: await barn.logIn('anna') };
  const toggle = async (where: 'attic' | 'barn', on: boolean): Promise<void> => {
    const film = home.server(where).itemId('Film 0');
    await users[where].call(on ? 'POST' : 'DELETE', `/UserFavoriteItems/${film}`);
    const there = where === 'attic' ? barn : attic;
    await until(`${on ? 'on' : 'off'} at ${where} is heard`, () => there.has('anna', 'Film 0').favourite === on);
  };
  for (const on of [true, false, true, false]) await toggle(on ? 'attic' : 'barn', on);
  await toggle('attic', true);
  // In mid-writing it would be a kill, after which nobody can tell our own writing from theirs.
  const left = async () => (await running.db.selectFrom('sync_queue').select('id').execute()).length;
  await until('it was read back', async () => (await left()) === 0 && running.sync.busy() === 0);
  await running.end();
  await home.start();
  await toggle('barn', false);
  await toggle('barn', true);
  t.match(
    [attic, barn].map((one) => one.has('anna', 'Film 0')),
    [
      { favourite: true, rating: null },
      { favourite: true, rating: null },
    ],
  );
});

t.test('a stop in the middle arrives though a position went out just before it; and so does beginning anew', async (t) => {
  const home = await openInProcessHome(t, { servers: { attic: ATTIC, barn: BARN }, settings: { progressDebounceMs: 2_000 } });
  const [attic, barn] = [home.server('attic'), home.server('barn')];
  await home.start();
  const anna = await attic.logIn('anna');
  const film = { ItemId: attic.itemId('Film 0'), PlaySessionId: 'one', PlayMethod: 'DirectPlay', CanSeek: true };
  const is = (seconds: number): boolean => barn.has('anna', 'Film 0').positionTicks === seconds * TICKS;
  await anna.call('POST', '/Sessions/Playing', { ...film, PositionTicks: 0 });
  await anna.call('POST', '/Sessions/Playing/Progress', { ...film, PositionTicks: 1_000 * TICKS });
  await until('the first position', () => is(1_000));
  await anna.call('POST', '/Sessions/Playing/Stopped', { ...film, PositionTicks: 1_500 * TICKS });
  await until('where it was stopped', () => is(1_500));
  await anna.call('POST', '/Sessions/Playing', { ...film, PositionTicks: 0 });
  await anna.call('POST', '/Sessions/Playing/Stopped', { ...film, PositionTicks: 20 * TICKS });
  await until('the beginning', () => is(0));
  t.match(barn.has('anna', 'Film 0'), { played: false, playCount: 2 });
});

t.test(
  'hooks that come backwards end as the last of them in time; of two servers the later one wins, whoever is heard first',
  async (t) => {
    const home = await openInProcessHome(t, { servers: { attic: ATTIC, barn: BARN } });
    const [attic, barn] = [home.server('attic'), home.server('barn')];
    const running = await home.start();
    const [atAttic, atBarn] = [await attic.logIn('anna'), await barn.logIn('anna')];
    attic.sim.webhooks.hold();
    for (const on of [true, false, true, false, true])
      await atAttic.call(on ? 'POST' : 'DELETE', `/UserFavoriteItems/${attic.itemId('Film 0')}`);
    await attic.sim.webhooks.release('reversed');
    await until('the last of them', () => barn.has('anna', 'Film 0').favourite);

    attic.sim.webhooks.hold();
    barn.sim.webhooks.hold();
    await atAttic.call('POST', `/UserItems/${attic.itemId('Film 1')}/Rating?likes=true`);
    await wait(1_500);
    await atBarn.call('POST', `/UserItems/${barn.itemId('Film 1')}/Rating?likes=false`);
    // It cannot be read meanwhile: what a reading finds before it is told has no time of its own.
    attic.sim.inject({ by: 'key', path: /UserData$/, times: 1_000, answer: 503 });
    await barn.sim.webhooks.release();
    const agreed = async () => JSON.stringify(await running.db.selectFrom('sync_registers').selectAll().execute());
    await until('the later one is heard', async () => (await agreed()).includes('\\"rating\\":{\\"value\\":1,'));
    await attic.sim.webhooks.release();
    const seen = async () => JSON.stringify(await running.db.selectFrom('sync_shadows').selectAll().execute());
    await until('the earlier one is heard', async () => (await seen()).includes('\\"rating\\":10'));
    attic.sim.clearFaults();
    running.sync.lookNow('attic');
    await until('the later one is there', () => attic.has('anna', 'Film 1').rating === 1);
    await atAttic.call('POST', `/UserFavoriteItems/${attic.itemId('Film 2')}`);
    await until('what was said after it', () => barn.has('anna', 'Film 2').favourite);
    t.same(
      [attic, barn].map((one) => one.has('anna', 'Film 1').rating),
      [1, 1],
    );
  },
);

t.test('a person is the same by any letters, after a renaming, and as a new user of the old name', async (t) => {
  const home = await openInProcessHome(t, { servers: { attic: { ...ATTIC, users: [{ name: 'Anna' }] }, barn: BARN } });
  const [attic, barn] = [home.server('attic'), home.server('barn')];
  const { people, sync } = await home.start();
  const anna = await attic.logIn('Anna');
  const arrives = async (film: string): Promise<void> => {
    await anna.call('POST', `/UserFavoriteItems/${attic.itemId(film)}`);
    await until(film, () => barn.has('anna', film).favourite);
  };
  await arrives('Film 0');
  const named = attic.sim.users.byName('Anna');
  if (named !== null) attic.sim.users.rename(named, 'ANNA');
  await arrives('Film 1');
  const old = barn.sim.users.byName('anna')?.id ?? '';
  barn.sim.users.remove(old);
  const next = barn.sim.users.add('anna', 'annapw');
  await until('people know her', () => people.personOf('barn', next.id) === 'anna');
  sync.lookNow('barn');
  await arrives('Film 2');
  await until('and she has what she had', () => ['Film 0', 'Film 1'].every((film) => barn.has('anna', film).favourite));
  t.equal(people.usersOf('anna').length, 2);
});

t.test('hundreds of hooks of items that nobody knows open no connection each', async (t) => {
  const home = await openInProcessHome(t, { servers: { attic: ATTIC, barn: BARN } });
  const [attic, barn] = [home.server('attic'), home.server('barn')];
  await home.start();
  const anna = await attic.logIn('anna');
  const { port } = new URL(attic.sim.url);
  let opened = 0;
  const count = (told: unknown): void => {
    if (String((told as { connectParams: { port: unknown } }).connectParams.port) === port) opened += 1;
  };
  subscribe('undici:client:connected', count);
  t.teardown(() => unsubscribe('undici:client:connected', count));
  // Whole lists would tell of them before their hooks do.
  attic.sim.inject({ by: 'key', path: /^\/Items$/, times: 1_000, answer: 503 });
  await attic.sim.addItems([films(80)]);
  await barn.sim.addItems([films(80)]);
  const asked = (): number => attic.sim.requests().filter(({ path }) => path.startsWith('/Items/')).length;
  for (let n = 8; n < 80; n += 1) await anna.call('POST', `/UserFavoriteItems/${attic.itemId(`Film ${n}`)}`);
  await until('all were asked for', () => asked() >= 72);
  t.ok(opened <= 20, `${opened} connections for 72 questions`);
});

t.test(
  'what no hook told is found: what came by the next look, what was taken back by comparing all, and unwatched is not never watched',
  async (t) => {
    const home = await openInProcessHome(t, { servers: { attic: ATTIC, barn: BARN }, hooks: false, quickMs: 300 });
    const [attic, barn] = [home.server('attic'), home.server('barn')];
    // Before they meet: one has watched what the other has never heard of.
    attic.sim.importWatched('anna', attic.itemId('Film 3'), { played: true, playCount: 2 });
    const running = await home.start();
    await until('watched wins over never watched', () => barn.has('anna', 'Film 3').played);
    const anna = await barn.logIn('anna');
    await anna.call('POST', `/UserFavoriteItems/${barn.itemId('Film 0')}`);
    await until('what came', () => attic.has('anna', 'Film 0').favourite);
    await anna.call('DELETE', `/UserFavoriteItems/${barn.itemId('Film 0')}`);
    await anna.call('DELETE', `/UserPlayedItems/${barn.itemId('Film 3')}`);
    t.equal(await running.sync.compareWhole('barn', new AbortController().signal), 2);
    await until('what was taken back', () => !attic.has('anna', 'Film 0').favourite && !attic.has('anna', 'Film 3').played);
    t.match(barn.has('anna', 'Film 3'), { played: false, playCount: 0 });
  },
);
