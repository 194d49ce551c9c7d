// What happens to WANs while the agent watches, and while it does not.
import t from 'tap';
import { startHome } from './agent-home.ts';

// Real programs on a machine that others use as well.
t.setTimeout(120_000);

const near = (value: unknown, wanted: number): boolean => Math.abs(Number(value) / wanted - 1) < 0.06;

t.test('a reboot, reset counters and a PPPoE device made anew give no wrong rate', async (t) => {
  await using home = await startHome({ proto: 'pppoe' });
  home.sim.setTraffic(10_000_000, 10_000_000);
  const agent = await home.startAgent();
  t.match(await home.until('/link'), { l3_device: 'pppoe-wan', device: 'eth1', proto: 'pppoe' });
  await home.until('/throughput', ({ seq }) => Number(seq) >= 1);
  home.sim.resetCounters();
  await home.until('/throughput', undefined, home.said.length);
  home.sim.setWan('wan', { ifindex: 77 });
  await home.until('/throughput', undefined, home.said.length);
  await home.sim.reboot();
  await home.until('/throughput', ({ uptime_s }) => Number(uptime_s) < 60, home.said.length);
  t.match(agent.log(), /the router has restarted/);
  t.ok(
    home.of('/throughput').every(({ value }) => near(value['up_bps'], 10e6) || Number(value['up_bps']) < 11e6),
    'no spike',
  );
});

t.test('failover: the second WAN is primary within 5 s, the first is said to be down', async (t) => {
  await using home = await startHome();
  home.sim.setTraffic(5_000_000, 5_000_000);
  await home.startAgent({ yaml: 'sampling: {}\n' });
  await home.until('wan/wan/throughput');
  const from = home.said.length;
  const since = performance.now();
  home.sim.setWan('wan', { up: false });
  home.sim.setWan('wanb', { up: true });
  t.match(await home.until('wan/wanb/link', undefined, from), { up: true, primary: true, l3_device: 'eth2' });
  t.ok(performance.now() - since < 12_000);
  t.match(await home.until('wan/wan/link', undefined, from), { up: false, primary: false });
  await home.until('wan/wanb/throughput', undefined, from);
});

t.test('a WAN that went away while no agent ran is corrected at the next start', async (t) => {
  await using home = await startHome();
  const first = await home.startAgent();
  await home.until('wan/wan/link');
  await first.stop('SIGKILL');
  t.match(await home.until('flint/presence', ({ state }) => state === 'offline'), { state: 'offline' }, 'the last will');
  home.sim.setWan('wan', { up: false });
  home.sim.setWan('wanb', { up: true });
  const from = home.said.length;
  await home.startAgent();
  t.match(await home.until('wan/wan/link', undefined, from), { up: false });
});
