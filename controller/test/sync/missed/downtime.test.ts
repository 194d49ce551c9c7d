// We or a server were away: what its activity log names is read first, then the lists, then everything.
import { setTimeout as wait } from 'node:timers/promises';
import t from 'tap';
import { openInProcessHome, until } from '../in-process-home.ts';

const TICKS = 10_000_000;
const ATTIC = { version: '12.0.0', users: [{ name: 'anna' }, { name: 'cleo' }] };
const BARN = { version: '10.11.11', users: [{ name: 'anna' }, { name: 'cleo' }] };

t.test('we were away: what was played meanwhile is read first, and none of its hooks is said to be lost', async (t) => {
  const home = await openInProcessHome(t, { servers: { attic: ATTIC, barn: BARN }, skipped: ['admin'] });
  const [attic, barn] = [home.server('attic'), home.server('barn')];
  const before = await home.start();
  const anna = await attic.logIn('anna');
  await anna.call('POST', `/UserPlayedItems/${attic.itemId('Film 2')}`);
  await until('it was known', () => barn.has('anna', 'Film 2').played);
  await before.end();

  const film = attic.itemId('Film 0');
  await anna.call('POST', '/Sessions/Playing', { ItemId: film, PositionTicks: 0 });
  await anna.call('POST', '/Sessions/Playing/Stopped', { ItemId: film, PositionTicks: 1_800 * TICKS });
  await anna.call('POST', `/UserItems/${attic.itemId('Film 1')}/Rating?likes=true`);
  await anna.call('DELETE', `/UserPlayedItems/${attic.itemId('Film 2')}`);
  const ben = attic.sim.users.add('ben', 'benpw').id;
  barn.sim.users.add('ben', 'benpw');
  await attic.sim.users.remove(attic.sim.users.byName('cleo')?.id ?? '');
  await wait(150);
  attic.sim.forgetRequests();
  const running = await home.start();
  await until('the film that was played', () => barn.has('anna', 'Film 0').positionTicks === 1_800 * TICKS);
  await until('what only comparing everything finds', () => barn.has('anna', 'Film 1').rating === 10);
  await until('what was taken back', () => !barn.has('anna', 'Film 2').played);
  const asked = attic.sim.requests().filter(({ by }) => by === 'key');
  const first = (path: string): number => asked.findIndex((one) => one.path === path);
  t.ok(first('/System/ActivityLog/Entries') > 0);
  t.ok(first(`/UserItems/${film}/UserData`) > first('/System/ActivityLog/Entries'));
  t.ok(first(`/UserItems/${film}/UserData`) < first('/Items'), 'before any list');
  t.match(running.hints.of('attic'), { lost: 0, isLosing: false });

  await t.test('who came meanwhile is known, and compared; who went is known to be gone', async (t) => {
    const met = async () => await running.db.selectFrom('sync_alignments').select('user_id').execute();
    await until('ben was compared', async () => (await met()).some(({ user_id: id }) => id === ben));
    t.equal(running.people.usersOf('ben').length, 2);
    t.match(running.people.usersOf('cleo'), [{ server: 'barn' }]);
  });
});

t.test('a server was away for us, but not for its users: what they played is read first, and its hooks were lost', async (t) => {
  const home = await openInProcessHome(t, { servers: { attic: ATTIC, barn: BARN }, skipped: ['admin'] });
  const [attic, barn] = [home.server('attic'), home.server('barn')];
  const running = await home.start();
  const anna = await attic.logIn('anna');
  // A server's clock is known to the second.
  await wait(1_100);
  attic.sim.inject({ path: /./, by: 'key', times: 100_000, answer: 'reset' });
  attic.sim.webhooks.disturb({ seed: 1, lost: 1 });
  running.sync.lookNow('attic');
  const film = attic.itemId('Film 0');
  await anna.call('POST', '/Sessions/Playing', { ItemId: film, PositionTicks: 0 });
  await anna.call('POST', '/Sessions/Playing/Stopped', { ItemId: film, PositionTicks: 1_800 * TICKS });
  await anna.call('POST', `/UserItems/${attic.itemId('Film 1')}/Rating?likes=true`);
  await until('it was asked in vain', () => attic.sim.requests().some(({ path, by }) => path === '/Users' && by === 'key'));
  await wait(250);
  await attic.sim.webhooks.calm();
  attic.sim.clearFaults();
  attic.sim.forgetRequests();
  running.sync.lookNow('attic', true);
  await until('the film that was played', () => barn.has('anna', 'Film 0').positionTicks === 1_800 * TICKS);
  await until('what only comparing everything finds', () => barn.has('anna', 'Film 1').rating === 10);
  const paths = attic.sim.requests().flatMap(({ path, by }) => (by === 'key' ? [path] : []));
  t.ok(paths.includes(`/UserItems/${film}/UserData`));
  t.ok(paths.indexOf(`/UserItems/${film}/UserData`) < paths.indexOf('/Items'), 'before any list');
  t.match(running.hints.of('attic'), { lost: 1, isLosing: true });
});

t.test('sync was paused: what was done meanwhile is found when it goes on, also what is in no list', async (t) => {
  const pause = { isOn: false };
  const home = await openInProcessHome(t, {
    ...{ servers: { attic: ATTIC, barn: BARN }, skipped: ['admin'], hooks: false, isPaused: () => pause.isOn },
  });
  const [attic, barn] = [home.server('attic'), home.server('barn')];
  const running = await home.start();
  const anna = await attic.logIn('anna');
  pause.isOn = true;
  running.sync.lookNow('attic');
  await wait(250);
  attic.sim.forgetRequests();
  await anna.call('POST', `/UserItems/${attic.itemId('Film 1')}/Rating?likes=true`);
  running.sync.lookNow('attic');
  await wait(250);
  t.same(
    attic.sim.requests().filter(({ by }) => by === 'key'),
    [],
  );
  pause.isOn = false;
  running.sync.lookNow('attic');
  await until('it is there', () => barn.has('anna', 'Film 1').rating === 10);
});
