// Playlists on three Jellyfins of three versions, by a controller that is killed now and then.
import t from 'tap';
import { type Api, logIn } from './fixtures/api.ts';
import { ADMIN_PASSWORD, type SimUser, type SyncedSim, startSyncHome } from './fixtures/sync-home.ts';
import { until } from './fixtures/until.ts';

const listsOf = ({ sim }: SyncedSim): readonly string[] => {
  const nameOf = (id: string): string => sim.items.find((item) => item.id === id)?.name ?? id;
  return sim
    .playlists()
    .map(({ name, itemIds }) => `${name}: ${itemIds.map(nameOf).join(' ')}`)
    .sort();
};

const listIdOn = ({ sim }: SyncedSim, name: string): string =>
  sim.playlists().find((list) => list.name === name)?.id ?? `no list ${name}`;

t.test('row 259: playlists made, added to, ordered and deleted on one server arrive on the two others', async (t) => {
  const home = await startSyncHome(t, {
    servers: { attic: { version: '12.0.0', webhookPlugin: false }, barn: { version: '10.11.11' }, cabin: { version: '10.10.7' } },
  });
  const [attic, barn, cabin] = home.servers;
  if (!attic || !barn || !cabin) return;
  const [atAttic, atBarn, atCabin] = await Promise.all([attic.logIn('anna'), barn.logIn('anna'), cabin.logIn('anna')]);
  let api: Api = await logIn({ httpUrl: home.httpUrl, adminPassword: ADMIN_PASSWORD });
  const look = async (): Promise<void> => {
    const { status, text } = await api.call('POST', '/api/playlists/look', {});
    if (status !== 200) throw new Error(text);
  };
  const areEverywhere = async (lists: readonly string[], servers: readonly SyncedSim[] = home.servers): Promise<void> => {
    const have = () => servers.map(listsOf);
    const are = async (): Promise<boolean> => {
      if (have().every((own) => own.join() === lists.join())) return true;
      await look();
      return false;
    };
    await until(`${lists.join()} everywhere`, are, { show: () => [have(), home.controller.lines().slice(-6)] });
  };
  const add = async (at: SyncedSim, user: SimUser, list: string, film: string): Promise<void> =>
    void (await user.call('POST', `/Playlists/${listIdOn(at, list)}/Items?ids=${at.itemId(film)}&userId=${user.id}`));

  await t.test('made', async (t) => {
    const body = { Name: 'Friday', Ids: [attic.itemId('Beta'), attic.itemId('Alpha')], UserId: atAttic.id, MediaType: 'Video' };
    await atAttic.call('POST', '/Playlists', { ...body, IsPublic: false });
    await areEverywhere(['Friday: Beta Alpha']);
    for (const { sim } of home.servers)
      t.equal(sim.playlists()[0]?.ownerId, sim.users.byName('anna')?.id, 'it is hers, and nobody else sees it');
  });

  await t.test('added to on two servers', async (t) => {
    await add(barn, atBarn, 'Friday', 'Gamma');
    await add(attic, atAttic, 'Friday', 'Delta');
    await look();
    const first = listsOf(attic);
    t.match(first[0], /^Friday: Beta Alpha (Gamma Delta|Delta Gamma)$/);
    await areEverywhere(first);
  });

  await t.test('ordered: where a key may not, it says that it needs a log-in', async (t) => {
    await atAttic.call('POST', `/Playlists/${listIdOn(attic, 'Friday')}/Items/${attic.itemId('Alpha')}/Move/0`);
    await areEverywhere(listsOf(attic), [attic, barn]);
    const { playlists } = await api.get<{
      playlists: readonly { name: string; servers: readonly { server: string; problem: string | null }[] }[];
    }>('/api/playlists');
    t.match(playlists, [{ name: 'Friday' }]);
    t.match(playlists[0]?.servers.find(({ server }) => server === 'cabin')?.problem, /needs a log-in/);
    await t.test('and with one it is done at once, and lists are renamed as well', async (t) => {
      for (const { name } of home.servers) {
        const given = await api.call('POST', '/api/log-ins', { server: name, name: 'anna', password: 'annapw' });
        t.equal(given.status, 200, given.text);
        t.notMatch(given.text, /token/i);
      }
      await areEverywhere(listsOf(attic));
      await atBarn.call('POST', `/Playlists/${listIdOn(barn, 'Friday')}`, { Name: 'Fri' });
      await areEverywhere([listsOf(attic)[0]?.replace('Friday', 'Fri') ?? '']);
      await atAttic.call('POST', `/Playlists/${listIdOn(attic, 'Fri')}`, { Name: 'Friday' });
      await areEverywhere(listsOf(attic));
    });
  });

  await t.test('killed at any moment: nothing is lost, nothing comes twice', async (t) => {
    const films = ['Delta', 'Beta', 'Gamma'];
    for (const [round, afterMs] of [5, 60, 150].entries()) {
      const body = { Name: `Round ${round}`, Ids: [attic.itemId(films[round] ?? '')], UserId: atAttic.id, MediaType: 'Video' };
      await atAttic.call('POST', '/Playlists', { ...body, IsPublic: false });
      await add(barn, atBarn, 'Friday', films[round] ?? '');
      const looking = look().catch(() => {});
      await new Promise((done) => setTimeout(done, afterMs));
      await home.controller.kill();
      await looking;
      await home.controller.start();
      api = await logIn({ httpUrl: home.httpUrl, adminPassword: ADMIN_PASSWORD });
    }
    await look();
    const friday = listsOf(attic).find((list) => list.startsWith('Friday')) ?? '';
    t.match(friday, /^Friday: Alpha .* Delta Beta Gamma$/);
    t.equal(friday.split(' ').length, 8);
    await areEverywhere([friday, 'Round 0: Delta', 'Round 1: Beta', 'Round 2: Gamma']);
  });

  await t.test('a user who logged in tells of what they do by their own socket', async (t) => {
    // It has no plugin, so no hook tells; and a look comes each minute.
    const isOnBarn = async (): Promise<boolean> => (await atBarn.state('Alpha'))['IsFavorite'] === true;
    await atAttic.call('POST', `/UserFavoriteItems/${attic.itemId('Alpha')}`);
    await until('it arrives', isOnBarn);
    await atAttic.call('DELETE', `/UserFavoriteItems/${attic.itemId('Alpha')}`);
    await until('it is taken back', async () => !(await isOnBarn()));
    t.pass();
  });

  await t.test('paused, nothing is done to them; resumed, they are looked at at once', async (t) => {
    await api.call('POST', '/api/sync/pause');
    const name = 'Round 2';
    const before = listsOf(attic);
    await add(barn, atBarn, name, 'Alpha');
    t.same(listsOf(attic), before);
    await api.call('POST', '/api/sync/resume');
    // A look comes each minute by itself.
    await until(
      'it is at the others',
      () => listsOf(attic).join() === listsOf(barn).join() && listsOf(attic).join() !== before.join(),
      {
        show: () => home.servers.map(listsOf),
      },
    );
    await atBarn.call('DELETE', `/Playlists/${listIdOn(barn, name)}/Items?entryIds=${barn.itemId('Alpha')}`);
    await areEverywhere(before);
  });

  await t.test('they are in an export, counted for alarms, and taken back with a range of time', async (t) => {
    const { text } = await api.call('GET', '/api/sync/export');
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
    const exported = lines.find(({ kind, name }) => kind === 'playlist' && name === 'Round 2');
    t.match(exported, { person: 'anna', deleted_at: null, entries: [{ name: 'Gamma' }] });
    t.same(
      ((exported?.['servers'] ?? []) as readonly { server: string; playlist_id: string }[])
        .map((one) => [one.server, one.playlist_id])
        .sort(),
      home.servers.map((server) => [server.name, listIdOn(server, 'Round 2')]).sort(),
    );
    const since = new Date().toISOString();
    await add(barn, atBarn, 'Round 2', 'Beta');
    const before = listsOf(attic);
    await areEverywhere(before.map((list) => (list === 'Round 2: Gamma' ? 'Round 2: Gamma Beta' : list)));
    const { body } = await api.call('POST', '/api/sync/undo', { since });
    t.match(body, { playlists: [{ username: 'anna', playlist: 'Round 2', entries: 1, kept: [] }] });
    await areEverywhere(before);
    const { text: metrics } = await api.call('GET', '/metrics');
    for (const state of ['needs_log_in', 'unclear', 'failing']) t.match(metrics, `headgate_sync_playlists{state="${state}"} 0`);
  });

  await t.test('deleted', async (t) => {
    for (const name of ['Friday', 'Round 0', 'Round 1']) await atCabin.call('DELETE', `/Items/${listIdOn(cabin, name)}`);
    await areEverywhere(['Round 2: Gamma']);
    t.pass();
  });

  await t.test('row 288: switched off, they are not touched', async (t) => {
    await home.controller.stop();
    await home.configure({ playlists: false });
    await add(attic, atAttic, 'Round 2', 'Delta');
    await home.controller.start();
    api = await logIn({ httpUrl: home.httpUrl, adminPassword: ADMIN_PASSWORD });
    t.equal((await api.call('GET', '/api/playlists')).status, 404);
    await atAttic.call('POST', `/UserFavoriteItems/${attic.itemId('Beta')}`);
    await until('all else goes on', async () => (await atBarn.state('Beta'))['IsFavorite'] === true);
    t.same([listsOf(attic), listsOf(barn)], [['Round 2: Gamma Delta'], ['Round 2: Gamma']]);
  });
});
