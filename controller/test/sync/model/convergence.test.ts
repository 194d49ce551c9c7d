// Random people on several servers, with faults of all kinds: in the end all servers agree, and nobody's last action is lost.
import t from 'tap';
import type { WatchState } from '../../../src/neighbours/watch-state.ts';
import { openModelHome } from './model-home.ts';
import { PEOPLE, PLAYED } from './model-servers.ts';
import { differences } from './oracle.ts';
import { haveWatched, holds, openFor, restlessness, roundsOf } from './run-model.ts';

// Four hundred more, on four and five servers: convergence-more-servers.test.ts; twelve thousand: convergence.soak.ts.
for (const { seed, servers, actions } of [{ seed: 1, servers: 3, actions: 600 }])
  t.test(`rows 253, 302, 303, 313–315: ${actions} random actions on ${servers} servers (seed ${seed})`, async (t) => {
    await using home = await openFor(servers);
    await holds(t, home, roundsOf(seed, actions));
    t.same(await restlessness(home, 1_000), []);
  });

t.test('servers that meet for the first time agree, and nobody loses what they had', async (t) => {
  const had = new Map<string, WatchState[]>();
  await using home = await openModelHome({
    ...{ count: 3, quickMs: 400 },
    before(servers) {
      haveWatched(servers, 4);
      for (const person of PEOPLE)
        for (const item of PLAYED)
          had.set(
            `${person} ${item}`,
            servers.map((server) => server.state(person, item)),
          );
    },
  });
  t.same(differences(home.servers, await home.agreed(), home.recorder), []);
  const [first] = home.servers;
  for (const person of PEOPLE)
    for (const item of PLAYED) {
      const states = had.get(`${person} ${item}`) ?? [];
      const now = first?.state(person, item);
      t.same(
        [now?.played, now?.favourite, now?.playCount],
        [
          states.some(({ played }) => played),
          states.some(({ favourite }) => favourite),
          Math.max(...states.map(({ playCount }) => playCount)),
        ],
      );
    }
  t.same(await restlessness(home, 500), []);
});
