// The controller as a process, over its API: users made on three servers of three versions while it is killed, and losses that wait for an answer.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { call, logIn } from './fixtures/api.ts';
import { ADMIN_PASSWORD, FILMS, filmsOf, startSyncHome } from './fixtures/sync-home.ts';
import { until } from './fixtures/until.ts';

type Users = {
  readonly confirmed_at: string | null;
  readonly confirmed_by: string | null;
  readonly made: readonly { readonly server: string; readonly status: string; readonly has_password: boolean }[];
};
type Alignment = { readonly users: readonly { readonly username: string; readonly met_at: string | null }[] };
type Holds = readonly { readonly id: number; readonly status: string; readonly items: number }[];

const library = [{ ...filmsOf('all'), name: 'Films' }];

t.test('users and holds over the API, with a kill in between', async (t) => {
  const home = await startSyncHome(t, {
    servers: {
      attic: { version: '12.0.0', library },
      barn: { version: '10.11.11', library },
      cabin: { version: '10.10.7', library },
    },
    sync: {
      users: true,
      skip_users: ['admin'],
      servers: ['attic', 'barn', 'cabin'].map((name) => ({ name, passwordless: name === 'cabin' })),
      guard: { losses: 1, percent: 0 },
    },
  });
  const { httpUrl, controller } = home;
  const [attic, barn, cabin] = ['attic', 'barn', 'cabin'].map(home.server);
  if (!attic || !barn || !cabin) return;
  const api = await logIn({ httpUrl, adminPassword: ADMIN_PASSWORD });
  const users = () => api.get<Users>('/api/sync/users');

  await t.test('nothing of it without a log-in, and changing nothing with a token that may only read', async (t) => {
    const routes = [
      ['GET', '/api/sync/users', true],
      ['GET', '/api/sync/users/password?server=barn&person=carla', false],
      ['POST', '/api/sync/users/confirm', false],
      ['POST', '/api/sync/users/departures/1/confirm', false],
      ['POST', '/api/sync/users/departures/1/discard', false],
      ['GET', '/api/holds', true],
      ['POST', '/api/holds/1/release', false],
      ['POST', '/api/holds/1/discard', false],
    ] as const;
    const made = (await api.call('POST', '/api/tokens', { name: 'reader', scope: 'read' })).body as { token: string };
    const headers = { authorization: `Bearer ${made.token}` };
    for (const [method, path, mayRead] of routes) {
      t.equal((await call(`${httpUrl}${path}`, method)).status, 401, `${method} ${path} by nobody`);
      t.equal(
        (await call(`${httpUrl}${path}`, method, { headers })).status,
        mayRead ? 200 : 403,
        `${method} ${path} by a reader`,
      );
    }
    t.equal((await api.call('POST', '/api/holds/77/release')).status, 404);
    t.equal((await api.call('POST', '/api/holds/none/release')).status, 400);
    t.equal((await api.call('POST', '/api/sync/users/departures/9/confirm')).status, 404);
  });

  let password = '';
  await t.test(
    'rows 260, 263: killed while it makes a user, it ends in one, whose password is shown once and stands nowhere',
    async (t) => {
      barn.sim.inject({ method: 'POST', path: /Policy$/, times: 50, answer: 'hang', by: 'key' });
      attic.sim.users.add('carla', 'carlapw', { MaxParentalRating: 12 });
      t.match(await users(), { confirmed_at: null, made: [] });
      t.match((await api.call('POST', '/api/sync/users/confirm')).body, { confirmed_by: 'administrator' });
      await until('barn has her, half made', () => barn.sim.users.byName('carla') !== null, {
        show: () => controller.lines().slice(-5),
      });
      await controller.kill();
      barn.sim.clearFaults();
      t.equal(barn.sim.users.byName('carla')?.policy['EnableAllFolders'], true);
      await controller.start();
      const again = await logIn({ httpUrl, adminPassword: ADMIN_PASSWORD });
      const all = async () => (await again.get<Users>('/api/sync/users')).made;
      await until('she is made on both', async () => (await all()).filter(({ status }) => status === 'made').length === 2, {
        mostMs: 30_000,
      });
      t.match(barn.sim.users.byName('carla')?.policy, {
        MaxParentalRating: 12,
        EnableAllFolders: false,
        IsDisabled: false,
        IsAdministrator: false,
      });
      t.match(cabin.sim.users.byName('carla'), { password: '', policy: { MaxParentalRating: 12, EnableAllFolders: false } });
      t.same(
        [attic, barn, cabin].map(({ sim }) => sim.users.list().filter(({ name }) => name.toLowerCase() === 'carla').length),
        [1, 1, 1],
      );
      t.match((await all()).map(({ server, has_password: has }) => [server, has]).sort(), [
        ['barn', true],
        ['cabin', false],
      ]);

      const path = '/api/sync/users/password?server=barn&person=carla';
      t.equal((await call(`${httpUrl}${path}`, 'HEAD', { headers: { cookie: '' } })).status, 401);
      t.equal((await again.call('HEAD', path)).status, 400, 'a look at it takes nothing away');
      const first = await again.call('GET', path);
      password = (first.body as { password: string }).password;
      t.equal(password, barn.sim.users.byName('carla')?.password);
      t.equal((await again.call('GET', path)).status, 404, 'once');
      t.equal((await again.call('GET', '/api/sync/users/password?server=cabin&person=carla')).status, 404, 'none');
    },
  );

  await t.test('row 283: the password is in no log line and no file of the data folder', async (t) => {
    t.equal(password.length, 16);
    t.notOk(JSON.stringify(controller.lines()).includes(password));
    const names = await readdir(home.dataFolder, { recursive: true, withFileTypes: true });
    const files = names.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name));
    for (const file of files) t.notOk((await readFile(file)).includes(password), file);
  });

  await t.test(
    'row 261: who is deleted on one server waits for a person; confirmed for seven days; discarded, she is made there again',
    async (t) => {
      const again = await logIn({ httpUrl, adminPassword: ADMIN_PASSWORD });
      type Departures = { readonly departures: readonly { readonly id: number; readonly gone_at: string }[] };
      const departures = async () => (await again.get<Departures>('/api/sync/users')).departures;
      // Not by its log: what was compared just before the kill may have had no line yet.
      const met = async () =>
        (await again.get<Alignment>('/api/sync/alignment')).users.filter(
          ({ username, met_at: at }) => username === 'carla' && at !== null,
        );
      await until('all three are known', async () => (await met()).length === 3, { show: () => controller.lines().slice(-5) });
      attic.sim.users.remove(attic.sim.users.byName('carla')?.id ?? '');
      await until('she waits', async () => (await departures()).length === 1);
      const [gone] = await departures();
      const confirmed = await again.call('POST', `/api/sync/users/departures/${gone?.id}/confirm`);
      const [row] = (confirmed.body as { departures: readonly Record<string, string>[] }).departures;
      t.match(row, { person: 'carla', server: 'attic', status: 'pending' });
      t.equal(Date.parse(row?.['deleted_elsewhere_from'] ?? '') - Date.parse(row?.['gone_at'] ?? ''), 7 * 86_400_000);
      t.equal((await again.call('POST', `/api/sync/users/departures/${gone?.id}/discard`)).status, 200);
      await until('she is there again', () => attic.sim.users.byName('carla') !== null);
      t.ok(barn.sim.users.byName('carla') !== null && cabin.sim.users.byName('carla') !== null);
      t.equal((await again.call('POST', `/api/sync/users/departures/${gone?.id}/discard`)).status, 404);
    },
  );

  await t.test('losses beyond the limit are held, and count when they are released', async (t) => {
    const again = await logIn({ httpUrl, adminPassword: ADMIN_PASSWORD });
    const [atAttic, atCabin] = [await attic.logIn('anna'), await cabin.logIn('anna')];
    for (const film of FILMS) await atAttic.call('POST', `/UserFavoriteItems/${attic.itemId(film)}`);
    const at = (where: typeof attic) => FILMS.filter((film) => where.sim.watched('anna', where.itemId(film)).favourite).length;
    await until('they are favourites everywhere', () => at(barn) === FILMS.length && at(cabin) === FILMS.length);
    for (const film of FILMS) await atCabin.call('DELETE', `/UserFavoriteItems/${cabin.itemId(film)}`);
    const open = () => again.get<Holds>('/api/holds');
    await until('the rest is held', async () => (await open())[0]?.items === FILMS.length - 1);
    await until('one went on', () => at(attic) === FILMS.length - 1 && at(barn) === FILMS.length - 1);
    const [hold] = await open();
    t.match(hold, { server: 'cabin', person: 'anna', reason: 'losses', status: 'open' });
    await until('the status shows it', async () => (await again.get<{ held_events: number }>('/api/queue')).held_events === 3);
    t.equal((await again.call('POST', `/api/holds/${hold?.id}/release`)).status, 200);
    await until('and then all of them', () => at(attic) === 0 && at(barn) === 0);
    t.equal((await again.call('POST', `/api/holds/${hold?.id}/release`)).status, 409);
    t.same(await open(), []);
    t.match(await again.get<Holds>('/api/holds?status=all'), [{ id: hold?.id, status: 'released', items: 0 }]);
  });
});
