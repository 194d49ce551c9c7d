// Row 71, in a whole home of memory: an evening with pauses, a router that falls silent, and what a crash leaves untold.
import t from 'tap';
import { M, playing } from '../fixtures/decision-input.ts';
import { type MemoryHome, openMemoryHome } from '../fixtures/memory-home.ts';

const told = ({ events }: MemoryHome, ...types: readonly string[]): string[] =>
  events.map(({ type }) => type as string).filter((type) => types.includes(type));
const demand = (home: MemoryHome): string[] => told(home, 'high_demand_began', 'high_demand_ended');

t.test('row 71: an evening with pauses tells once that demand is high, and once that it is over', async (t) => {
  await using home = await openMemoryHome();
  await home.pass(20);
  const stream = (user: string, paused = false) =>
    playing(user, { nominalBps: 18 * M, paused, startedAt: home.clock.now(), lastCheckInAt: home.clock.now() });
  /** Both report each ten seconds, as players do. */
  const watch = async (seconds: number, ...paused: readonly string[]): Promise<void> => {
    for (let at = 0; at < seconds; at += 10) {
      home.play(stream('anna', paused.includes('anna')), stream('ben', paused.includes('ben')));
      await home.pass(10);
    }
  };
  await watch(120);
  t.same(demand(home), ['high_demand_began']);
  for (let pause = 0; pause < 4; pause += 1) {
    await watch(200, 'anna');
    await watch(120);
    await watch(300, 'anna', 'ben');
    await watch(60);
  }
  t.same(demand(home), ['high_demand_began']);
  home.play();
  await home.pass(420);
  t.same(demand(home), ['high_demand_began', 'high_demand_ended']);
  t.match(home.events.find(({ type }) => type === 'high_demand_ended')?.details, {
    streams: 0,
    viewers: 'nobody',
    peak_bps: 36 * M,
  });
});

t.test('a router that falls silent is told, and so is its return; the plan is told for itself', async (t) => {
  await using home = await openMemoryHome();
  await home.pass(60);
  await home.pass(90, null);
  t.same(told(home, 'router_stale', 'router_back', 'safe_plan'), ['router_stale', 'safe_plan']);
  await home.pass(30);
  t.same(told(home, 'router_stale', 'router_back'), ['router_stale', 'router_back']);
});
