// An item that a server shows to some of its users only: who may not see it waits, and nobody else.
import t from 'tap';
import { openInProcessHome, until } from './in-process-home.ts';

t.test('an item that is kept from one user stays known for the others, and is brought when it is shown', async (t) => {
  const users = [{ name: 'anna' }, { name: 'kid' }];
  const home = await openInProcessHome(t, {
    servers: { attic: { version: '12.0.0', users }, barn: { version: '10.11.11', users } },
    quickMs: 3_600_000,
  });
  const [attic, barn] = [home.server('attic'), home.server('barn')];
  const running = await home.start();
  const kid = barn.sim.users.byName('kid');
  if (!kid) throw new Error('no kid');
  const open = kid.policy;
  barn.sim.users.setPolicy(kid, { ...open, EnableAllFolders: false, EnabledFolders: [] });
  const [annasClient, kidsClient] = [await attic.logIn('anna'), await attic.logIn('kid')];
  await kidsClient.call('POST', `/UserFavoriteItems/${attic.itemId('Film 0')}`);
  const queued = () => running.db.selectFrom('sync_queue').selectAll().execute();
  await until('it waits', async () => (await queued()).some(({ status }) => status === 'waiting'));
  t.match(await queued(), [{ problem: 'barn does not show it to kid', absent_tries: 1 }]);
  await annasClient.call('POST', `/UserFavoriteItems/${attic.itemId('Film 0')}`);
  await until('anna has it', () => barn.has('anna', 'Film 0').favourite);
  barn.sim.users.setPolicy(kid, open);
  home.shift(61_000);
  running.sync.lookNow('barn');
  await until('kid has it', () => barn.has('kid', 'Film 0').favourite);
});
