// Items that are called otherwise than when the last run ended: what is agreed of them goes on.
import t from 'tap';
import { until } from '../../../deploy/test/end-to-end/fixtures/until.ts';
import { openInProcessHome, type Running } from './in-process-home.ts';

t.test('a run that ended before a renaming was kept, as at a power loss: what was agreed is found, and brought', async (t) => {
  const home = await openInProcessHome(t, { servers: { attic: { version: '12.0.0' }, barn: { version: '10.11.11' } } });
  const [attic, barn] = [home.server('attic'), home.server('barn')];
  const first = await home.start();
  const anna = await attic.logIn('anna');
  for (const film of ['Film 0', 'Film 1']) await anna.call('POST', `/UserFavoriteItems/${attic.itemId(film)}`);
  await until('barn has both', () => ['Film 0', 'Film 1'].every((film) => barn.has('anna', film).favourite));
  const queue = async ({ db }: Running) => await db.selectFrom('sync_queue').select(['identity']).execute();
  await until('all is read back', async () => (await queue(first)).length === 0 && first.sync.busy() === 0);
  // As if they had been known by their paths until the index learnt more, a moment before.
  const pathOf = (film: string): string => `movie path:${attic.sim.items.find(({ name }) => name === film)?.path}`;
  const identities = async ({ db }: Running): Promise<readonly string[]> =>
    (await db.selectFrom('sync_registers').select('identity').orderBy('identity').execute()).map(({ identity }) => identity);
  const named = await identities(first);
  t.same(named, ['movie tmdb:1000', 'movie tmdb:1001']);
  for (const [film, name] of [
    ['Film 0', 'movie tmdb:1000'],
    ['Film 1', 'movie tmdb:1001'],
  ] as const)
    await first.db
      .updateTable('sync_registers')
      .set({ identity: pathOf(film) })
      .where('identity', '=', name)
      .execute();
  await first.end();
  // Taken back there meanwhile: it must be known as the same film to be brought.
  const atBarn = await barn.logIn('anna');
  await atBarn.call('DELETE', `/UserFavoriteItems/${barn.itemId('Film 1')}`);

  const second = await home.start();
  await until('they have their names', async () => (await identities(second)).join() === named.join());
  await until('what was taken back is, everywhere', () => !attic.has('anna', 'Film 1').favourite);
  t.ok(attic.has('anna', 'Film 0').favourite && barn.has('anna', 'Film 0').favourite);
});
