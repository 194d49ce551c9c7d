// What the settings of sync do: kinds that are switched off, positions that wait, items that a server has not yet.
import { setTimeout as wait } from 'node:timers/promises';
import { sql } from 'kysely';
import t from 'tap';
import { until } from '../../../deploy/test/end-to-end/fixtures/until.ts';
import { films, type HomeServer, openInProcessHome, type Running } from './in-process-home.ts';

const SERVERS = { attic: { version: '12.0.0' }, barn: { version: '10.11.11' } };
const writes = ({ sim }: HomeServer): readonly string[] =>
  sim.requests().flatMap(({ method, path }) => (method !== 'GET' && path.startsWith('/User') ? [`${method} ${path}`] : []));

type Queued = { readonly status: string; readonly absent_tries: number; readonly problem: string | null };
const queued = async ({ transaction }: Running): Promise<readonly Queued[]> =>
  await transaction(async (tx) => (await sql<Queued>`select status, absent_tries, problem from sync_queue`.execute(tx)).rows);

const KINDS = { progress: true, watched: true, favourites: true, ratings: true };
type Act = (item: string) => { readonly path: string; readonly body?: unknown };
const ACTS: Readonly<Record<keyof typeof KINDS, Act>> = {
  progress: (item) => ({ path: `/UserItems/${item}/UserData`, body: { PlaybackPositionTicks: 6_000_000_000 } }),
  watched: (item) => ({ path: `/UserItems/${item}/UserData`, body: { Played: true, PlayCount: 1 } }),
  favourites: (item) => ({ path: `/UserFavoriteItems/${item}` }),
  ratings: (item) => ({ path: `/UserItems/${item}/Rating?likes=true` }),
};

for (const [row, kind] of [
  [284, 'progress'],
  [285, 'watched'],
  [286, 'favourites'],
  [287, 'ratings'],
] as const)
  t.test(`row ${row}: ${kind} switched off is not passed on, all else is`, async (t) => {
    const home = await openInProcessHome(t, { servers: SERVERS, settings: { kinds: { ...KINDS, [kind]: false } } });
    const [attic, barn] = [home.server('attic'), home.server('barn')];
    await home.start();
    const anna = await attic.logIn('anna');
    const off = ACTS[kind](attic.itemId('Film 0'));
    await anna.call('POST', off.path, off.body);
    const other = kind === 'favourites' ? 'ratings' : 'favourites';
    await anna.call('POST', ACTS[other](attic.itemId('Film 1')).path);
    const isThere = (): boolean =>
      other === 'favourites' ? barn.has('anna', 'Film 1').favourite : barn.has('anna', 'Film 1').rating === 10;
    await until('the other kind', isThere);
    t.match(barn.has('anna', 'Film 0'), { positionTicks: 0, played: false, favourite: false, rating: null });
  });

t.test('rows 255, 289: of positions that go on, the first comes at once and the last when the time is over', async (t) => {
  const home = await openInProcessHome(t, { servers: SERVERS, settings: { progressDebounceMs: 3_000 } });
  const [attic, barn] = [home.server('attic'), home.server('barn')];
  await home.start();
  const anna = await attic.logIn('anna');
  const at = (seconds: number): Promise<unknown> =>
    anna.call('POST', `/UserItems/${attic.itemId('Film 0')}/UserData`, { PlaybackPositionTicks: seconds * 10_000_000 });
  const position = (): number => barn.has('anna', 'Film 0').positionTicks / 10_000_000;
  await at(600);
  await until('the first', () => position() === 600);
  barn.sim.forgetRequests();
  for (const seconds of [610, 620, 630, 640]) {
    await at(seconds);
    await wait(50);
  }
  await until('the last', () => position() === 640, { mostMs: 10_000 });
  // A busy machine takes hooks later than they are said: some of them may find the time over.
  t.ok(writes(barn).length < 4, `${writes(barn).length} writes: those between were overtaken`);
});

t.test('row 289: with 0 s each goes on at once', async (t) => {
  const home = await openInProcessHome(t, { servers: SERVERS, settings: { progressDebounceMs: 0 } });
  const [attic, barn] = [home.server('attic'), home.server('barn')];
  await home.start();
  const anna = await attic.logIn('anna');
  for (const seconds of [600, 610]) {
    await anna.call('POST', `/UserItems/${attic.itemId('Film 0')}/UserData`, { PlaybackPositionTicks: seconds * 10_000_000 });
    await until(`${seconds} s`, () => barn.has('anna', 'Film 0').positionTicks === seconds * 10_000_000);
  }
  t.pass();
});

t.test('row 308: an item that a server has not yet is waited for, and brought once when it appears', async (t) => {
  const servers = { attic: SERVERS.attic, barn: { ...SERVERS.barn, library: [films(4)] } };
  const home = await openInProcessHome(t, { servers, quickMs: 500 });
  const [attic, barn] = [home.server('attic'), home.server('barn')];
  const running = await home.start();
  const anna = await attic.logIn('anna');
  await anna.call('POST', `/UserFavoriteItems/${attic.itemId('Film 6')}`);
  await until('it waits', async () => (await queued(running)).some(({ status }) => status === 'waiting'));
  barn.sim.forgetRequests();
  await barn.sim.addItems([films(8)]);
  await until('it is there', () => barn.has('anna', 'Film 6').favourite, { mostMs: 20_000 });
  await until('nothing waits', async () => (await queued(running)).length === 0);
  t.equal(writes(barn).length, 1);
});

t.test(
  'row 269: one try and n more for an item that a server lacks, then it is set aside; it is delivered when it appears all the same',
  async (t) => {
    const servers = { attic: SERVERS.attic, barn: { ...SERVERS.barn, library: [films(4)] } };
    const policies = [{ prefix: '/', absentRetryCount: 2, retryDelayMs: 200 }];
    const home = await openInProcessHome(t, { servers, quickMs: 500, settings: { policies } });
    const [attic, barn] = [home.server('attic'), home.server('barn')];
    const running = await home.start();
    const anna = await attic.logIn('anna');
    await anna.call('POST', `/UserFavoriteItems/${attic.itemId('Film 6')}`);
    await until('it is set aside', async () => (await queued(running)).some(({ status }) => status === 'failed'));
    t.match(await queued(running), [{ status: 'failed', absent_tries: 3, problem: /^absent: barn does not have it/ }]);
    await barn.sim.addItems([films(8)]);
    await until('it is there', () => barn.has('anna', 'Film 6').favourite, { mostMs: 20_000 });
    await until('the dead letter is closed', async () => (await queued(running)).length === 0);
    t.pass();
  },
);
