// A kind that is switched on, and a server that is listened to, only after a while: what was done meanwhile joins, as at a first meeting.
import t from 'tap';
import { type InProcessOptions, openInProcessHome, type Running, until } from './in-process-home.ts';

const SERVERS = { attic: { version: '12.0.0' }, barn: { version: '10.11.11' } };
const OFF = { progress: true, watched: false, favourites: true, ratings: true };
const DATE = '2026-01-02T03:04:05.000Z';

t.test('a kind that is switched on later: nothing of what was done meanwhile is lost, on either side', async (t) => {
  const settings = { kinds: OFF };
  const home = await openInProcessHome(t, { servers: SERVERS, settings });
  const [attic, barn] = [home.server('attic'), home.server('barn')];
  const first = await home.start();
  const [there, here] = [await attic.logIn('anna'), await barn.logIn('anna')];
  await there.call('POST', `/UserPlayedItems/${attic.itemId('Film 0')}?datePlayed=${DATE}`);
  await there.call('POST', `/UserFavoriteItems/${attic.itemId('Film 0')}`);
  await here.call('POST', `/UserPlayedItems/${barn.itemId('Film 1')}`);
  await here.call('POST', `/UserPlayedItems/${barn.itemId('Film 2')}?datePlayed=${DATE}`);
  await there.call('POST', `/UserPlayedItems/${attic.itemId('Film 2')}?datePlayed=${DATE}`);
  await there.call('POST', `/UserPlayedItems/${attic.itemId('Film 2')}?datePlayed=${DATE}`);
  await until('the favourite', () => barn.has('anna', 'Film 0').favourite);
  t.notOk(barn.has('anna', 'Film 0').played);
  await there.call('DELETE', `/UserFavoriteItems/${attic.itemId('Film 0')}`);
  await until('no favourite any more', () => !barn.has('anna', 'Film 0').favourite);
  await first.end();

  Object.assign(settings, { kinds: { ...OFF, watched: true } });
  const second = await home.start();
  await until('attic has what barn had', () => attic.has('anna', 'Film 1').played);
  await until('barn has what attic had', () => barn.has('anna', 'Film 0').played);
  await until('the higher count', () => barn.has('anna', 'Film 2').playCount === 2);
  t.match(attic.has('anna', 'Film 2'), { played: true, playCount: 2 });
  t.notOk(attic.has('anna', 'Film 0').favourite || barn.has('anna', 'Film 0').favourite, 'what was agreed of the rest stays');
  await there.call('DELETE', `/UserPlayedItems/${attic.itemId('Film 0')}`);
  await until('and is taken back as ever', () => !barn.has('anna', 'Film 0').played);
  const met = (running: Running) => running.db.selectFrom('sync_alignments').selectAll().orderBy('user_id').execute();
  const before = await met(second);
  await second.end();

  const third = await home.start();
  t.same(await met(third), before, 'with the same settings nobody is met again');
  t.notOk(barn.has('anna', 'Film 0').played);
});

t.test('a server that was only written to, and is listened to later: what it had all along joins', async (t) => {
  const directions: Record<string, 'both' | 'target'> = { barn: 'target' };
  const options: InProcessOptions = { servers: SERVERS, directions };
  const home = await openInProcessHome(t, options);
  const [attic, barn] = [home.server('attic'), home.server('barn')];
  const first = await home.start();
  const here = await barn.logIn('anna');
  await here.call('POST', `/UserFavoriteItems/${barn.itemId('Film 3')}`);
  await barn.sim.webhooks.settled();
  await first.sync.compareWhole('barn', AbortSignal.timeout(10_000));
  t.notOk(attic.has('anna', 'Film 3').favourite);
  await first.end();
  directions['barn'] = 'both';
  await home.start();
  await until('attic has it', () => attic.has('anna', 'Film 3').favourite);
  t.ok(barn.has('anna', 'Film 3').favourite);
});
