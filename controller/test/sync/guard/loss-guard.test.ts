// Too many losses on one of three servers of three versions: they reach nobody until a person has answered, and all else goes on.
import t, { type Test } from 'tap';
import { films, type InProcessHome, openInProcessHome, type Running, until } from '../in-process-home.ts';

const VERSIONS = {
  attic: { version: '12.0.0' },
  barn: { version: '10.11.11' },
  cabin: { version: '10.10.7' },
};
const FEW = { losses: 3, percent: 5, windowMs: 600_000 };
const WATCHED = ['Film 0', 'Film 1', 'Film 2', 'Film 3', 'Film 4', 'Film 5'];

const playedAt = (home: InProcessHome, server: string, user = 'anna'): readonly string[] =>
  WATCHED.filter((film) => home.server(server).has(user, film).played);

/** Anna watched six films, everywhere. */
async function watchedHome(
  t: Test,
  more: Partial<Parameters<typeof openInProcessHome>[1]> = {},
): Promise<[InProcessHome, Running]> {
  const users = [{ name: 'anna' }, { name: 'ben' }];
  const servers = Object.fromEntries(Object.entries(VERSIONS).map(([name, given]) => [name, { ...given, users }]));
  const home = await openInProcessHome(t, { servers, limits: FEW, ...more });
  for (const film of WATCHED) {
    const { sim, itemId } = home.server('attic');
    sim.importWatched('anna', itemId(film), { played: true, playCount: 2, favourite: true });
  }
  const running = await home.start();
  await until('all have what anna watched', () => ['barn', 'cabin'].every((name) => playedAt(home, name).length === 6));
  return [home, running];
}

/** As a rescan that lost what she did. */
const lose = (home: InProcessHome, server: string, names: readonly string[], user = 'anna'): void => {
  const { sim, itemId } = home.server(server);
  for (const film of names)
    sim.importWatched(user, itemId(film), { played: false, playCount: 0, favourite: false, lastPlayed: null, positionTicks: 0 });
};

const found = async (running: Running, server: string): Promise<number> =>
  await running.sync.compareWhole(server, AbortSignal.timeout(20_000));

t.test(
  'the fourth loss and all after it are held, gains go on, a restart forgets nothing, and discarding brings the server back',
  async (t) => {
    const [home, first] = await watchedHome(t);
    lose(home, 'cabin', WATCHED);
    await until('some losses went on', async () => {
      await found(first, 'cabin');
      return (await first.holds.count()) === 1;
    });
    await until('three of six films went on', () => playedAt(home, 'attic').length === 3 && playedAt(home, 'barn').length === 3);
    const [hold] = await first.holds.list('open');
    t.match(hold, { server: 'cabin', person: 'anna', reason: 'losses', status: 'open', items: 3 });
    t.match(hold?.some[0], {
      before: { played: true, playCount: 2, favourite: true },
      after: { played: false, favourite: false },
    });
    await until('people were told', () => first.events.some(({ type }) => type === 'losses_held'));
    t.equal(first.events.filter(({ type }) => type === 'losses_held').length, 1);

    // Kept over a kill; what anna gains and what ben loses go on meanwhile.
    await first.end();
    const second = await home.start();
    t.equal((await second.holds.list('open'))[0]?.items, 3);
    const anna = await home.server('cabin').logIn('anna');
    await anna.call('POST', `/UserPlayedItems/${home.server('cabin').itemId('Film 7')}`);
    await until('a gain of the same user there', () => home.server('attic').has('anna', 'Film 7').played);
    const ben = await home.server('cabin').logIn('ben');
    await ben.call('POST', `/UserFavoriteItems/${home.server('cabin').itemId('Film 6')}`);
    await until('another user gains', () => home.server('attic').has('ben', 'Film 6').favourite === true);
    await ben.call('DELETE', `/UserFavoriteItems/${home.server('cabin').itemId('Film 6')}`);
    await until('another user loses', () => home.server('attic').has('ben', 'Film 6').favourite === false);
    const atBarn = await home.server('barn').logIn('anna');
    const stillThere = playedAt(home, 'barn');
    await atBarn.call('DELETE', `/UserFavoriteItems/${home.server('barn').itemId(stillThere[0] ?? '')}`);
    await until('another server goes on', () => home.server('attic').has('anna', stillThere[0] ?? '').favourite === false);
    t.equal(playedAt(home, 'cabin').length, 0, 'nothing is written to what is held');

    const discarded = await second.holds.discard(hold?.id ?? 0);
    t.match(discarded, { status: 'discarded', items: 0 });
    await until('cabin has what is agreed', () => playedAt(home, 'cabin').length === 3);
    t.match(home.server('cabin').has('anna', stillThere[1] ?? ''), { played: true, playCount: 2, favourite: true });
    await t.rejects(second.holds.release(hold?.id ?? 0), { code: 'conflict' });
    await t.rejects(second.holds.release(99), { code: 'not_found' });
    t.equal(second.events.at(-1)?.type, 'hold_discarded');
  },
);

t.test('released losses count with the time when they were made: what was said since stays', async (t) => {
  const [home, running] = await watchedHome(t, { limits: { ...FEW, losses: 1 } });
  lose(home, 'cabin', WATCHED);
  await until('they are held', async () => {
    await found(running, 'cabin');
    return ((await running.holds.list('open'))[0]?.items ?? 0) === 5;
  });
  const kept = playedAt(home, 'attic');
  const again = kept[0] ?? '';
  // Said after the loss, on another server.
  const atBarn = await home.server('barn').logIn('anna');
  await atBarn.call('POST', `/UserPlayedItems/${home.server('barn').itemId(again)}?datePlayed=20300101000000`);
  await until('attic hears of it', () => home.server('attic').has('anna', again).playCount === 3);
  const [hold] = await running.holds.list('open');
  await running.holds.release(hold?.id ?? 0);
  await until('the others are as cabin', () => ['attic', 'barn'].every((name) => playedAt(home, name).length <= 1));
  t.equal((await running.holds.list('all'))[0]?.status, 'released');
  // Whoever released is not asked again for the rest of it: one more is let through.
  const attic = await home.server('attic').logIn('anna');
  await attic.call('DELETE', `/UserFavoriteItems/${home.server('attic').itemId(again)}`);
  await until('and further losses count', () => home.server('barn').has('anna', again).favourite === false);
  t.equal(await running.holds.count(), 0);
});

t.test('what is there again by itself needs no answer', async (t) => {
  const [home, running] = await watchedHome(t, { limits: { ...FEW, losses: 1 } });
  lose(home, 'cabin', WATCHED);
  await until('they are held', async () => {
    await found(running, 'cabin');
    return ((await running.holds.list('open'))[0]?.items ?? 0) === 5;
  });
  const { sim, itemId } = home.server('cabin');
  for (const film of playedAt(home, 'attic'))
    sim.importWatched('anna', itemId(film), { played: true, playCount: 2, favourite: true });
  await until('the hold is over', async () => {
    await found(running, 'cabin');
    return (await running.holds.count()) === 0;
  });
  t.equal((await running.holds.list('all'))[0]?.status, 'over');
  t.equal(playedAt(home, 'attic').length, 5);
});

t.test('after its library shrank by a tenth, or its clock jumped, the first loss of a server is held', async (t) => {
  const users = [{ name: 'anna' }];
  const servers = Object.fromEntries(
    Object.entries(VERSIONS).map(([name, given]) => [name, { ...given, users, library: [films(20)] }]),
  );
  const home = await openInProcessHome(t, { servers, quickMs: 200 });
  for (const film of WATCHED) home.server('attic').sim.importWatched('anna', home.server('attic').itemId(film), { played: true });
  const running = await home.start();
  await until('all have them', () => ['barn', 'cabin'].every((name) => playedAt(home, name).length === 6));
  const { sim, itemId } = home.server('barn');
  sim.removeItems(['Film 18', 'Film 19'].map(itemId));
  await until('the index knows', () => running.index.size('barn') === 18);
  const atBarn = await home.server('barn').logIn('anna');
  await atBarn.call('DELETE', `/UserPlayedItems/${itemId('Film 0')}`);
  await until('it is held', async () => (await running.holds.count()) === 1);
  t.match((await running.holds.list('open'))[0], {
    server: 'barn',
    reason: 'shrunk',
    why: 'its library shrank from 20 to 18 items',
  });

  home.server('cabin').sim.setClockSkew(-600_000);
  await until('its clock was compared', () => {
    const { ms } = home.server('cabin').sync.server.clockSkew();
    return ms < -500_000;
  });
  running.sync.lookNow('cabin');
  const atCabin = await home.server('cabin').logIn('anna');
  await new Promise((done) => setTimeout(done, 400));
  await atCabin.call('DELETE', `/UserPlayedItems/${home.server('cabin').itemId('Film 1')}`);
  await until('this too', async () => (await running.holds.count()) === 2);
  t.match((await running.holds.list('open'))[0], { server: 'cabin', reason: 'clock' });
  t.match([playedAt(home, 'attic').length, playedAt(home, 'barn').length], [6, 5]);

  // Who releases says that the server is to be believed.
  for (const { id } of await running.holds.list('open')) await running.holds.release(id);
  await until('they count', () => playedAt(home, 'attic').length === 4);
  await atBarn.call('DELETE', `/UserPlayedItems/${itemId('Film 2')}`);
  await until('and so does the next', () => playedAt(home, 'attic').length === 3);
  t.equal(await running.holds.count(), 0);
});

t.test('a list that is gone is held like any other loss, and its answer waits for whoever asks', async (t) => {
  const home = await openInProcessHome(t, {
    servers: { attic: VERSIONS.attic, barn: VERSIONS.barn },
    limits: { ...FEW, losses: 1 },
  });
  const running = await home.start();
  const loss = (key: string) => ({
    server: 'barn',
    userId: 'anna-id',
    person: 'anna',
    kind: 'list' as const,
    key,
    name: `List ${key}`,
  });
  const ask = (key: string) => running.transaction((tx) => running.guard.weighOther(tx, loss(key)));
  t.equal(await ask('a'), 'counts');
  t.equal(await ask('b'), 'held');
  t.equal(await ask('b'), 'held');
  t.equal(await ask('c'), 'held');
  const [hold] = await running.holds.list('open');
  t.equal(hold?.items, 2);
  await running.holds.discard(hold?.id ?? 0);
  t.equal(await ask('b'), 'bring-back');
  t.equal(await ask('c'), 'bring-back');
  t.equal(await ask('d'), 'held', 'the window is not over');
  await running.holds.release((await running.holds.list('open'))[0]?.id ?? 0);
  t.equal(await ask('d'), 'counts');
});

t.test('a jump of our own clock is one of all servers', async (t) => {
  const home = await openInProcessHome(t, { servers: { attic: VERSIONS.attic, barn: VERSIONS.barn } });
  home.server('attic').sim.importWatched('anna', home.server('attic').itemId('Film 0'), { favourite: true });
  const running = await home.start();
  await until('barn has it', () => home.server('barn').has('anna', 'Film 0').favourite);
  home.shift(900_000);
  for (const { name } of home.servers) running.sync.lookNow(name);
  await until('the clocks were compared', () => home.servers.every(({ sync }) => sync.server.clockSkew().ms < -800_000));
  const doubted = async () => await running.db.selectFrom('sync_doubts').select(['server', 'reason']).orderBy('server').execute();
  await until('both are doubted', async () => (await doubted()).length === 2);
  t.same(await doubted(), [
    { server: 'attic', reason: 'clock' },
    { server: 'barn', reason: 'clock' },
  ]);
  const anna = await home.server('barn').logIn('anna');
  await anna.call('DELETE', `/UserFavoriteItems/${home.server('barn').itemId('Film 0')}`);
  await until('the loss is held', async () => (await running.holds.count()) === 1);
  t.ok(home.server('attic').has('anna', 'Film 0').favourite);
  await anna.call('POST', `/UserFavoriteItems/${home.server('barn').itemId('Film 1')}`);
  await until('a gain goes on', () => home.server('attic').has('anna', 'Film 1').favourite);
});
