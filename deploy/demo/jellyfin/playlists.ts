// Playlists: who may see and change them, and entries that are known by their item's id only (facts/jellyfin.md §4, §10).
import { json, noContent, refusals } from './answer.ts';
import { newId, parseId, ticksPerMs } from './identity.ts';
import { type Dto, itemDto } from './item-dto.ts';
import type { Library } from './library.ts';
import { bodyOf, type Exchange, type Route } from './route-table.ts';
import type { Users } from './users.ts';

type Playlist = { readonly id: string; readonly ownerId: string; name: string; itemIds: string[] };

export type PlaylistsNeed = { readonly library: Library; readonly users: Users; readonly serverId: string };

export type Playlists = {
  readonly routes: readonly Route[];
  /** For GET /Items with includeItemTypes=Playlist. */
  list(userId: string | null): Dto[];
  /** Of GET /Items with a playlist for parent; null where it is none. */
  itemIds(id: string): readonly string[] | null;
  /** DELETE /Items/{id}: false where there is no such playlist. */
  remove(id: string | null): boolean;
};

type Store = {
  readonly need: PlaylistsNeed;
  readonly playlists: Map<string, Playlist>;
  find(exchange: Exchange): Playlist;
  /** A key is not a user: what is done in a user's name needs userId, or that user's token. */
  asUser(exchange: Exchange, id?: string | null): string;
  owned(exchange: Exchange, id?: string | null): Playlist;
  known(ids: readonly unknown[]): string[];
};

function openStore(need: PlaylistsNeed): Store {
  const playlists = new Map<string, Playlist>();
  const store: Store = {
    need,
    playlists,
    find(exchange) {
      const playlist = playlists.get(parseId(exchange.params['id']) ?? '');
      if (!playlist) throw refusals.notFound();
      return playlist;
    },
    asUser(exchange, id = null) {
      const user = id === null ? exchange.caller.user : need.users.byId(parseId(id));
      if (!user) throw refusals.processing(400);
      return user.id;
    },
    owned(exchange, id = null) {
      const userId = store.asUser(exchange, id);
      const playlist = store.find(exchange);
      if (playlist.ownerId !== userId) throw refusals.forbidden();
      return playlist;
    },
    known: (ids) => ids.flatMap((id) => need.library.byId(parseId(typeof id === 'string' ? id : null))?.id ?? []),
  };
  return store;
}

const route = (method: string, path: string, handle: Route['handle']): Route => ({ method, path, access: 'user', handle });

function listRoutes(store: Store): Route[] {
  return [
    route('POST', '/Playlists', (exchange) => {
      const body = bodyOf(exchange);
      const ownerId = store.asUser(exchange, typeof body['UserId'] === 'string' ? body['UserId'] : null);
      const itemIds = store.known(Array.isArray(body['Ids']) ? body['Ids'] : []);
      // A name that is taken is no obstacle.
      const playlist: Playlist = { id: newId(), ownerId, name: String(body['Name'] ?? ''), itemIds };
      store.playlists.set(playlist.id, playlist);
      return json({ Id: playlist.id });
    }),
    route('GET', '/Playlists/{id}', (exchange) => json({ OpenAccess: true, Shares: [], ItemIds: store.owned(exchange).itemIds })),
    route('POST', '/Playlists/{id}', (exchange) => {
      const playlist = store.owned(exchange);
      const { Name: name, Ids: ids } = bodyOf(exchange) as { readonly Name?: unknown; readonly Ids?: unknown };
      if (typeof name === 'string') playlist.name = name;
      if (Array.isArray(ids)) playlist.itemIds = store.known(ids);
      return noContent;
    }),
  ];
}

function entryRoutes(store: Store): Route[] {
  const { library, serverId } = store.need;
  return [
    route('GET', '/Playlists/{id}/Items', (exchange) => {
      const { itemIds } = store.owned(exchange, exchange.query('userId'));
      const items = itemIds.flatMap((id) => library.byId(id) ?? []);
      const entries = items.map((item) => ({ ...itemDto(item, serverId, new Set(['path'])), PlaylistItemId: item.id }));
      return json({ Items: entries, TotalRecordCount: entries.length, StartIndex: 0 });
    }),
    route('POST', '/Playlists/{id}/Items', (exchange) => {
      store.owned(exchange, exchange.query('userId')).itemIds.push(...store.known((exchange.query('ids') ?? '').split(',')));
      return noContent;
    }),
    route('DELETE', '/Playlists/{id}/Items', (exchange) => {
      // By item id: an item that stands twice goes twice. A key may, since 10.11.
      const gone = (exchange.query('entryIds') ?? '').split(',').map(parseId);
      const playlist = exchange.caller.kind === 'key' ? store.find(exchange) : store.owned(exchange);
      playlist.itemIds = playlist.itemIds.filter((id) => !gone.includes(id));
      return noContent;
    }),
    route('POST', '/Playlists/{id}/Items/{entry}/Move/{index}', (exchange) => {
      const { itemIds } = store.owned(exchange);
      const from = itemIds.lastIndexOf(parseId(exchange.params['entry']) ?? '');
      if (from >= 0) itemIds.splice(Number(exchange.params['index']), 0, ...itemIds.splice(from, 1));
      return noContent;
    }),
  ];
}

export function createPlaylists(need: PlaylistsNeed): Playlists {
  const store = openStore(need);
  const all = () => [...store.playlists.values()];
  return {
    routes: [...listRoutes(store), ...entryRoutes(store)],
    list: (userId) => all().flatMap((playlist) => (playlist.ownerId === userId ? [playlistDto(playlist, need)] : [])),
    itemIds: (id) => store.playlists.get(id)?.itemIds ?? null,
    remove: (id) => store.playlists.delete(id ?? ''),
  };
}

function playlistDto(playlist: Playlist, need: PlaylistsNeed): Dto {
  const runtimeMs = playlist.itemIds.reduce((sum, id) => sum + (need.library.byId(id)?.runtimeMs ?? 0), 0);
  return {
    Name: playlist.name,
    ServerId: need.serverId,
    Id: playlist.id,
    ChannelId: null,
    RunTimeTicks: runtimeMs * ticksPerMs,
    IsFolder: true,
    Type: 'Playlist',
    MediaType: 'Video',
  };
}
