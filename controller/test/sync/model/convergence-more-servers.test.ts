// Random people on four and five servers, with faults of all kinds: as convergence.test.ts, which has three.
import t from 'tap';
import { holds, openFor, restlessness, roundsOf } from './run-model.ts';

for (const { seed, servers, actions } of [
  { seed: 2, servers: 4, actions: 200 },
  { seed: 3, servers: 5, actions: 200 },
])
  t.test(`rows 253, 302, 303, 313–315: ${actions} random actions on ${servers} servers (seed ${seed})`, async (t) => {
    await using home = await openFor(servers);
    await holds(t, home, roundsOf(seed, actions));
    t.same(await restlessness(home, 1_000), []);
  });
