// A server that answers, but with nothing of use to anybody: a locked database, a proxy's own page. No item is to blame for it.
import t from 'tap';
import { until } from '../../../deploy/test/end-to-end/fixtures/until.ts';
import { openInProcessHome, type Running } from './in-process-home.ts';

const SERVERS = { attic: { version: '12.0.0' }, barn: { version: '10.11.11' } };
const SETTINGS = { maxRetries: 0, retryDelayMs: 50 };
const FILMS = ['Film 0', 'Film 1', 'Film 2'];

const queued = (running: Running) => running.transaction((tx) => tx.selectFrom('sync_queue').selectAll().execute());

for (const answer of [500, 404, 403])
  t.test(
    `row 267: a server that answers everything with ${answer} is away: no try is counted, nothing is set aside, all arrives afterwards`,
    async (t) => {
      const home = await openInProcessHome(t, { servers: SERVERS, settings: SETTINGS });
      const [attic, barn] = [home.server('attic'), home.server('barn')];
      const running = await home.start();
      const anna = await attic.logIn('anna');
      barn.sim.inject({ path: /./, by: 'key', times: 1_000_000, answer });
      for (const film of FILMS) await anna.call('POST', `/UserFavoriteItems/${attic.itemId(film)}`);
      await until('all wait', async () => (await queued(running)).length === FILMS.length);
      const tried = () => barn.sim.requests().some(({ path, status }) => path.startsWith('/UserItems') && status === answer);
      await until('it was tried', tried);
      await running.sync.compareWhole('barn', AbortSignal.timeout(10_000)).catch(() => {});
      const rows = await queued(running);
      t.same(
        rows.map(({ status, attempts, absent_tries: absent }) => [status, attempts, absent]),
        FILMS.map(() => ['pending', 0, 0]),
      );
      await until('nothing is on its way', () => running.sync.busy() === 0);
      barn.sim.clearFaults();
      running.sync.lookNow('barn');
      await until('all of it is there', () => FILMS.every((film) => barn.has('anna', film).favourite));
      await until('nothing waits', async () => (await queued(running)).length === 0);
      t.pass();
    },
  );

t.test('what was refused for the item itself is set aside, and tried again when everything is compared', async (t) => {
  const home = await openInProcessHome(t, { servers: SERVERS, settings: SETTINGS });
  const [attic, barn] = [home.server('attic'), home.server('barn')];
  const running = await home.start();
  const anna = await attic.logIn('anna');
  barn.sim.inject({ method: 'POST', path: /UserData$/, by: 'key', times: 1_000_000, answer: 500 });
  await anna.call('POST', `/UserFavoriteItems/${attic.itemId('Film 3')}`);
  await until('it is set aside', async () => (await queued(running)).some(({ status }) => status === 'failed'));
  t.match(await queued(running), [{ status: 'failed', attempts: 1, problem: /answered POST .* with 500$/ }]);
  barn.sim.clearFaults();
  await running.sync.compareWhole('barn', AbortSignal.timeout(10_000));
  await until('it is there', () => barn.has('anna', 'Film 3').favourite);
  await until('the dead letter is closed', async () => (await queued(running)).length === 0);
  t.pass();
});
