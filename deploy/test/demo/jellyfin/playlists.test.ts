// Playlists: what an owner may, what a key may in a user's name, by version, and who sees whose.
import t from 'tap';
import { type JellyfinSimulator, startJellyfinSimulator } from '../../../demo/jellyfin/jellyfin-simulator.ts';
import { ask, logIn } from './authorized-fetch.ts';
import { recordedLibrary } from './hook-receiver.ts';

const find = (sim: JellyfinSimulator, name: string) => sim.items.find((item) => item.name === name)?.id ?? '';

async function openList(version: string) {
  const sim = await startJellyfinSimulator({ version, library: recordedLibrary, users: [{ name: 'anna' }, { name: 'ben' }] });
  const [anna, ben] = [sim.users.byName('anna')?.id ?? '', sim.users.byName('ben')?.id ?? ''];
  const [long, big, small] = [find(sim, 'Long Film'), find(sim, 'Big Test Movie'), find(sim, 'Small Movie')];
  const call = async (method: string, path: string, token: string, body?: unknown) => ask(sim.url + path, method, token, body);
  const made = await call('POST', '/Playlists', sim.apiKey, {
    Name: 'Friday',
    Ids: [long, big],
    UserId: anna,
    MediaType: 'Video',
  });
  const id = (made.json as { Id: string }).Id;
  const stored = () => sim.playlists().find((playlist) => playlist.id === id);
  return { sim, anna, ben, long, big, small, call, id, stored };
}

for (const [version, removes, shows, places] of [
  ['12.0.0', 204, 200, true],
  ['10.11.11', 204, 200, false],
  ['10.10.7', 400, 200, false],
  ['10.9.11', 400, 405, false],
] as const)
  t.test(`${version}: a key creates, adds and lists in a user’s name; only the owner shows, renames and moves`, async (t) => {
    const { sim, anna, long, big, small, call, id, stored } = await openList(version);
    t.teardown(() => sim[Symbol.asyncDispose]());
    const [key, own] = [sim.apiKey, await logIn(sim.url, 'anna')];
    const status = async (method: string, path: string, token: string, body?: unknown) =>
      (await call(method, path, token, body)).status;
    t.equal(await status('POST', `/Playlists/${id}/Items?ids=${small}&userId=${anna}&position=0`, key), 204);
    t.same(stored()?.itemIds, places ? [small, long, big] : [long, big, small]);
    t.equal(await status('POST', `/Playlists/${id}/Items?ids=${small}`, key), 400);
    const listed = (await call('GET', `/Playlists/${id}/Items?userId=${anna}&fields=Path&startIndex=1&limit=1`, key)).json;
    t.match(listed, { TotalRecordCount: 3, StartIndex: 1, Items: [{ Path: /\.mkv$/, UserData: { Played: false } }] });
    const entry = (listed as { Items: { Id: string; PlaylistItemId: string }[] }).Items[0];
    t.equal(entry?.PlaylistItemId, entry?.Id);
    t.equal(await status('POST', `/Playlists/${id}`, key, { Name: 'x' }), 400);
    t.equal(await status('POST', `/Playlists/${id}/Items/${big}/Move/0`, key), 400);
    t.equal(await status('GET', `/Playlists/${id}/Users`, key), 400);
    t.equal(await status('POST', `/Playlists/${id}/Items/${big}/Move/0`, own), 204);
    t.equal(stored()?.itemIds[0], big);
    t.equal(await status('POST', `/Playlists/${id}`, own, { Name: 'Saturday' }), 204);
    t.equal(stored()?.name, 'Saturday');
    t.equal(await status('GET', `/Playlists/${id}`, own), shows);
    t.equal(await status('DELETE', `/Playlists/${id}/Items?entryIds=${long}`, key), removes);
    t.equal(stored()?.itemIds.includes(long), removes === 400);
    t.equal(await status('DELETE', `/Playlists/${id}/Items?entryIds=${small},${big}`, own), 204);
    t.equal(await status('DELETE', `/Items/${id}`, key), 204);
    t.equal(stored(), undefined);
  });

t.test('an item twice goes twice, a season stands for its episodes, what is gone from the library is a hole', async (t) => {
  const { sim, anna, long, big, call, id, stored } = await openList('12.0.0');
  t.teardown(() => sim[Symbol.asyncDispose]());
  await call('POST', `/Playlists/${id}/Items?ids=${long},${'0'.repeat(31)}1,${find(sim, 'Season 1')}&userId=${anna}`, sim.apiKey);
  t.equal(stored()?.itemIds.length, 6);
  await call('DELETE', `/Playlists/${id}/Items?entryIds=${long}`, sim.apiKey);
  t.equal(stored()?.itemIds.length, 4);
  sim.removeItem(big);
  const listed = (await call('GET', `/Playlists/${id}/Items?userId=${anna}`, sim.apiKey)).json;
  t.match(listed, { TotalRecordCount: 3 });
  sim.editPolicy('anna', { EnableAllFolders: false, EnabledFolders: [sim.items.find(({ type }) => type === 'Movie')?.parentId] });
  t.match(
    (await call('GET', `/Playlists/${id}/Items?userId=${anna}`, sim.apiKey)).json,
    { TotalRecordCount: 0 },
    'of a library that is closed',
  );
  await call('POST', `/Playlists/${id}/Items?ids=${find(sim, 'Episode 1 title')}&userId=${anna}`, sim.apiKey);
  t.equal(stored()?.itemIds.length, 4, 'nor is it added');
  const unknown = { Name: 'x', Ids: ['f'.repeat(32)], UserId: anna };
  t.equal((await call('POST', '/Playlists', sim.apiKey, unknown)).status, 400);
});

t.test(
  'an open list is everybody’s to see, a closed one its owner’s and of whom it is shared with; the owner’s go with the owner',
  async (t) => {
    const { sim, anna, ben, long, call, id, stored } = await openList('12.0.0');
    t.teardown(() => sim[Symbol.asyncDispose]());
    const [own, other] = [await logIn(sim.url, 'anna'), await logIn(sim.url, 'ben')];
    const names = async (user: string) => {
      const url = `/Items?recursive=true&includeItemTypes=Playlist&userId=${user}&fields=Path,CanDelete`;
      return ((await call('GET', url, sim.apiKey)).json as { Items: { Name: string; CanDelete: boolean; Path: string }[] }).Items;
    };
    t.match(await names(anna), [{ Name: 'Friday', CanDelete: true, Path: '/config/data/playlists/Friday' }]);
    t.match(await names(ben), [{ Name: 'Friday', CanDelete: false }], 'only CanDelete tells whose it is');
    t.equal((await call('POST', `/Playlists/${id}/Items?ids=${long}`, other)).status, 403);
    t.equal((await call('DELETE', `/Items/${id}`, other)).status, 401);
    await call('POST', `/Playlists/${id}`, own, { IsPublic: false });
    t.same(await names(ben), []);
    t.equal((await call('GET', `/Playlists/${id}/Items`, other)).status, 404);
    t.equal((await call('POST', `/Playlists/${id}/Users/${ben}`, own, { CanEdit: true })).status, 204);
    t.same((await call('GET', `/Playlists/${id}/Users`, own)).json, [{ UserId: ben, CanEdit: true }]);
    t.equal((await call('POST', `/Playlists/${id}/Items?ids=${long}`, other)).status, 204);
    t.equal(stored()?.itemIds.length, 3);
    t.equal((await call('DELETE', `/Playlists/${id}/Users/${ben}`, own)).status, 204);
    t.equal((await call('POST', `/Playlists/${id}/Items?ids=${long}`, other)).status, 404);
    t.match((await call('GET', `/Items/${id}?userId=${anna}`, sim.apiKey)).json, { Type: 'Playlist', ChildCount: 3 });
    await call('DELETE', `/Users/${anna}`, sim.apiKey);
    t.same(sim.playlists(), []);
  },
);
