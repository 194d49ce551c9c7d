// Rows 57, 58, 178, 199, rulings 2, 3, 16: what was set before us comes back, whatever happens in between.
import { setTimeout as wait } from 'node:timers/promises';
import t from 'tap';
import { ControllerError } from '../../src/errors.ts';
import { M } from './fixtures/decision-input.ts';
import { bandwidthWrites, capped, film, limits, torrentLimits } from './fixtures/home-views.ts';
import { openHome } from './fixtures/real-home.ts';
import { waitUntil } from './fixtures/wait-until.ts';

t.test('rows 57, 58, 199: after a crash the next start puts everything back first, then goes on', async (t) => {
  await using home = await openHome({ jellyfin: { users: [{ name: 'anna', limitBps: 60 * M }, { name: 'ben' }] } });
  const first = await home.start();
  const viewer = home.jellyfin.viewer({ user: 'ben' });
  await viewer.play(film(home.jellyfin));
  await waitUntil(
    'everything is capped',
    () => home.jellyfin.limitOf('anna') < 30 * M && home.jellyfin.limitOf('anna') > 0 && first.limits.held().length >= 3,
  );
  await first.crash();
  t.ok(home.jellyfin.limitOf('anna') < 30 * M, 'the cap stands after the crash');
  await viewer.leave();
  home.uplink.forget();
  const second = await home.start();
  await waitUntil('put back', () => second.limits.held().length === 0);
  t.same(limits(home.jellyfin, 'anna', 'ben', 'admin'), [60 * M, 0, 0]);
  t.same(torrentLimits(home), { up: 2_500 * 1024, alt: 50 * 1024 });
  home.uplink.say(3 * M);
  await capped(home, 32.5 * M, 'anna', 'ben');
  await second.stop();
  t.equal(home.jellyfin.limitOf('anna'), 60 * M);
});

t.test('on disabling everything comes back, on enabling it is set again; restoreNow stays disabled over a restart', async (t) => {
  await using home = await openHome();
  const run = await home.start();
  await capped(home, 32.5 * M, 'anna');
  await run.bandwidth.change({ enabled: false }, 'test');
  await capped(home, 0, 'admin', 'anna', 'ben');
  await run.bandwidth.change({ enabled: true }, 'test');
  await capped(home, 32.5 * M, 'admin', 'anna', 'ben');
  t.same(await run.bandwidth.restoreNow('test'), []);
  t.same(limits(home.jellyfin, 'admin', 'anna', 'ben'), [0, 0, 0], 'when it answers, it is done');
  await run.stop();
  const again = await home.start();
  await waitUntil('a decision', () => again.bandwidth.status().decision !== null);
  t.equal(again.bandwidth.status().settings.enabled, false);
});

t.test('a hand edit while we run is kept as the new original, and told', async (t) => {
  await using home = await openHome();
  const run = await home.start();
  await capped(home, 32.5 * M, 'anna', 'ben');
  home.jellyfin.editPolicy('anna', { RemoteClientBitrateLimit: 7 * M });
  home.torrents.edit({ up_limit: 900 * 1024 });
  await run.bandwidth.change({ reserve: { percent: 20 } }, 'test');
  const viewer = home.jellyfin.viewer({ user: 'ben' });
  await viewer.play(film(home.jellyfin));
  // The users are read each minute; a change of anna's cap reads hers at once.
  await waitUntil('noticed', () => run.events.some(({ type }) => type === 'hand_edit_kept'), 20_000);
  await run.stop();
  t.equal(home.jellyfin.limitOf('anna'), 7 * M);
  t.equal(torrentLimits(home).up, 900 * 1024);
});

t.test(
  'ruling 2: a dashboard page opened, the cap changes twice, the page is saved with another field changed: the stored original stays',
  async (t) => {
    await using home = await openHome({ jellyfin: { users: [{ name: 'anna', limitBps: 60 * M }, { name: 'ben' }] } });
    const run = await home.start({ writeIntervalMs: 0, restoreAfterMs: 0 });
    await capped(home, 32.5 * M, 'anna');
    const page = { ...home.jellyfin.users.byName('anna')?.policy };
    await run.bandwidth.change({ capacityUpBps: 30 * M }, 'test');
    await capped(home, 23.5 * M, 'anna');
    await run.bandwidth.change({ capacityUpBps: 20 * M }, 'test');
    await capped(home, 14.5 * M, 'anna');
    home.jellyfin.editPolicy('anna', { ...page, EnableContentDownloading: false });
    t.equal(home.jellyfin.limitOf('anna'), 32.5 * M, 'the page brought the old cap back');
    await run.bandwidth.change({ capacityUpBps: 25 * M }, 'test');
    await capped(home, 19 * M, 'anna');
    t.same(
      run.events.filter(({ type }) => type === 'hand_edit_kept'),
      [],
    );
    home.jellyfin.editPolicy('ben', { RemoteClientBitrateLimit: 14.5 * M });
    await run.stop();
    t.equal(home.jellyfin.limitOf('anna'), 60 * M);
    t.equal(home.jellyfin.users.byName('anna')?.policy['EnableContentDownloading'], false, 'what was saved beside it stays');
    t.equal(home.jellyfin.limitOf('ben'), 0);
  },
);

t.test('ruling 2: a page saved after we stopped is recognised at the next start', async () => {
  await using home = await openHome({ jellyfin: { users: [{ name: 'anna', limitBps: 60 * M }, { name: 'ben' }] } });
  const run = await home.start();
  await capped(home, 32.5 * M, 'anna');
  await run.stop();
  home.jellyfin.editPolicy('anna', { RemoteClientBitrateLimit: 32.5 * M });
  const off = await home.start({ enabled: false });
  await capped(home, 60 * M, 'anna');
  await off.stop();
});

t.test('ruling 3: what a run before left at a neighbour that is now elsewhere is given back', async (t) => {
  await using home = await openHome();
  const first = await home.start({ torrentClients: { qbit: { whileStreamingBps: null, whenIdleBps: 4_096_000, weight: 1 } } });
  await capped(home, 32.5 * M, 'anna', 'ben', 'admin');
  await waitUntil('torrents limited', () => torrentLimits(home).up === 500 * 1024 || torrentLimits(home).up === 512_000);
  await first.crash();
  const second = await home.start({}, { jellyfinOnUplink: false, torrentsOnUplink: false });
  await waitUntil('put back', () => second.limits.held().length === 0);
  t.same(limits(home.jellyfin, 'admin', 'anna', 'ben'), [0, 0, 0]);
  t.equal(torrentLimits(home).up, 2_500 * 1024);
});

t.test('ruling 16: where the original cannot be stored, the cap is not written; once it can, it is', async (t) => {
  let full = true;
  await using home = await openHome({
    limits: (store) => ({
      ...store,
      beforeWrite: async (write) => {
        if (full) throw new ControllerError('storage_failed', 'no space left on the disk');
        await store.beforeWrite(write);
      },
    }),
  });
  const run = await home.start();
  await waitUntil('a decision with users', () => (run.bandwidth.status().decision?.viewers.length ?? 0) === 3);
  await wait(300);
  t.same(bandwidthWrites(home), []);
  full = false;
  await capped(home, 32.5 * M, 'anna', 'ben');
  await run.stop();
  t.same(limits(home.jellyfin, 'anna', 'ben'), [0, 0]);
});
