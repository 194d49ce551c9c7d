// SQM is looked at each second while the line is near its shaper's rate, and at its own pace at rest.
import { setTimeout as wait } from 'node:timers/promises';
import t from 'tap';
import { startHome } from '../agent-home.ts';

// Real programs on a machine that others use as well.
t.setTimeout(60_000);

t.test('a queue that fills is told in a moment, though SQM at rest is read each 30 s', async (t) => {
  await using home = await startHome();
  await home.startAgent({ yaml: 'sampling: { sqm: 30s }\n' });
  await home.until('/sqm');
  home.sim.setTraffic(60_000_000, 0);
  const since = performance.now();
  await home.until('/sqm', (sqm) => sqm['saturated'] === true);
  const ms = performance.now() - since;
  t.ok(ms < 6_000, `${Math.round(ms)} ms`);
  t.comment(`saturated told after ${Math.round(ms)} ms`);
  home.sim.setTraffic(1_000_000, 0);
  await wait(1_500);
  const looks = home.of('/sqm').length;
  await wait(2_500);
  t.ok(home.of('/sqm').length - looks <= 1, 'and at rest nothing is asked each second');
});
