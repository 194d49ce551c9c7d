// A stop lets what is on its way come to its end: cut off, it could not be told from what somebody did there meanwhile.
import t from 'tap';
import { films, openInProcessHome, until } from './in-process-home.ts';

const FILMS = 60;
const names = Array.from({ length: FILMS }, (_, n) => `Film ${n}`);

t.test('what is being written when all stops is read back, and nothing else is begun', async (t) => {
  const options = { library: [films(FILMS)] };
  const home = await openInProcessHome(t, { servers: { attic: options, barn: options }, settings: { endsMs: 10_000 } });
  const running = await home.start();
  const [attic, barn] = [home.server('attic'), home.server('barn')];
  const anna = await attic.logIn('anna');
  const barnAsked = (method: string): readonly string[] =>
    barn.sim
      .requests()
      .flatMap((one) => (one.by === 'key' && one.method === method && /UserData$/.test(one.path) ? [one.path] : []));
  barn.sim.forgetRequests();
  const liking = Promise.all(
    names.map((name) => anna.call('POST', `/UserFavoriteItems/${attic.itemId(name)}?userId=${anna.id}`)),
  );
  await until('some are written', () => barnAsked('POST').length >= 1);
  await running.end();
  await liking;
  const written = barnAsked('POST').length;
  t.comment(`${written} of ${FILMS} were written`);
  const endedMs = home.clock.now();
  const again = await home.start();
  const kept = await again.db.selectFrom('sync_log').select('success').where('at_ms', '<=', endedMs).execute();
  t.equal(kept.length, written, 'read back and noted, each of them');
  await until('all of it is there', () => names.every((name) => barn.has('anna', name).favourite));
  await until('nothing is left', async () => (await again.db.selectFrom('sync_queue').select('id').execute()).length === 0);
});
