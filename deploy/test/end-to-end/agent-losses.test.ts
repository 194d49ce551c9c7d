// The router agent is killed, cut off from its router and started again: Headgate says since when it hears nothing, and goes on by itself.
import t from 'tap';
import { logIn } from './fixtures/api.ts';
import { until } from './fixtures/until.ts';
import { startWatchedHome } from './fixtures/watched-home.ts';

type Readiness = { readonly checks: readonly { readonly name: string; readonly ok: boolean; readonly problem: string | null }[] };

t.test('the router agent is lost', async (t) => {
  const { home, observer } = await startWatchedHome(t);
  const presence = (): unknown => JSON.parse(observer.newest().get('headgate/router/router/presence') ?? '{}');

  await t.test(
    'killed: its last will says so, and after 15 s every door shows since when nothing was heard (row 66)',
    async (t) => {
      const capacity = observer.state()?.capacity_up_bps;
      await home.agent.kill();
      await until('the last will', () => JSON.stringify(presence()).includes('"offline"'), { show: presence });
      const ms = await until('stale since', () => (observer.state()?.stale_since ?? null) !== null, { mostMs: 22_000 });
      t.ok(ms > 8_000, `not before its time: ${Math.round(ms)} ms`);
      t.equal(observer.state()?.capacity_up_bps, capacity, 'the last good capacity stands: silence is not "0 used"');
      const api = await logIn(home);
      const view = await api.get<Record<string, unknown>>('/api/bandwidth');
      t.match(JSON.stringify(view), /"stale_since":"2/);
      const ready = await fetch(`${home.httpUrl}/readyz`);
      const router = ((await ready.json()) as Readiness).checks.find(({ name }) => name === 'router');
      t.equal(ready.status, 200, 'it is told, and requests are still taken in (row 273)');
      t.match(router, { ok: false, problem: /no sample for \d+ s/ });
    },
  );

  await t.test('started again: heard again, and no longer stale', async (t) => {
    await home.agent.start();
    const ms = await until(
      'heard again',
      () => observer.state()?.stale_since === null && JSON.stringify(presence()).includes('"online"'),
      {
        show: observer.state,
      },
    );
    t.comment(`heard again ${Math.round(ms)} ms after its start`);
    t.equal((await fetch(`${home.httpUrl}/readyz`)).status, 200);
  });
});
