// Hooks that get lost while the server goes on telling, and what is done then.
import { setTimeout as wait } from 'node:timers/promises';
import t from 'tap';
import { type HomeServer, openInProcessHome, type Running, until } from '../in-process-home.ts';

const ATTIC = { version: '12.0.0' };
const BARN = { version: '10.11.11' };
const TICKS = 10_000_000;

/** Until it is so, the server is looked at again and again; each second look is at its activity log. */
async function looking(running: Running, server: string, what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  await until(what, async () => {
    if (await isSo()) return true;
    running.sync.lookNow(server);
    await wait(80);
    return await isSo();
  });
}

type Anna = Awaited<ReturnType<HomeServer['logIn']>>;

async function play(anna: Anna, itemId: string, seconds: number): Promise<void> {
  await anna.call('POST', '/Sessions/Playing', { ItemId: itemId, PositionTicks: 0 });
  await anna.call('POST', '/Sessions/Playing/Stopped', { ItemId: itemId, PositionTicks: seconds * TICKS });
}

t.test('a playing of which no hook came is read, and its user compared whole, once; it is counted and said', async (t) => {
  const home = await openInProcessHome(t, { servers: { attic: ATTIC, barn: BARN } });
  const [attic, barn] = [home.server('attic'), home.server('barn')];
  const running = await home.start();
  const anna = await attic.logIn('anna');
  t.match(running.hints.of('attic'), { isExpected: true, lost: 0, lastLostMs: null, isLosing: false });

  // A server's clock is known to the second: what was played before would not be said to be lost.
  await wait(1_100);
  attic.sim.webhooks.disturb({ seed: 1, lost: 1 });
  // In no cheap look.
  await anna.call('POST', `/UserItems/${attic.itemId('Film 3')}/Rating?likes=true`);
  await play(anna, attic.itemId('Film 0'), 1_800);
  await looking(running, 'attic', 'the film that was played', () => barn.has('anna', 'Film 0').positionTicks > 0);
  await looking(running, 'attic', 'what was lost beside it', () => barn.has('anna', 'Film 3').rating === 10);
  t.match(running.hints.of('attic'), { lost: 1, lastLostMs: Number, isLosing: true });
  t.match(running.hints.of('barn'), { lost: 0, isLosing: false });

  await t.test('not again and again', async (t) => {
    await anna.call('POST', `/UserItems/${attic.itemId('Film 4')}/Rating?likes=true`);
    await play(anna, attic.itemId('Film 5'), 1_800);
    await looking(running, 'attic', 'the next film', () => barn.has('anna', 'Film 5').positionTicks > 0);
    await looking(running, 'attic', 'it is counted', () => running.hints.of('attic').lost === 2);
    t.equal(barn.has('anna', 'Film 4').rating, null);
    home.shift(900_000);
    await looking(running, 'attic', 'but later', () => barn.has('anna', 'Film 4').rating === 10);
  });

  await t.test('a hook that comes ends it', async (t) => {
    await attic.sim.webhooks.calm();
    await play(anna, attic.itemId('Film 6'), 1_800);
    await looking(running, 'attic', 'hooks come again', () => !running.hints.of('attic').isLosing);
    t.equal(running.hints.of('attic').lost, 2);
    t.match(running.logged, ['hook-lost', 'hook-lost', /come again/, 'hooks-back']);
    t.equal(running.logged.length, 4);
  });
});

t.test('what a session tells is enough where the activity log is refused, which is said once', async (t) => {
  const home = await openInProcessHome(t, { servers: { attic: ATTIC, barn: BARN } });
  const [attic, barn] = [home.server('attic'), home.server('barn')];
  const running = await home.start();
  const anna = await attic.logIn('anna');
  await wait(1_100);
  attic.sim.inject({ method: 'GET', path: /ActivityLog/, times: 1_000, answer: 500 });
  attic.sim.webhooks.disturb({ seed: 1, lost: 1 });
  await anna.call('POST', '/Sessions/Playing', { ItemId: attic.itemId('Film 0'), PositionTicks: 0 });
  running.hints.began({ server: 'attic', userId: anna.id, itemId: attic.itemId('Film 0') });
  await looking(running, 'attic', 'it is noticed', () => running.hints.of('attic').lost === 1);
  await until('it arrives', () => barn.has('anna', 'Film 0').playCount === 1);
  await looking(running, 'attic', 'it was said', () => running.logged.some((text) => text.includes('cannot be read')));
  attic.sim.clearFaults();
  await looking(running, 'attic', 'it is read again', () => running.logged.some((text) => text.includes('can be read again')));
  t.equal(running.logged.filter((text) => text.includes('cannot be read')).length, 1);
});

t.test('without the plugin nothing is missed: what is played is found, and no hook was to come', async (t) => {
  const home = await openInProcessHome(t, { servers: { attic: ATTIC, barn: BARN }, hooks: false });
  const [attic, barn] = [home.server('attic'), home.server('barn')];
  const running = await home.start();
  await play(await attic.logIn('anna'), attic.itemId('Film 0'), 1_800);
  await looking(running, 'attic', 'it arrives', () => barn.has('anna', 'Film 0').positionTicks > 0);
  running.sync.lookNow('attic');
  await wait(200);
  t.match(running.hints.of('attic'), { isExpected: false, lost: 0, isLosing: false });
  t.same(running.logged, []);
});
