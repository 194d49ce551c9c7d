// Rows 58, 60, 198, ruling 7: the end of a run, and how many writes are under way.
import { setTimeout as wait } from 'node:timers/promises';
import t from 'tap';
import { bandwidthWrites, capped, film, limits } from './fixtures/home-views.ts';
import { openHome } from './fixtures/real-home.ts';
import { waitUntil } from './fixtures/wait-until.ts';

t.test('a restore while 60 users wait for their first cap: none of them is capped after it', async (t) => {
  await using home = await openHome({ jellyfin: { userCount: 60, latencyMs: 15 } });
  const run = await home.start();
  await waitUntil('some are capped', () => run.limits.held().length > 3);
  t.same(await run.bandwidth.restoreNow('test'), []);
  home.jellyfin.forgetRequests();
  await wait(400);
  t.equal(home.jellyfin.users.byName('user-060')?.policy.RemoteClientBitrateLimit, 0);
  t.equal(run.limits.held().length, 0);
  t.ok(bandwidthWrites(home).filter(({ path }) => path.endsWith('/Policy')).length <= 4, 'but for what was in flight');
});

t.test('row 60, ruling 7: 20 users are restored; no cap is set after the stop', async (t) => {
  await using home = await openHome({ jellyfin: { userCount: 20, latencyMs: 20 } });
  const run = await home.start();
  await waitUntil('all are capped', () => home.jellyfin.users.list().every(({ policy }) => policy.RemoteClientBitrateLimit > 0));
  await wait(200);
  home.jellyfin.forgetRequests();
  const viewer = home.jellyfin.viewer({ user: 'anna' });
  const playing = viewer.play(film(home.jellyfin));
  const began = performance.now();
  await run.stop();
  const took = performance.now() - began;
  await playing;
  t.comment(`${Math.round(took)} ms`);
  t.ok(took <= 6_000, 'one after the other would take longer than a stop may');
  await wait(100);
  t.ok(home.jellyfin.users.byName('user-020')?.policy.RemoteClientBitrateLimit === 0);
  t.same(limits(home.jellyfin, 'anna', 'ben'), [0, 0]);
  const perUser = Map.groupBy(
    bandwidthWrites(home).filter(({ path }) => path.endsWith('/Policy')),
    ({ path }) => path,
  );
  t.equal(perUser.size, 23);
  t.ok(
    [...perUser.values()].every((writes) => writes.length === 1),
    'one write per user: the original',
  );
});

t.test('ruling 7: at a server that hangs the stop ends after 8 s, and what is left is told', async (t) => {
  await using home = await openHome({ jellyfin: { userCount: 8 } });
  const run = await home.start();
  await waitUntil('all are capped', () => run.limits.held().length >= 11);
  home.jellyfin.inject({ path: /^\/Users\//, by: 'key', times: 1_000, answer: 'hang' });
  const began = performance.now();
  await run.stop();
  const took = performance.now() - began;
  t.ok(took >= 5_000 && took < 15_000, `${Math.round(took)} ms`);
  t.match(
    run.events.filter(({ type }) => type === 'restore_incomplete'),
    [{ severity: 'error' }],
  );
  home.jellyfin.clearFaults();
  const next = await home.start({ enabled: false });
  await capped(home, 0, 'anna', 'ben', 'user-008');
  await next.stop();
});

t.test('at most 4 writes are in flight at a server', async (t) => {
  await using home = await openHome({ jellyfin: { userCount: 30, latencyMs: 30 } });
  let [now, most] = [0, 0];
  const run = await home.start(
    {},
    {
      limits: (store) => ({
        ...store,
        beforeWrite: async (write) => {
          now += 1;
          most = Math.max(most, now);
          await store.beforeWrite(write);
          await wait(10);
          now -= 1;
        },
      }),
    },
  );
  await waitUntil('all are capped', () => run.limits.held().length >= 33);
  t.ok(most <= 4 && most >= 2, `${most}`);
});
