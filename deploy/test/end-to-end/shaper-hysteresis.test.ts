// The plan's hysteresis, from the controller's loop over a real broker to a real agent and its router; only the loop's clock runs faster.
import { setTimeout as wait } from 'node:timers/promises';
import type { ShaperState } from '@headgate/protocol';
import t from 'tap';
import { startHome } from '../../../agent-router/test/agent-home.ts';
import { silentLog } from '../../../controller/src/log.ts';
import { createShaper } from '../../../controller/src/shaper/shaper-service.ts';
import { until } from './fixtures/until.ts';

t.setTimeout(85_000);

const M = 1_000_000;
/** So many times faster than ours: the router's own times are seconds, the plan's are minutes. */
const FASTER = 20;

t.test('the plan is followed with hysteresis: falls at once, rises later, trembles never (row 70)', async (t) => {
  await using home = await startHome();
  await home.startAgent();
  await Promise.all([home.until('/link'), home.until('/sqm'), home.until('/shaper/state')]);
  let upBps = 30 * M;
  const clock = {
    now: () => Date.now(),
    monotonic: () => performance.now() * FASTER,
    sleep: (ms: number, signal: AbortSignal) => wait(ms / FASTER, undefined, { signal }),
  };
  const shaper = createShaper({
    rules: { leaseMs: 600_000, planAt: () => ({ upBps, downBps: null, rule: null }), forbidden: () => null },
    line: () => ({
      ...{ router: 'flint', wan: 'wan', isOnline: true, bootId: null, silentMs: 0, rateOwner: 'static' },
      state: (home.of('/shaper/state').at(-1)?.value ?? null) as ShaperState | null,
    }),
    send: (router, order) => home.publish(`headgate/router/${router}/shaper/order`, order),
    tell: () => {},
    clock,
    log: silentLog,
  });
  const stopping = new AbortController();
  const running = shaper.run(stopping.signal);
  const rateIs = (kbit: number) =>
    until(`${kbit} kbit/s`, () => home.sim.liveKbit().uploadKbit === kbit, {
      show: () => [home.sim.liveKbit(), shaper.status()],
    });
  const reloads = (): number => home.sim.writes().filter((one) => one === 'reload').length;

  await rateIs(30_000);
  for (let i = 0; i < 40; i += 1) {
    upBps = i % 2 === 0 ? 29.5 * M : 30.5 * M;
    await wait(100);
  }
  t.same([home.sim.liveKbit().uploadKbit, reloads()], [30_000, 1], 'a change that nobody feels is no reload');
  upBps = 20 * M;
  t.comment(`a fall stands after ${Math.round(await rateIs(20_000))} ms`);
  upBps = 30 * M;
  const ms = await rateIs(30_000);
  t.ok(ms * FASTER >= 120_000, `a rise after ${Math.round((ms * FASTER) / 1000)} s of the plan's time`);
  t.equal(reloads(), 3);
  stopping.abort();
  await running;
  await rateIs(42_000);
  t.equal(reloads(), 4, 'and its own rate is back');
});
