// How each node stands in short, over MQTT: said when it changes, not each second, and only of nodes of this home.
import t from 'tap';
import { nodeReportOf, openNodes } from './node-reports.ts';

t.test('row 250: a node in short: counts, progress, disk, and what is wrong, most pressing first', async (t) => {
  const home = await openNodes(t, { lan: true });
  home.presence('pi', 'online');
  home.report(
    'pi',
    nodeReportOf(
      [
        { path: 'a', state: 'downloading', bytes_done: 50, bytes_total: 100 },
        { path: 'b', state: 'waiting', bytes_total: 300 },
        { path: 'c', state: 'skipped', problem: 'not selected by its path', missed: false },
        { path: 'd', state: 'quarantined', title: 'Bad', problem: 'wrong bytes', missed: true },
        { path: 'e', state: 'skipped', title: 'Big', problem: 'it needs 9.00 GB', missed: true },
        { path: 'f', state: 'leaving' },
        { path: 'g' },
      ],
      { more_placed: 10, jellyfin: { had_it_after_s: 2, problem: 'Jellyfin does not show g' } },
    ),
  );
  await home.clock.advance(1_000);
  t.same(home.state('pi'), {
    ...{
      at: '2026-11-27T00:00:00.200Z',
      site: 'cabin',
      stale_since: null,
      paused: false,
      free_bytes: 7e9,
      up_bps: 1,
      down_bps: 2,
    },
    ...{ items_placed: 11, items_total: 15, items_loading: 1, items_failed: 1, progress_percent: 12.5 },
    ...{ jellyfin_had_it_after_s: 2, problem: 'Bad: wrong bytes (and 2 more)' },
  });
});

t.test(
  'rates and progress are told at most each five seconds, all else at once; what stays is not told again, and silence is told',
  async (t) => {
    const home = await openNodes(t, { lan: true });
    const said = () => home.broker.sent.filter(({ topic }) => topic === 'headgate/node/pi/state').length;
    const done = (bytes: number) => nodeReportOf([{ state: 'downloading', bytes_done: bytes, bytes_total: 100 }]);
    home.presence('pi', 'online');
    for (let second = 0; second < 10; second += 1) {
      home.report('pi', done(second));
      await home.clock.advance(1_000);
    }
    t.equal(said(), 2);
    t.match(home.state('pi'), { progress_percent: 5 });
    await home.clock.advance(5_000);
    t.match(home.state('pi'), { progress_percent: 9 }, 'the last one is told');
    home.report('pi', done(10));
    await home.clock.advance(1_000);
    home.report('pi', done(11));
    await home.clock.advance(1_000);
    t.match(home.state('pi'), { progress_percent: 10 });
    home.report('pi', { ...done(11), paused: true });
    await home.clock.advance(1_000);
    t.match(home.state('pi'), { progress_percent: 11, paused: true });
    const before = said();
    home.report('pi', { ...done(11), paused: true });
    await home.clock.advance(120_000);
    t.equal(said(), before, 'nothing new, nothing said');
    home.ask();
    await home.clock.advance(2_000);
    t.equal(said(), before + 1, 'who comes later gets it');
    await home.clock.advance(18 * 60_000);
    t.match(home.state('pi'), {
      stale_since: '2026-11-27T00:00:18.000Z',
      problem: 'nothing was heard since 2026-11-27T00:00:18.000Z',
      up_bps: 0,
      down_bps: 0,
      progress_percent: 11,
    });
  },
);

t.test('a node without a token is none of ours, where tokens are needed', async (t) => {
  const home = await openNodes(t);
  await home.tokens.add({ node: 'pi', site: 'shed', groups: ['family'] });
  const bad = nodeReportOf([{ state: 'quarantined' }]);
  for (const node of ['pi', 'stranger']) home.report(node, bad);
  for (const node of ['pi', 'stranger']) await home.shown.heard(node, bad);
  t.match(home.events, [/^"Film" of family came to the node pi with wrong bytes/]);
  t.equal(home.events.length, 1);
  await home.clock.advance(1_000);
  t.match(home.state('pi'), { site: 'shed' });
  t.equal(home.state('stranger'), null);
  t.same(home.shown.discovered(), [{ node: 'pi', isHeard: true, version: null }]);
  await home.tokens.add({ node: 'mute', site: 'shed', groups: ['family'] });
  t.match(home.shown.discovered(), [{ node: 'mute', isHeard: false }, { node: 'pi' }]);
  await home.tokens.remove('mute');
  await home.tokens.remove('pi');
  await home.clock.advance(60_000);
  t.equal(home.state('pi'), null, 'and one that lost its token is none any more');
  t.same(home.shown.discovered(), []);
});
