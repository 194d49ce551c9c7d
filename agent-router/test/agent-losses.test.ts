// Router and broker go away and come back; the agent is killed. One line per change, never a wrong number.
import t from 'tap';
import { startHome } from './agent-home.ts';

// Real programs on a machine that others use as well.
t.setTimeout(120_000);

t.test('the router is cut off and comes back: no throughput, two log lines, no zero', async (t) => {
  await using home = await startHome();
  home.sim.setTraffic(10_000_000, 10_000_000);
  const agent = await home.startAgent();
  await home.until('/throughput');
  await home.sim.cut();
  await new Promise((resolve) => setTimeout(resolve, 3000));
  const silentFrom = home.said.length;
  t.match(agent.log(), /the router cannot be reached/);
  await home.sim.heal();
  await home.until('/throughput', undefined, silentFrom);
  t.equal(agent.log().match(/the router cannot be reached/g)?.length, 1);
  t.equal(agent.log().match(/the router answers again/g)?.length, 1);
  t.ok(
    home.of('/throughput').every(({ value }) => Number(value['up_bps']) > 5e6),
    'never a false 0',
  );
  t.match(home.of('flint/presence').at(-1)?.value, { state: 'online' }, 'the agent itself was there all the time');
});

t.test('a router that falls silent is noticed by the deadline', async (t) => {
  await using home = await startHome();
  const agent = await home.startAgent();
  await home.until('/throughput');
  home.sim.freeze();
  const since = performance.now();
  while (!agent.log().includes('cannot be reached') && performance.now() - since < 20_000)
    await new Promise((resolve) => setTimeout(resolve, 50));
  // The deadline is 5 s; without one, TCP would wait for minutes.
  t.ok(performance.now() - since < 15_000, `${performance.now() - since} ms`);
  const from = home.said.length;
  await home.sim.heal();
  await home.until('/throughput', undefined, from);
});

t.test('the broker dies and returns empty: the latest state is said again, no backlog of samples', async (t) => {
  await using home = await startHome();
  const agent = await home.startAgent();
  await home.until('/throughput');
  await home.until('/sqm');
  await home.stopBroker();
  await new Promise((resolve) => setTimeout(resolve, 3000));
  const from = home.said.length;
  await home.startBroker();
  for (const end of ['flint/presence', 'wan/wan/link', 'wan/wan/sqm', 'flint/shaper/state'])
    await home.until(end, undefined, from);
  await home.until('/throughput', undefined, from);
  const seqs = home.said.slice(from).filter(({ topic }) => topic.endsWith('/throughput'));
  t.ok(seqs.length <= 3, 'samples of the silence are gone');
  t.equal(
    agent.log().match(/no connection to the broker/g)?.length ?? 0,
    agent.log().includes('ECONNREFUSED') ? 2 : 1,
    'a line per state',
  );
});
