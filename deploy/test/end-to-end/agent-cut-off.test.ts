// The agent lives but cannot reach its router: it says nothing rather than zero, and goes on when the router is back.
import t from 'tap';
import { until } from './fixtures/until.ts';
import { startWatchedHome } from './fixtures/watched-home.ts';

t.test('the router is cut off from its agent', async (t) => {
  const { home, observer } = await startWatchedHome(t);
  await until('a mean of the upload', () => (observer.state()?.wan_up_bps ?? 0) > 0, { show: observer.state });
  await home.router.cut();
  const before = observer.telemetryMessages();
  await until('the mean of the last 10 s is gone', () => observer.state()?.wan_up_bps === null, {
    mostMs: 22_000,
    show: observer.state,
  });
  t.ok(observer.telemetryMessages() - before <= 2, 'no samples are made up');
  t.not(observer.state()?.capacity_up_bps, null, 'the last good capacity stands');
  await home.router.heal();
  const ms = await until('samples flow again', () => (observer.state()?.wan_up_bps ?? 0) > 0, {
    mostMs: 20_000,
    show: observer.state,
  });
  t.comment(`samples again ${Math.round(ms)} ms after the router came back`);
});
