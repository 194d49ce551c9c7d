// Shaper orders that a running agent must not obey.
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
const ready = async (home: Home): Promise<void> => void (await Promise.all([home.until('/link'), home.until('/shaper/state')]));

const refusals: readonly (readonly [string, { autorate?: boolean; yaml?: string; flags?: string[]; queue?: 'none' }, RegExp])[] =
  [
    ['off by default', { yaml: 'shaper: {}\n' }, /switched off/],
    ['in a dry run', { flags: ['--dry-run'] }, /switched off/],
    ['where cake-autorate runs', { autorate: true }, /cake-autorate/],
    ['without SQM', { queue: 'none' }, /no section/],
  ];
for (const [what, { autorate = false, yaml, flags, queue }, reason] of refusals)
  t.test(`an order is refused ${what}, and nothing is written`, async (t) => {
    await using home = await startHome(queue === undefined ? {} : { queue });
    home.sim.setAutorate(autorate);
    await home.startAgent({ ...(yaml === undefined ? {} : { yaml }), ...(flags === undefined ? {} : { flags }) });
    await ready(home);
    await home.publish(ORDER, order(20_000_000));
    t.match(await home.until('/shaper/state', (state) => state['refused'] !== null), { refused: reason });
    t.same(home.sim.writes(), []);
  });

t.test('a retained order and a broken one are ignored', async (t) => {
  await using home = await startHome();
  await home.publish(ORDER, order(20_000_000), true);
  const agent = await home.startAgent();
  await ready(home);
  await home.publish(ORDER, { order_id: 'x', up_bps: 'fast' });
  await home.publish(ORDER, order(null, { order_id: 'end' }));
  await home.until('/throughput', ({ seq }) => Number(seq) >= 2);
  t.same(home.sim.writes(), []);
  t.match(agent.log(), /a message was ignored/);
});

t.test('if the original cannot be stored, the rate is not written, and that is told', async (t) => {
  await using home = await startHome();
  await home.startAgent({ yaml: 'shaper: { enabled: true, state_file: /dev/null/shaper.json }\n' });
  await home.until('/link');
  await home.publish(ORDER, order(20_000_000));
  t.match(await home.until('/shaper/state', (state) => String(state['refused']).includes('cannot')), { order_id: null });
  t.same(home.sim.writes(), []);
});
