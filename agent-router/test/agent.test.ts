// The agent as people run it: a process between a router and a real mosquitto, cut off, killed and restarted on both sides.
import { topics } from '@headgate/protocol';
import t from 'tap';
import * as z from 'zod/mini';
import { startHome } from './agent-home.ts';

// Real programs on a machine that others use as well.
t.setTimeout(120_000);

const near = (value: unknown, wanted: number): boolean => Math.abs(Number(value) / wanted - 1) < 0.06;

for (const way of ['ssh', 'ubus'] as const)
  t.test(`by ${way}: presence, link, SQM and 1 s throughput, each as the protocol says`, async (t) => {
    await using home = await startHome();
    home.sim.setTraffic(20_000_000, 90_000_000);
    const agent = await home.startAgent({ way });
    await home.until('flint/wan/wan/throughput', ({ seq }) => Number(seq) >= 4);
    t.match(await home.until('flint/presence'), { state: 'online' });
    t.match(await home.until('flint/wan/wan/link'), {
      up: true,
      primary: true,
      carrier: true,
      l3_device: 'eth1',
      addresses: ['203.0.113.2'],
    });
    t.match(await home.until('flint/wan/wan/sqm'), { configured: true, rate_owner: 'static', up: { live_bps: 42_000_000 } });
    t.match(await home.until('flint/shaper/state'), { enabled: true, order_id: null });
    const rates = home.of('/throughput');
    const mean = rates.reduce((sum, { value }) => sum + Number(value['up_bps']), 0) / rates.length;
    t.ok(near(mean, 20e6), `mean ${mean}`);
    t.same(
      rates.map(({ value }) => value['seq']),
      rates.map((_, i) => i),
      'no sample is lost',
    );
    t.ok(
      rates.every(({ value }) => Number(value['interval_s']) > 0.1 && Number(value['interval_s']) < 10),
      'about a second apart, also on a busy machine',
    );
    for (const [end, key] of [
      ['/throughput', 'throughput'],
      ['/link', 'link'],
      ['/sqm', 'sqm'],
      ['/presence', 'routerPresence'],
      ['/state', 'shaperState'],
    ] as const)
      for (const { value } of home.of(end)) t.equal(z.safeParse(topics[key].schema, value).success, true, end);
    t.equal(await agent.stop('SIGTERM'), 0);
    t.match(home.of('flint/presence').at(-1)?.value, { state: 'offline' });
    t.notMatch(agent.log(), home.sim.password);
  });

t.test('a full line is told as saturated, and the download of its own', async (t) => {
  await using home = await startHome();
  home.sim.setTraffic(60_000_000, 1_000_000);
  await home.startAgent();
  t.match(await home.until('/sqm', (sqm) => sqm['saturated'] === true), { up: { saturated: true }, down: { saturated: false } });
  home.sim.setTraffic(1_000_000, 1_000_000);
  t.ok(await home.until('/sqm', (sqm) => sqm['saturated'] === false, home.said.length));
});

t.test('hardware offloading makes the rate inexact', async (t) => {
  await using home = await startHome();
  home.sim.setHardwareOffload(true);
  await home.startAgent({ way: 'ubus' });
  t.match(await home.until('/throughput'), { quality: 'offloaded' });
});
