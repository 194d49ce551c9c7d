// The agent lives but cannot reach its router: it says nothing rather than zero, and goes on when the router is back.
import t from 'tap';
import { logIn } from './fixtures/api.ts';
import { until } from './fixtures/until.ts';
import { startWatchedHome } from './fixtures/watched-home.ts';

type Telemetry = {
  readonly wans: readonly { readonly age_s: number | null; readonly throughput: { readonly up_bps: number } | null }[];
};

t.test('the router is cut off from its agent', async (t) => {
  const { home, observer } = await startWatchedHome(t);
  const api = await logIn(home);
  const wan = async () => (await api.get<Telemetry>('/api/telemetry')).wans[0];
  await until('samples', async () => ((await wan())?.throughput?.up_bps ?? 0) > 0);
  await home.router.cut();
  const before = observer.telemetryMessages();
  await until('the sample grows old', async () => ((await wan())?.age_s ?? 0) > 4);
  t.ok(observer.telemetryMessages() - before <= 2, 'no samples are made up');
  t.ok(((await wan())?.throughput?.up_bps ?? 0) > 0, 'the last one stands, with its age');
  t.not(observer.state()?.capacity_up_bps, null, 'and so does the capacity');
  await home.router.heal();
  const ms = await until('samples flow again', async () => ((await wan())?.age_s ?? 99) < 2, { mostMs: 16_000 });
  t.comment(`samples again ${Math.round(ms)} ms after the router came back`);
});
