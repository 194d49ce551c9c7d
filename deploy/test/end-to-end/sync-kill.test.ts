// SIGKILL of the controller while somebody acts, with hooks on their way, in the inbox, and in mid-delivery: nothing is lost, nothing comes twice.
import { setTimeout as wait } from 'node:timers/promises';
import t from 'tap';
import { seededRandom } from '../../../controller/test/fixtures/seeded-random.ts';
import { FILMS, startSyncHome } from './fixtures/sync-home.ts';
import { until } from './fixtures/until.ts';

const KILLS = 5;
const SEED = 408_944;

t.test(`rows 266, 313: ${KILLS} kills among random actions (seed ${SEED})`, async (t) => {
  const random = seededRandom(SEED);
  const pick = <Value>(values: readonly Value[]): Value => values[Math.floor(random() * values.length)] as Value;
  const home = await startSyncHome(t, { servers: { attic: { version: '12.0.0' }, barn: { version: '10.11.11' } } });
  const users = await Promise.all(home.servers.map(async (server) => ({ server, user: await server.logIn('anna') })));
  const act = async (): Promise<void> => {
    const { server, user } = pick(users);
    const item = server.itemId(pick(FILMS));
    const doing = pick<readonly ['POST' | 'DELETE', string]>([
      ['POST', `/UserFavoriteItems/${item}`],
      ['DELETE', `/UserFavoriteItems/${item}`],
      ['POST', `/UserPlayedItems/${item}`],
      ['DELETE', `/UserPlayedItems/${item}`],
      ['POST', `/UserItems/${item}/Rating?likes=true`],
      ['DELETE', `/UserItems/${item}/Rating`],
    ]);
    await user.call(...doing);
  };
  const states = async (): Promise<readonly unknown[]> =>
    await Promise.all(
      users.map(async ({ user }) =>
        Promise.all(
          FILMS.map(async (film) => {
            const { Played, PlayCount, IsFavorite, Rating = null, PlaybackPositionTicks } = await user.state(film);
            return { film, Played, PlayCount, IsFavorite, Rating, PlaybackPositionTicks };
          }),
        ),
      ),
    );
  for (let kill = 0; kill < KILLS; kill += 1) {
    for (let n = 0; n < 6; n += 1) {
      await act();
      await wait(random() * 40);
    }
    await home.controller.kill();
    await act();
    await home.controller.start();
  }
  const equal = async (): Promise<boolean> => {
    const [one, other] = await states();
    return JSON.stringify(one) === JSON.stringify(other);
  };
  await until('both are the same', equal, { mostMs: 30_000, show: () => home.controller.lines().slice(-5) });
  const before = home.servers.map(({ sim }) => sim.requests().length);
  const settled = await states();
  await wait(2_000);
  t.same(await states(), settled, 'and stay so');
  const writes = home.servers.map(({ sim }, i) =>
    sim
      .requests()
      .slice(before[i])
      .filter(({ method, path }) => method !== 'GET' && path.startsWith('/User')),
  );
  t.same(writes, [[], []], 'nothing more is written');
});
