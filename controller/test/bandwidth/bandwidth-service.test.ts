// Rows 5, 58, 74, 177, 178, 195, 196, 202, 203, rulings 1, 3: the feature with real adapters, a strict Jellyfin and qBittorrent, and a real disk.
import { setTimeout as wait } from 'node:timers/promises';
import t from 'tap';
import { M } from './fixtures/decision-input.ts';
import { bandwidthWrites, capped, film, limits, policies, torrentLimits } from './fixtures/home-views.ts';
import { openHome } from './fixtures/real-home.ts';
import { waitUntil } from './fixtures/wait-until.ts';

t.test(
  'rows 5, 58, ruling 1: caps land on all users, the rest of each policy is unchanged, and everything comes back at the stop',
  async (t) => {
    const users = [
      { name: 'anna', policy: { EnableAllFolders: false, BlockedTags: ['x'], IsHidden: false } },
      { name: 'ben', limitBps: 10 * M },
      { name: 'carl', limitBps: -1 },
    ];
    await using home = await openHome({ jellyfin: { users } });
    const before = policies(home.jellyfin);
    const run = await home.start();
    await capped(home, 32.5 * M, 'admin', 'anna', 'carl');
    t.equal(home.jellyfin.limitOf('ben'), 10 * M, 'the own limit is tighter');
    t.same(policies(home.jellyfin), before);
    t.equal(run.bandwidth.status().held, 3);
    await run.stop();
    t.same(limits(home.jellyfin, 'admin', 'anna', 'ben', 'carl'), [0, 0, 10 * M, -1]);
    t.same(policies(home.jellyfin), before);
  },
);

t.test('ruling 1: a server-wide limit is a ceiling too', async (t) => {
  await using home = await openHome({ jellyfin: { serverLimitBps: 4 * M } });
  const run = await home.start();
  const whys = () => run.bandwidth.status().decision?.viewers.map(({ why }) => why) ?? [];
  await waitUntil('a decision with users', () => whys().join() === 'ceiling,ceiling,ceiling');
  t.same(limits(home.jellyfin, 'anna', 'ben'), [0, 0], 'ours would be looser, so there is none');
});

t.test(
  'rows 74, 177, 178, 202: a viewer comes: torrents give way and get their own limit back when the viewer is gone',
  async (t) => {
    await using home = await openHome({ torrentSettings: { up_limit: 0 } });
    const run = await home.start({ restoreAfterMs: 300, writeIntervalMs: 300 });
    await capped(home, 32.5 * M, 'anna', 'ben');
    t.equal(torrentLimits(home).up, 0);
    const viewer = home.jellyfin.viewer({ user: 'anna' });
    await viewer.play(film(home.jellyfin));
    await waitUntil('torrents limited', () => torrentLimits(home).up > 0);
    const { torrentTotalBps } = run.bandwidth.status().decision ?? {};
    t.equal(torrentLimits(home).up, Math.floor((torrentTotalBps ?? 0) / 8 / 1024) * 1024, 'in bytes/s, down to a whole KiB');
    t.equal(torrentLimits(home).alt, 50 * 1024, "row 203: the other mode is the user's");
    await waitUntil('the other viewer makes room', () => home.jellyfin.limitOf('ben') < 25 * M);
    await viewer.leave();
    await waitUntil('torrents back', () => torrentLimits(home).up === 0);
    await capped(home, 32.5 * M, 'ben');
  },
);

t.test(
  'row 203: alternative speeds toggled while someone watches: the active slot is limited, the other is given back',
  async (t) => {
    await using home = await openHome({ torrentSettings: { up_limit: 0, alt_up_limit: 0 } });
    const run = await home.start();
    const viewer = home.jellyfin.viewer({ user: 'anna' });
    await viewer.play(film(home.jellyfin));
    await waitUntil('limited', () => torrentLimits(home).up > 0);
    home.torrents.edit({ use_alt_speed_limits: true });
    await waitUntil('the other slot limited', () => torrentLimits(home).alt > 0 && torrentLimits(home).up === 0);
    await run.stop();
    t.same(torrentLimits(home), { up: 0, alt: 0 });
    t.equal(home.torrents.settings().use_alt_speed_limits, true, 'the mode is left as it is');
  },
);

t.test('row 195: a dry run decides, but makes 0 changing requests', async (t) => {
  await using home = await openHome();
  const run = await home.start({}, { dryRun: true });
  const viewer = home.jellyfin.viewer({ user: 'anna' });
  await viewer.play(film(home.jellyfin));
  await waitUntil(
    'it would limit',
    () => run.bandwidth.status().decision?.mode === 'streaming' && (run.bandwidth.status().decision?.viewers.length ?? 0) > 0,
  );
  t.ok(run.bandwidth.status().decision?.viewers.some(({ capBps }) => capBps !== null));
  await wait(200);
  await run.stop();
  t.same(bandwidthWrites(home), []);
});

t.test('ruling 3: neighbours that are not behind this uplink get 0 bandwidth writes', async (t) => {
  await using home = await openHome({ jellyfinOnUplink: false, torrentsOnUplink: false });
  const run = await home.start();
  const viewer = home.jellyfin.viewer({ user: 'anna' });
  await viewer.play(film(home.jellyfin));
  await waitUntil('it is seen', () => run.bandwidth.status().streams.length === 1);
  t.match(run.bandwidth.status(), { decision: { mode: 'idle', counted: 0 } }, 'and not counted');
  await wait(200);
  await run.stop();
  t.same(bandwidthWrites(home), []);
});

t.test('ruling 6: with a dead server and an unknown capacity it starts, says both, and caps when both are there', async (t) => {
  await using home = await openHome();
  await home.jellyfin.powerOff();
  home.uplink.forget();
  const run = await home.start();
  await waitUntil('told as unreachable', () => run.bandwidth.status().mediaServers[0]?.health?.state === 'unreachable');
  await waitUntil('torrents are heard', () => run.bandwidth.status().torrentClients[0]?.reading !== null);
  t.match(run.bandwidth.status(), { capacityUpBps: null, capacityFrom: null, decision: { mode: 'unknown' } });
  t.match(run.bandwidth.status().decision?.reason, /The upload capacity is not known/);
  await home.jellyfin.powerOn();
  home.uplink.say(3 * M);
  await waitUntil('capped', () => home.jellyfin.limitOf('anna') === 32.5 * M, 20_000);
});

t.test('row 196: once() acts on one check, also with throttle_after, and again over what it left', async (t) => {
  await using home = await openHome({ torrentSettings: { up_limit: 0 } });
  const viewer = home.jellyfin.viewer({ user: 'anna' });
  await viewer.play(film(home.jellyfin));
  const patience = AbortSignal.timeout(20_000);
  for (const time of ['first', 'second']) {
    const run = await home.start({ throttleAfterMs: 3_600_000 }, { run: false });
    const decision = await run.bandwidth.once(patience);
    t.equal(decision.mode, 'streaming', time);
    t.equal(home.jellyfin.limitOf('ben'), decision.viewers.find(({ name }) => name === 'ben')?.capBps, time);
    t.ok(torrentLimits(home).up > 0, `${time}: torrents limited`);
    await run.stop();
  }
  await viewer.leave();
  const last = await home.start({ enabled: false }, { run: false });
  await last.bandwidth.once(patience);
  t.same([...limits(home.jellyfin, 'anna', 'ben'), torrentLimits(home).up], [0, 0, 0], 'switched off it puts back');
  await last.stop();
});
