// Twelve thousand random actions with a seed of their own, on three to five servers: `npm run soak`.
import t from 'tap';
import { freshSeed } from '../../fixtures/seeded-random.ts';
import { holds, openFor, restlessness, roundsOf } from './run-model.ts';

const HOMES = 20;
const ACTIONS = 600;

const first = freshSeed();
t.comment(`seed ${first}`);
for (let n = 0; n < HOMES; n += 1) {
  const [seed, servers] = [first + n, 3 + (n % 3)];
  t.test(`${ACTIONS} random actions on ${servers} servers (seed ${seed})`, async (t) => {
    await using home = await openFor(servers);
    await holds(t, home, roundsOf(seed, ACTIONS));
    t.same(await restlessness(home, 3_000), []);
  });
}
