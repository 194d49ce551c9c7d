// Shaper orders through a running agent: written once, back at the end of the lease, after a kill, at a reboot, and never where they may not.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { type Home, startHome } from '../agent-home.ts';

// Real programs on a machine that others use as well.
t.setTimeout(120_000);

const ORDER = 'headgate/router/flint/shaper/order';
const order = (up: number | null, more: object = {}): object => ({
  order_id: 'o1',
  wan: 'wan',
  up_bps: up,
  down_bps: null,
  ttl_s: 60,
  reason: 'a test',
  ...more,
});
const reloads = (home: Home): number => home.sim.writes().filter((one) => one === 'reload').length;
const uploadIs = async (home: Home, kbit: number): Promise<void> => {
  const since = performance.now();
  while (home.sim.shaper().uploadKbit !== kbit) {
    if (performance.now() - since > 15_000) throw new Error(`upload stays ${home.sim.shaper().uploadKbit}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};
const ready = async (home: Home): Promise<void> => void (await Promise.all([home.until('/link'), home.until('/shaper/state')]));

for (const way of ['ssh', 'ubus'] as const)
  t.test(`by ${way}: the rate stands, the same order is no second reload, SIGTERM puts it back`, async (t) => {
    await using home = await startHome();
    const agent = await home.startAgent({ way });
    await ready(home);
    await home.publish(ORDER, order(20_000_000));
    t.match(await home.until('/shaper/state', (state) => state['order_id'] === 'o1'), {
      up_bps: 20_000_000,
      original: { up_bps: 42_000_000, down_bps: 250_000_000 },
      refused: null,
    });
    t.same(home.sim.shaper(), { uploadKbit: 20_000, downloadKbit: 250_000 });
    t.ok(existsSync(join(home.folder, 'shaper.json')));
    await home.publish(ORDER, order(20_000_000, { order_id: 'o2' }));
    await home.until('/shaper/state', (state) => state['order_id'] === 'o2');
    t.equal(reloads(home), 1);
    t.match(await home.until('/sqm', (sqm) => sqm['rate_owner'] === 'headgate'), { up: { live_bps: 20_000_000 } });
    t.equal(await agent.stop('SIGTERM'), 0);
    t.same(home.sim.shaper(), { uploadKbit: 42_000, downloadKbit: 250_000 });
    t.equal(reloads(home), 2);
    t.equal(existsSync(join(home.folder, 'shaper.json')), false);
  });

t.test('the lease ends by itself when nobody sends it again', async (t) => {
  await using home = await startHome();
  await home.startAgent();
  await ready(home);
  await home.publish(ORDER, order(20_000_000, { ttl_s: 5 }));
  await uploadIs(home, 20_000);
  await home.stopBroker();
  await uploadIs(home, 42_000);
  t.pass('back without a broker');
});

t.test('killed in the middle of a lease: the next start puts the original back, also with orders switched off', async (t) => {
  await using home = await startHome();
  const agent = await home.startAgent();
  await ready(home);
  await home.publish(ORDER, order(20_000_000));
  await home.until('/shaper/state', (state) => state['order_id'] === 'o1');
  await agent.stop('SIGKILL');
  t.equal(home.sim.shaper().uploadKbit, 20_000);
  await home.startAgent({ yaml: `shaper: { enabled: false, state_file: ${join(home.folder, 'shaper.json')} }\n` });
  await uploadIs(home, 42_000);
});

t.test('a reboot of the router does not keep our rate', async (t) => {
  await using home = await startHome();
  await home.startAgent();
  await ready(home);
  await home.publish(ORDER, order(20_000_000));
  await home.until('/shaper/state', (state) => state['order_id'] === 'o1');
  await home.sim.reboot();
  await uploadIs(home, 42_000);
  t.match(await home.until('/shaper/state', (state) => state['original'] === null, home.said.length), { order_id: null });
});

t.test('a hand edit during the lease stays', async (t) => {
  await using home = await startHome();
  const agent = await home.startAgent();
  await ready(home);
  await home.publish(ORDER, order(20_000_000));
  await home.until('/shaper/state', (state) => state['order_id'] === 'o1');
  home.sim.setShaper(35_000, 250_000);
  await agent.stop('SIGTERM');
  t.equal(home.sim.shaper().uploadKbit, 35_000);
});
