// /Items, /Genres, /UserViews, folders and user data: as much of the library as a controller asks for.
import { type Answer, json, noContent, refusals } from './answer.ts';
import { idOf, parseId } from './identity.ts';
import { type Dto, itemDto, mediaSource } from './item-dto.ts';
import { itemById, type Library, type LibraryItem } from './library.ts';
import type { Playlists } from './playlists.ts';
import { bodyOf, type Exchange, type Route, wantedUser } from './route-table.ts';
import type { UserData } from './user-data.ts';
import type { StoredUser, Users } from './users.ts';

export type ItemRoutesNeed = {
  readonly library: Library;
  readonly users: Users;
  readonly userData: UserData;
  readonly serverId: string;
  readonly playlists: Playlists;
};

const names = (text: string | null) =>
  (text ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '');
const itemTypes = new Set(['movie', 'episode', 'season', 'series', 'collectionfolder']);

function select(need: ItemRoutesNeed, exchange: Exchange): LibraryItem[] {
  const ids = names(exchange.query('ids')).map((id) => parseId(id));
  const wanted = names(exchange.query('includeItemTypes'));
  // A misspelt type is dropped; a list of nothing but misspelt types is no filter at all.
  const types = new Set(wanted.filter((type) => itemTypes.has(type) || type === 'playlist'));
  const parentId = parseId(exchange.query('parentId'));
  const search = exchange.query('searchTerm')?.toLowerCase();
  const recursive = exchange.query('recursive') === 'true' || ids.length > 0;
  return need.library.items
    .filter((item) => ids.length === 0 || ids.includes(item.id))
    .filter((item) => types.size === 0 || types.has(item.type.toLowerCase()))
    .filter((item) => search === undefined || item.name.toLowerCase().includes(search))
    .filter((item) => parentId === null || isBelow(need.library, item, parentId, recursive));
}

function isBelow(library: Library, item: LibraryItem, folderId: string, recursive: boolean): boolean {
  if (item.parentId === folderId) return true;
  const parent = recursive ? itemById(library, item.parentId) : null;
  return parent !== null && isBelow(library, parent, folderId, recursive);
}

/** Without a user there is no user filter, and no UserData. */
function askedUser(need: ItemRoutesNeed, exchange: Exchange): StoredUser | null {
  const id = parseId(exchange.query('userId'));
  return id === null ? exchange.caller.user : wantedUser(exchange, need.users.byId, id);
}

function listItems(need: ItemRoutesNeed, exchange: Exchange): Answer {
  const user = askedUser(need, exchange);
  const recursive =
    exchange.query('recursive') === 'true' || exchange.query('ids') !== null || exchange.query('parentId') !== null;
  if (!recursive) return views(need, user);
  if (names(exchange.query('includeItemTypes')).join() === 'playlist') {
    const playlists = need.playlists.list(user?.id ?? null);
    return json({ Items: playlists, TotalRecordCount: playlists.length, StartIndex: 0 });
  }
  const found = select(need, exchange);
  const start = Math.max(0, Number(exchange.query('startIndex') ?? 0) || 0);
  const limit = Number(exchange.query('limit') ?? Number.NaN);
  const page = found.slice(start, Number.isNaN(limit) ? undefined : start + limit);
  const fields = new Set(names(exchange.query('fields')));
  const counted = exchange.query('enableTotalRecordCount')?.toLowerCase() !== 'false';
  const items = page.map((item) => ({
    ...itemDto(item, need.serverId, fields),
    ...(user ? { UserData: need.userData.dto(user.id, item) } : {}),
  }));
  return json({ Items: items, TotalRecordCount: counted ? found.length : items.length, StartIndex: start });
}

function views(need: ItemRoutesNeed, user: StoredUser | null): Answer {
  const items = need.library.folders.map((folder): Dto => {
    const shape = {
      Name: folder.name,
      ServerId: need.serverId,
      Id: folder.id,
      IsFolder: true,
      Type: 'CollectionFolder',
      CollectionType: folder.collectionType,
    };
    return {
      ...shape,
      ChannelId: null,
      ...(user ? { UserData: { PlaybackPositionTicks: 0, PlayCount: 0, IsFavorite: false, Played: false } } : {}),
      MediaType: 'Unknown',
    };
  });
  return json({ Items: items, TotalRecordCount: items.length, StartIndex: 0 });
}

function oneItem(need: ItemRoutesNeed, exchange: Exchange): Answer {
  const user = wantedUser(exchange, need.users.byId, parseId(exchange.query('userId')));
  const item = itemById(need.library, parseId(exchange.params['id']));
  if (!item) throw refusals.notFound();
  const sources = item.source ? { MediaSources: [mediaSource(item)] } : {};
  return json({
    ...itemDto(item, need.serverId, new Set(['path', 'genres', 'providerids', 'parentid'])),
    ...sources,
    UserData: need.userData.dto(user.id, item),
  });
}

function genres(need: ItemRoutesNeed, exchange: Exchange): Answer {
  const types = new Set(names(exchange.query('includeItemTypes')));
  const items = need.library.items.filter((item) => types.size === 0 || types.has(item.type.toLowerCase()));
  const found = [...new Set(items.flatMap((item) => item.genres))].sort();
  const entries = found.map(
    (name): Dto => ({
      Name: name,
      ServerId: need.serverId,
      Id: idOf(`genre ${name}`),
      ChannelId: null,
      Type: 'Genre',
      MovieCount: items.filter((item) => item.genres.includes(name)).length,
      MediaType: 'Unknown',
    }),
  );
  return json({ Items: entries, TotalRecordCount: entries.length, StartIndex: 0 });
}

function userDataRoutes(need: ItemRoutesNeed): Route[] {
  const about = (handle: (userId: string, item: LibraryItem, exchange: Exchange) => Dto) => (exchange: Exchange) => {
    const user = wantedUser(exchange, need.users.byId, parseId(exchange.query('userId')));
    const item = itemById(need.library, parseId(exchange.params['id']));
    if (!item) throw refusals.notFound();
    return json(handle(user.id, item, exchange));
  };
  const { userData } = need;
  const date = (exchange: Exchange) => {
    const at = Date.parse(exchange.query('datePlayed') ?? '');
    return Number.isNaN(at) ? null : at;
  };
  return [
    {
      method: 'POST',
      path: '/UserFavoriteItems/{id}',
      access: 'user',
      handle: about((user, item) => userData.favourite(user, item, true)),
    },
    {
      method: 'DELETE',
      path: '/UserFavoriteItems/{id}',
      access: 'user',
      handle: about((user, item) => userData.favourite(user, item, false)),
    },
    {
      method: 'POST',
      path: '/UserPlayedItems/{id}',
      access: 'user',
      handle: about((user, item, exchange) => userData.played(user, item, date(exchange))),
    },
    {
      method: 'DELETE',
      path: '/UserPlayedItems/{id}',
      access: 'user',
      handle: about((user, item) => userData.unplayed(user, item)),
    },
    {
      method: 'POST',
      path: '/UserItems/{id}/Rating',
      access: 'user',
      handle: about((user, item, exchange) => userData.rate(user, item, exchange.query('likes')?.toLowerCase() === 'true')),
    },
    {
      method: 'DELETE',
      path: '/UserItems/{id}/Rating',
      access: 'user',
      handle: about((user, item) => userData.rate(user, item, null)),
    },
    { method: 'GET', path: '/UserItems/{id}/UserData', access: 'user', handle: about((user, item) => userData.dto(user, item)) },
    {
      method: 'POST',
      path: '/UserItems/{id}/UserData',
      access: 'user',
      handle: about((user, item, exchange) => userData.update(user, item, bodyOf(exchange))),
    },
  ];
}

function libraryRoutes(need: ItemRoutesNeed): Route[] {
  const folders = need.library.folders.map((folder) => ({
    Name: folder.name,
    Locations: [folder.path],
    CollectionType: folder.collectionType,
    LibraryOptions: { Enabled: true, EnableRealtimeMonitor: false, PathInfos: [{ Path: folder.path }] },
    ItemId: folder.id,
    RefreshStatus: 'Idle',
  }));
  return [
    { method: 'GET', path: '/Library/VirtualFolders', access: 'admin', handle: () => json(folders) },
    { method: 'POST', path: '/Library/Refresh', access: 'admin', handle: () => noContent },
    {
      method: 'POST',
      path: '/Library/Media/Updated',
      access: 'user',
      handle(exchange) {
        const updates = bodyOf(exchange)['Updates'];
        // An unknown path and an empty body are 204; a null path is an ArgumentException.
        if (Array.isArray(updates) && updates.some((update) => typeof update?.Path !== 'string')) throw refusals.processing(400);
        return noContent;
      },
    },
    { method: 'POST', path: '/Items/{id}/Refresh', access: 'admin', handle: () => noContent },
  ];
}

export function itemRoutes(need: ItemRoutesNeed): Route[] {
  return [
    { method: 'GET', path: '/Items', access: 'user', handle: (exchange) => listItems(need, exchange) },
    { method: 'GET', path: '/Items/{id}', access: 'user', handle: (exchange) => oneItem(need, exchange) },
    { method: 'GET', path: '/Genres', access: 'user', handle: (exchange) => genres(need, exchange) },
    {
      method: 'GET',
      path: '/UserViews',
      access: 'user',
      handle: (exchange) => views(need, wantedUser(exchange, need.users.byId, parseId(exchange.query('userId')))),
    },
    {
      method: 'DELETE',
      path: '/Items/{id}',
      access: 'user',
      handle(exchange) {
        // The real one would delete a film's file as well; nothing here may.
        if (!need.playlists.remove(parseId(exchange.params['id']))) throw refusals.notFound();
        return noContent;
      },
    },
    ...userDataRoutes(need),
    ...libraryRoutes(need),
  ];
}
