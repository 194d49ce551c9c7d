// One writer: where cake-autorate begins, our lease ends and nothing is written any more, until it has ended.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { type Home, startHome } from '../agent-home.ts';

// Real programs on a machine that others use as well.
t.setTimeout(120_000);

const ORDER = 'headgate/router/flint/shaper/order';
const order = (up: number | null, more: object = {}): object => ({
  ...{ order_id: 'o1', wan: 'wan', up_bps: up, down_bps: null, ttl_s: 60, reason: 'a test' },
  ...more,
});
const ready = async (home: Home): Promise<void> => void (await Promise.all([home.until('/link'), home.until('/shaper/state')]));
const holdingLease = async (home: Home): Promise<void> => {
  await ready(home);
  await home.publish(ORDER, order(20_000_000));
  await home.until('/shaper/state', (state) => state['order_id'] === 'o1');
};

for (const way of ['ssh', 'ubus'] as const)
  t.test(`by ${way}: cake-autorate begins while a lease stands: we let go at once and never write again`, async (t) => {
    await using home = await startHome();
    const agent = await home.startAgent({ way });
    await holdingLease(home);
    const written = home.sim.writes().length;
    home.sim.setAutorate(true, { baseKbit: 30_000 });
    t.match(await home.until('/shaper/state', (state) => state['refused'] !== null), {
      order_id: null,
      up_bps: null,
      original: { up_bps: 42_000_000 },
      refused: /cake-autorate sets the rate/,
    });
    t.match(await home.until('/sqm', (sqm) => sqm['rate_owner'] === 'cake-autorate'), { up: { live_bps: 30_000_000 } });
    await home.publish(ORDER, order(25_000_000, { order_id: 'o2', ttl_s: 5 }));
    await home.publish(ORDER, order(null, { order_id: 'end' }));
    await home.until('/throughput', () => true, home.said.length);
    t.equal(await agent.stop('SIGTERM'), 0);
    t.equal(home.sim.writes().length, written, 'neither an order, nor its end, nor our own end wrote anything');
    t.equal(home.sim.liveKbit().uploadKbit, 30_000);
    t.ok(existsSync(join(home.folder, 'shaper.json')), 'what stood before is not forgotten');
  });

t.test('once cake-autorate has ended, what stood before it and us goes back, also by a later start', async (t) => {
  await using home = await startHome();
  const agent = await home.startAgent();
  await holdingLease(home);
  home.sim.setAutorate(true);
  await home.until('/shaper/state', (state) => state['refused'] !== null);
  await agent.stop('SIGKILL');
  home.sim.setAutorate(false);
  await home.startAgent();
  t.match(await home.until('/shaper/state', (state) => state['original'] === null, home.said.length), { refused: null });
  t.equal(home.sim.shaper().uploadKbit, 42_000);
  t.equal(home.sim.liveKbit().uploadKbit, 42_000);
});

t.test('sqm-autorate is left alone as well, and what stood before goes back once it has ended', async (t) => {
  await using home = await startHome();
  await home.startAgent();
  await holdingLease(home);
  const written = home.sim.writes().length;
  home.sim.showTool('sqm-autorate', 'runs');
  t.match(await home.until('/shaper/state', (state) => state['refused'] !== null), { refused: /sqm-autorate sets the rate/ });
  await home.until('/sqm', (sqm) => sqm['rate_owner'] === 'sqm-autorate');
  t.equal(home.sim.writes().length, written);
  home.sim.showTool('sqm-autorate', 'ended');
  t.match(await home.until('/shaper/state', (state) => state['original'] === null, home.said.length), { refused: null });
  t.equal(home.sim.liveKbit().uploadKbit, 42_000);
});
