// Torrents are stopped where too little is left for them, and exactly these are started again, whatever happens in between.
import t from 'tap';
import type { BandwidthSettings } from '../../src/bandwidth/settings.ts';
import { M, playing, SETTINGS } from './fixtures/decision-input.ts';
import { type MemoryHome, openMemoryHome } from './fixtures/memory-home.ts';

const PAUSING: Partial<BandwidthSettings> = { torrents: { ...SETTINGS.torrents, pauseBelowBps: 5 * M } };

/** 36 Mbit/s are for others, viewers and torrents; `a` and `b` run, the user stopped `z`. */
async function openHome(settings: Partial<BandwidthSettings> = {}): Promise<MemoryHome> {
  const home = await openMemoryHome({ ...PAUSING, ...settings });
  for (const id of ['a', 'b']) home.torrents.running.add(id);
  home.torrents.stopped.add('z');
  await home.pass(3);
  return home;
}

const film = (home: MemoryHome, nominalBps: number) => playing('anna', { nominalBps, startedAt: home.clock.now() });
const running = ({ torrents }: MemoryHome): readonly string[] => [...torrents.running].sort();
const changes = ({ torrents }: MemoryHome): readonly string[] => torrents.orders.filter((order) => order !== 'running');

t.test('stopped at once, started again after restore_after; one that its user had stopped stays stopped', async (t) => {
  await using home = await openHome();
  t.same(home.torrents.orders, [], 'nothing is asked while nothing is to be stopped');
  home.play(film(home, 34 * M));
  await home.pass(2);
  t.same(running(home), []);
  t.equal(home.bandwidth.status().held, 2 + 2, 'two users, the upload limit, and what was stopped');
  home.play(film(home, 20 * M));
  await home.pass(58);
  t.same(running(home), []);
  await home.pass(5);
  t.same(running(home), ['a', 'b']);
  t.same(changes(home), ['pause a b', 'resume a b']);
  t.same([...home.torrents.stopped], ['z']);
});

t.test('a torrent that starts meanwhile is stopped within a minute, and started again with the others', async (t) => {
  await using home = await openHome();
  home.play(film(home, 34 * M));
  await home.pass(2);
  home.torrents.running.add('new');
  await home.pass(62);
  t.same(running(home), []);
  await home.pass(600);
  const looks = home.torrents.orders.filter((order) => order === 'running').length;
  t.ok(looks >= 10 && looks <= 12, `${looks} looks in 11 min`);
  t.same(changes(home), ['pause a b', 'pause new']);
  home.play();
  await home.pass(62);
  t.same(running(home), ['a', 'b', 'new']);
});

t.test('a stop of Headgate, switching it off and rehearsing start everything again at once', async (t) => {
  for (const end of ['stop', 'off', 'dry run', 'restore'] as const) {
    await using home = await openHome();
    home.play(film(home, 34 * M));
    await home.pass(2);
    t.same(running(home), []);
    if (end === 'stop') await home.stop();
    if (end === 'off') await home.bandwidth.change({ enabled: false }, 'test');
    if (end === 'dry run') await home.bandwidth.change({ dryRun: true }, 'test');
    if (end === 'restore') t.same(await home.bandwidth.restoreNow('test'), []);
    if (end !== 'stop') await home.pass(2);
    t.same(running(home), ['a', 'b'], end);
    t.same([...home.torrents.stopped], ['z'], end);
  }
});

t.test('after a SIGKILL the next start starts exactly these again', async (t) => {
  await using home = await openHome();
  home.play(film(home, 34 * M));
  await home.pass(2);
  t.same(running(home), []);
  await home.kill();
  t.same(running(home), [], 'nothing was started by the one that was killed');
  home.torrents.stopped.add('y');
  home.torrents.stopped.delete('b');
  home.play();
  await home.start();
  await home.pass(3);
  t.same(running(home), ['a'], 'b was deleted meanwhile, y is its user’s own');
  t.equal(home.bandwidth.status().held, 2, 'the users');
});

t.test('a SIGKILL at any moment of stopping or starting: all run again after the next start', async (t) => {
  const stopped = new Set<number>();
  for (let after = 0; after < 8; after += 1) {
    await using home = await openHome();
    home.dieAfter(after);
    home.play(film(home, 34 * M));
    await home.pass(1);
    stopped.add(running(home).length);
    await home.kill();
    home.play();
    await home.start();
    home.dieAfter(after);
    await home.pass(5);
    await home.kill();
    await home.start();
    await home.pass(5);
    t.same(running(home), ['a', 'b'], `killed after ${after} things`);
    t.equal(home.bandwidth.status().held, 2);
  }
  t.same(stopped, new Set([2, 0]), 'before the stop as well as after it');
});

t.test('a client that fails is asked again ever less often, and everything else goes on', async (t) => {
  await using home = await openHome();
  home.torrents.isDeaf = true;
  home.play(film(home, 34 * M));
  await home.pass(300);
  t.ok(home.torrents.orders.length >= 6 && home.torrents.orders.length <= 13, `${home.torrents.orders.length} orders in 5 min`);
  t.ok(home.torrents.up > 0, 'its limit is set all the same');
  home.torrents.isDeaf = false;
  await home.pass(61);
  t.same(running(home), []);
  home.torrents.isDeaf = true;
  await home.stop();
  t.match(home.events.at(-1), { type: 'restore_incomplete', text: /stopped torrents of qbit/ });
  home.torrents.isDeaf = false;
  await home.start();
  await home.pass(3);
  t.same(running(home), ['a', 'b'], 'at the next start');
});

t.test('a client that cannot be heard is asked nothing until it is back', async (t) => {
  await using home = await openHome();
  home.torrentHealth('unreachable');
  home.play(film(home, 34 * M));
  await home.pass(120);
  t.same(home.torrents.orders, []);
  home.torrentHealth('live');
  await home.pass(1);
  t.same(running(home), []);
});

t.test('through the safe plan what is stopped stays so, and what is started there meanwhile is stopped as well', async (t) => {
  await using home = await openHome();
  home.play(film(home, 34 * M));
  await home.pass(2);
  home.torrents.running.add('new');
  await home.pass(120, null);
  t.equal(home.bandwidth.status().decision?.mode, 'safe');
  t.notOk(home.torrents.running.has('a'));
  await home.pass(62);
  t.same(running(home), []);
});

t.test('a client that takes for ever to answer holds up no stop, and nothing is told to be left', async (t) => {
  await using home = await openHome();
  home.torrents.isSlow = true;
  home.play(film(home, 34 * M));
  await home.pass(2);
  const began = performance.now();
  await home.stop();
  t.ok(performance.now() - began < 5_000);
  t.same(changes(home), []);
  t.same(
    home.events.filter(({ type }) => type === 'restore_incomplete'),
    [],
  );
});
