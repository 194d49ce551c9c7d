// A router agent that stays away, with real processes and real time: the safe plan after a minute, and back from it. Takes minutes.
import t from 'tap';
import { until } from './fixtures/until.ts';
import { limitsOf, ORIGINALS, startWatchedHome, watchFromOutside } from './fixtures/watched-home.ts';

t.test('the router agent stays away for more than a minute (row 66)', async (t) => {
  const { home, observer } = await startWatchedHome(t);
  await watchFromOutside(home);
  await until('caps in force', () => observer.state()?.mode === 'streaming' && (limitsOf(home)['anna'] ?? 0) > 0, {
    show: observer.state,
  });
  const before = limitsOf(home);
  await home.agent.kill();
  const ms = await until('the safe plan', () => observer.state()?.mode === 'safe', { mostMs: 90_000, show: observer.state });
  t.ok(ms > 55_000 && ms < 75_000, `${Math.round(ms)} ms`);
  await until('torrents at their floor', () => (limitsOf(home)['torrents'] ?? 0) <= 500_000 / 8, { show: () => limitsOf(home) });
  t.ok((limitsOf(home)['anna'] ?? 0) >= (before['anna'] ?? 0), 'who watches keeps the cap');
  t.not(observer.state()?.stale_since, null);
  await home.agent.start();
  await until('streaming again', () => observer.state()?.mode === 'streaming' && observer.state()?.stale_since === null, {
    show: observer.state,
  });
  t.equal(await home.controller.stop(), 0);
  t.same(limitsOf(home), ORIGINALS);
});
