// Random people on several servers, with faults of all kinds: in the end all servers agree, and nobody's last action is lost.
import t from 'tap';
import { faultsOf, openFor, restlessness, roundsOf, runRound } from './run-model.ts';

for (const { seed, servers, actions } of [
  { seed: 1, servers: 3, actions: 500 },
  { seed: 2, servers: 4, actions: 300 },
  { seed: 3, servers: 5, actions: 200 },
])
  t.test(`rows 253, 303: ${actions} random actions on ${servers} servers (seed ${seed})`, async (t) => {
    await using home = await openFor(servers);
    for (const round of roundsOf(seed, actions)) {
      const { problems, ...counted } = await runRound(home, round);
      t.same(problems, [], `round ${round.seed}: ${faultsOf(round.faults)}`);
      t.comment(JSON.stringify(counted));
      if (problems.length > 0) return;
    }
    t.same(await restlessness(home, 1_000), []);
  });
