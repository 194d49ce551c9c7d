// Playlists of a simulated Jellyfin, word for word: long lists, what a rewrite costs, and by whom it is asked.
import t, { type Test } from 'tap';
import { type JellyfinSimulator, startJellyfinSimulator } from '../../../../deploy/demo/jellyfin/jellyfin-simulator.ts';
import type { JellyfinSync } from '../../../src/jellyfin/sync/open-jellyfin-sync.ts';
import type { ListUser } from '../../../src/neighbours/synced-playlists.ts';
import { type Asked, startRelay } from '../asked.ts';
import { unknownTo } from '../openapi.ts';
import { listUser, NEVER, openSync } from './open-sync.ts';

const FILMS = Array.from({ length: 250 }, (_, index) => ({ name: `Film ${String(index).padStart(3, '0')}` }));

type Home = {
  readonly sim: JellyfinSimulator;
  readonly sync: JellyfinSync;
  readonly asked: Asked[];
  byKey: ListUser;
  byToken: ListUser;
  ids: readonly string[];
};

const withHome = async (work: (home: Home) => Promise<void>): Promise<void> => {
  await using sim = await startJellyfinSimulator({ library: [{ name: 'Films', films: FILMS }], users: [{ name: 'anna' }] });
  await using relay = await startRelay(sim.url);
  await using sync = openSync({ url: relay.url, apiKey: sim.apiKey });
  const { token, userId } = await sync.logIns.byPassword({ name: 'anna', password: 'annapw' }, NEVER);
  const byToken = listUser(userId, { token });
  await work({ sim, sync, asked: relay.asked, byKey: listUser(userId), byToken, ids: sim.items.map(({ id }) => id) });
};

const itemsOf = async (sync: JellyfinSync, user: ListUser, list: string) =>
  (await sync.playlists.entries(user, list, NEVER)).map(({ itemId }) => itemId);
const knownToTheDocuments = (t: Test, asked: readonly Asked[]) => t.same([...new Set(asked.flatMap(unknownTo))], []);
const changing = (asked: readonly Asked[]) => asked.filter(({ method }) => method !== 'GET').map(({ method }) => method);

t.test('row 259: a long list is added to and taken from in pieces that fit an address', async (t) => {
  await withHome(async ({ sync, asked, byKey: user, ids }) => {
    const list = await sync.playlists.create(user, { name: 'Long', kind: 'video', itemIds: [] }, NEVER);
    asked.length = 0;
    await sync.playlists.rewrite(user, list, ids, NEVER);
    t.same(await itemsOf(sync, user, list), ids);
    t.same(changing(asked), ['POST', 'POST', 'POST']);
    asked.length = 0;
    await sync.playlists.rewrite(user, list, ids.slice(0, 10), NEVER);
    t.same(await itemsOf(sync, user, list), ids.slice(0, 10));
    t.same(changing(asked), ['DELETE', 'DELETE', 'DELETE']);
    t.ok(asked.every(({ query }) => JSON.stringify(query).length < 4000));
    knownToTheDocuments(t, asked);
  });
});

t.test(
  'with a token a rewrite is one call, in which the list is never half empty; what a key may do is done by key',
  async (t) => {
    await withHome(async ({ sim, sync, asked, byToken: user, ids }) => {
      const [a = '', b = '', c = ''] = ids;
      const list = await sync.playlists.create(user, { name: 'Friday', kind: 'video', itemIds: [a, b, c] }, NEVER);
      asked.length = 0;
      await sync.playlists.rewrite(user, list, [c, b, a], NEVER);
      await sync.playlists.rewrite(user, list, [c, b, a], NEVER);
      t.same(changing(asked), ['POST']);
      t.same(asked.find(({ method }) => method === 'POST')?.body, { Ids: [c, b, a] });
      await sync.playlists.rename(user, list, 'Saturday', NEVER);
      await sync.playlists.delete(user, list, NEVER);
      t.ok(asked.find(({ method }) => method === 'DELETE')?.authorization.includes(sim.apiKey));
      t.ok(asked.every(({ query }) => !JSON.stringify(query).includes(user.token ?? 'none')));
      knownToTheDocuments(t, asked);
    });
  },
);
