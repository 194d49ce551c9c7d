// Hooks of users who are left alone, or of whom nobody knows: each of them would ask for the whole list of users.
import t from 'tap';
import { openInProcessHome, until } from './in-process-home.ts';

t.test('many hooks of a skipped user ask for the list of users once', async (t) => {
  const users = [{ name: 'anna' }, { name: 'kid' }];
  const home = await openInProcessHome(t, {
    servers: { attic: { version: '12.0.0', users }, barn: { version: '10.11.11', users } },
    skipped: ['kid'],
    quickMs: 3_600_000,
  });
  const [attic, barn] = [home.server('attic'), home.server('barn')];
  await home.start();
  const [anna, kid] = [await attic.logIn('anna'), await attic.logIn('kid')];
  attic.sim.forgetRequests();
  for (let n = 0; n < 20; n += 1)
    await kid.call(n % 2 === 0 ? 'POST' : 'DELETE', `/UserFavoriteItems/${attic.itemId(`Film ${n % 8}`)}`);
  await attic.sim.webhooks.settled();
  await anna.call('POST', `/UserFavoriteItems/${attic.itemId('Film 0')}`);
  await until('what came after them', () => barn.has('anna', 'Film 0').favourite);
  const asked = attic.sim.requests().filter(({ method, path }) => method === 'GET' && path === '/Users');
  // Hooks of several items are worked on at once.
  t.ok(asked.length <= 8, `${asked.length} times`);
  t.notOk(barn.has('kid', 'Film 0').favourite);
});
