// A server that is away for a day: what was done meanwhile arrives afterwards, the latest values only, once.
import { sql } from 'kysely';
import t from 'tap';
import { until } from '../../../deploy/test/end-to-end/fixtures/until.ts';
import { openInProcessHome } from './in-process-home.ts';

const DAY_MS = 86_400_000;
const FILMS = [0, 1, 2, 3, 4, 5, 6, 7].map((n) => `Film ${n}`);

t.test(
  'rows 267, 303: away for 24 h, longer than any number of tries: all of it is delivered, and nothing of what was overtaken',
  async (t) => {
    const home = await openInProcessHome(t, { servers: { attic: { version: '12.0.0' }, barn: { version: '10.11.11' } } });
    const [attic, barn] = [home.server('attic'), home.server('barn')];
    const running = await home.start();
    t.teardown(() => running.end());
    const anna = await attic.logIn('anna');
    await anna.call('POST', `/UserFavoriteItems/${attic.itemId('Film 0')}`);
    await until('both were compared', () => barn.has('anna', 'Film 0').favourite);

    await barn.sim.powerOff();
    for (const on of [true, false, true])
      for (const film of FILMS) await anna.call(on ? 'POST' : 'DELETE', `/UserPlayedItems/${attic.itemId(film)}`);
    for (const seconds of [600, 1_200, 1_800])
      await anna.call('POST', `/UserItems/${attic.itemId('Film 1')}/UserData`, { PlaybackPositionTicks: seconds * 10_000_000 });
    home.shift(DAY_MS);
    await anna.call('DELETE', `/UserFavoriteItems/${attic.itemId('Film 0')}`);
    const agreed = async (): Promise<boolean> => {
      const like = '%"favourite":{"value":false%';
      const { rows } = await running.transaction((tx) =>
        sql`select 1 from sync_registers where registers like ${like}`.execute(tx),
      );
      return rows.length === 1;
    };
    await until('all that was done is known', agreed);
    t.notOk(
      FILMS.some((film) => barn.has('anna', film).played),
      'nothing came until now',
    );

    barn.sim.forgetRequests();
    await barn.sim.powerOn();
    running.sync.lookNow('barn');
    await until(
      'all of it is there',
      () =>
        FILMS.every((film) => barn.has('anna', film).played) &&
        barn.has('anna', 'Film 1').positionTicks === 18_000_000_000 &&
        !barn.has('anna', 'Film 0').favourite,
      { mostMs: 30_000 },
    );
    const writes = barn.sim.requests().filter(({ method, path }) => method !== 'GET' && path.startsWith('/User'));
    t.equal(writes.length, FILMS.length, JSON.stringify(writes.map(({ method, path }) => [method, path])));
  },
);
