// /Items and /UserViews: lists and single items, as a controller asks for them.
import { type Answer, json, noContent, refusals, written } from './answer.ts';
import { parseId } from './identity.ts';
import { allFields, type Dto, itemDto, mediaSource } from './item-dto.ts';
import { allowedTo, commaList, isTrue, itemFilters, itemKinds, sortItems } from './item-query.ts';
import type { Library, LibraryFolder, LibraryItem } from './library.ts';
import { folderOf, isBelow } from './open-library.ts';
import type { Playlists } from './playlists.ts';
import { groupedForUser } from './presentation-groups.ts';
import { type Exchange, type Route, wantedUser } from './route-table.ts';
import { type SelectionCache, selectionKey } from './selection-cache.ts';
import type { UserData } from './user-data.ts';
import type { StoredUser, Users } from './users.ts';
import type { Watched } from './watch-rules.ts';
import { asksWatched, watchedFilters, watchedSortKeys } from './watched-query.ts';

export type ItemRoutesNeed = {
  readonly library: Library;
  readonly users: Users;
  readonly userData: UserData;
  /** Grows at each save. */
  readonly watchedRevision: () => number;
  readonly selections: SelectionCache;
  readonly serverId: string;
  readonly playlists: Playlists;
  /** A Live TV channel as an item; null where there is none. */
  readonly channelItem: (id: string | null) => LibraryItem | null;
  /** EnableGroupingMoviesIntoCollections. */
  readonly groupsByCollection: () => boolean;
  readonly looksBelowByType: boolean;
  readonly groupsAcrossLibraries: boolean;
};

/** Without a user there is no user filter, and no UserData. */
export function askedUser(users: Users, exchange: Exchange): StoredUser | null {
  const id = parseId(exchange.query('userId'));
  return id === null ? exchange.caller.user : wantedUser(exchange, users.byId, id);
}

/** Of the parent that is asked for: a folder's below it, a BoxSet's or a playlist's own list. */
function children(need: ItemRoutesNeed, exchange: Exchange): readonly LibraryItem[] {
  const { library } = need;
  const parentId = parseId(exchange.query('parentId'));
  const ids = commaList(exchange.query('ids')).flatMap((id) => parseId(id) ?? []);
  if (parentId === null && ids.length > 0) return library.byIds(ids);
  // The other files of a film are found by their ids only.
  const isListed = ({ id, facts }: LibraryItem) => (facts?.versionIds?.[0] ?? id) === id;
  if (parentId === null) return library.items.filter(isListed);
  const listed = library.byId(parentId)?.facts?.childIds ?? need.playlists.itemIds(parentId);
  if (listed) return listed.flatMap((id) => library.byId(id) ?? []);
  // 12 looks below a library by itself when types are given.
  const inLibrary = need.looksBelowByType && library.folders.some(({ id }) => id === parentId);
  const recursive = isTrue(exchange.query('recursive')) || (inLibrary && exchange.query('includeItemTypes') !== null);
  return library.items.filter((item) => isListed(item) && isBelow(library, item, parentId, recursive));
}

/** Films that stand in a collection give way to it: by the caller's wish, else as the server is set. Only for a user. */
function collapse(need: ItemRoutesNeed, exchange: Exchange, found: readonly LibraryItem[]): readonly LibraryItem[] {
  const wish = exchange.query('collapseBoxSetItems')?.toLowerCase();
  const types = itemKinds(exchange.query('includeItemTypes'));
  if (wish === undefined ? !need.groupsByCollection() : wish !== 'true') return found;
  if (types.size > 0 && !types.has('movie')) return found;
  const sets = need.library.items.filter(({ type }) => type === 'BoxSet');
  const setOf = (item: LibraryItem) => sets.find((set) => item.type === 'Movie' && set.facts?.childIds?.includes(item.id));
  return [...new Set(found.map((item) => setOf(item) ?? item))];
}

const grouped = ({ library, groupsAcrossLibraries }: ItemRoutesNeed, exchange: Exchange, found: readonly LibraryItem[]) =>
  groupedForUser(found, exchange.query('includeItemTypes'), {
    byId: library.byId,
    folderOf: (item) => folderOf(library, item),
    acrossLibraries: groupsAcrossLibraries,
  });

/** A list of nothing but series is asked for its episodes; every other list for what is stored of the item itself. */
function watchedBy(need: ItemRoutesNeed, exchange: Exchange, user: StoredUser): (item: LibraryItem) => Watched {
  const onlySeries = [...itemKinds(exchange.query('includeItemTypes'))].join() === 'series';
  return (item) => {
    const own = need.userData.watched(user.id, item);
    return onlySeries ? { ...own, played: need.userData.dto(user.id, item)['Played'] === true } : own;
  };
}

function selectNow(need: ItemRoutesNeed, exchange: Exchange, user: StoredUser | null): readonly LibraryItem[] {
  const filters = itemFilters(exchange.query);
  if (!user) {
    const found = children(need, exchange).filter((item) => filters.every((fits) => fits(item)));
    return sortItems(found, exchange.query);
  }
  const watched = watchedBy(need, exchange, user);
  filters.push(
    allowedTo(user.policy, (item) => folderOf(need.library, item)),
    ...watchedFilters(exchange.query, watched),
  );
  const found = children(need, exchange).filter((item) => filters.every((fits) => fits(item)));
  const shown = exchange.query('parentId') === null ? grouped(need, exchange, found) : found;
  return sortItems(collapse(need, exchange, shown), exchange.query, watchedSortKeys(watched));
}

function select(need: ItemRoutesNeed, exchange: Exchange, user: StoredUser | null): readonly LibraryItem[] {
  const parentId = parseId(exchange.query('parentId'));
  if (parentId !== null && need.playlists.itemIds(parentId)) return selectNow(need, exchange, user);
  const saves = user && asksWatched(exchange.query) ? need.watchedRevision() : 0;
  const stamp = [need.library.revision(), saves, user?.policy, need.groupsByCollection()];
  return need.selections.remember(selectionKey(exchange, user?.id ?? null), stamp, () => selectNow(need, exchange, user));
}

const fieldsOf = (exchange: Exchange): ReadonlySet<string> => new Set(commaList(exchange.query('fields')));

/** MediaSources are all files of it, its own first; each is an item. */
function dtoOf(
  { library, serverId }: Pick<ItemRoutesNeed, 'library' | 'serverId'>,
  item: LibraryItem,
  fields: ReadonlySet<string>,
): Dto {
  const dto = itemDto(item, serverId, fields);
  const others = (item.facts?.versionIds ?? []).flatMap((id) => (id === item.id ? [] : (library.byId(id) ?? [])));
  return Array.isArray(dto['MediaSources']) && others.length > 0
    ? { ...dto, MediaSources: [item, ...others].map(mediaSource) }
    : dto;
}

/** One page as every list of the server is written; without a user there is no UserData. */
export function page(
  need: Pick<ItemRoutesNeed, 'library' | 'serverId' | 'userData'>,
  exchange: Exchange,
  found: readonly (LibraryItem | null)[],
  user: StoredUser | null,
): Answer {
  const start = Math.max(0, Number.parseInt(exchange.query('startIndex') ?? '', 10) || 0);
  const limit = Number.parseInt(exchange.query('limit') ?? '', 10);
  const fields = fieldsOf(exchange);
  const withUser = user !== null && exchange.query('enableUserData')?.toLowerCase() !== 'false';
  const items = found
    .slice(start, Number.isNaN(limit) ? undefined : start + limit)
    .flatMap((item) =>
      item === null
        ? []
        : [{ ...dtoOf(need, item, fields), ...(withUser ? { UserData: need.userData.dto(user.id, item) } : {}) }],
    );
  const counted = exchange.query('enableTotalRecordCount')?.toLowerCase() !== 'false';
  return written({ Items: items, TotalRecordCount: counted ? found.length : items.length, StartIndex: start });
}

function listItems(need: ItemRoutesNeed, exchange: Exchange): Answer {
  const user =
    exchange.params['user'] === undefined
      ? askedUser(need.users, exchange)
      : wantedUser(exchange, need.users.byId, parseId(exchange.params['user']));
  const untyped = ['ids', 'parentId', 'includeItemTypes'].every((name) => exchange.query(name) === null);
  const recursive = isTrue(exchange.query('recursive')) || exchange.query('ids') !== null || exchange.query('parentId') !== null;
  if (!recursive) return views(need, user);
  if ([...itemKinds(exchange.query('includeItemTypes'))].join() === 'playlist') {
    const playlists = need.playlists.list(user, fieldsOf(exchange));
    return json({ Items: playlists, TotalRecordCount: playlists.length, StartIndex: 0 });
  }
  // Recorded: by a key the root's own rows are counted and take their places in a page, but are not shown.
  const hidden = untyped && !user ? [null, null] : [];
  const found = select(need, exchange, user);
  return page(need, exchange, hidden.length === 0 ? found : [...hidden, ...found], user);
}

export function folderDto(folder: LibraryFolder, serverId: string): Dto {
  return {
    Name: folder.name,
    ServerId: serverId,
    Id: folder.id,
    ChannelId: null,
    IsFolder: true,
    Type: 'CollectionFolder',
    CollectionType: folder.collectionType,
    ImageTags: {},
    BackdropImageTags: [],
    LocationType: 'FileSystem',
    MediaType: 'Unknown',
  };
}

function views(need: ItemRoutesNeed, user: StoredUser | null): Answer {
  const all = user?.policy['EnableAllFolders'];
  const enabled = user?.policy['EnabledFolders'];
  const may = (folder: LibraryFolder) =>
    all !== false || (Array.isArray(enabled) && enabled.some((id) => parseId(String(id)) === folder.id));
  const items = need.library.folders.filter(may).map((folder): Dto => {
    const watched = { PlaybackPositionTicks: 0, PlayCount: 0, IsFavorite: false, Played: false };
    return { ...folderDto(folder, need.serverId), ...(user ? { UserData: watched } : {}) };
  });
  return json({ Items: items, TotalRecordCount: items.length, StartIndex: 0 });
}

function oneItem(need: ItemRoutesNeed, exchange: Exchange): Answer {
  const wanted = exchange.params['user'] ?? exchange.query('userId');
  const user = wantedUser(exchange, need.users.byId, parseId(wanted));
  const id = parseId(exchange.params['id']);
  const folder = need.library.folders.find((candidate) => candidate.id === id);
  if (folder) return json(folderDto(folder, need.serverId));
  const playlist = need.playlists.dto(id, user, allFields);
  if (playlist) return json(playlist);
  const item = need.library.byId(id) ?? need.channelItem(id);
  if (!item || (item.type !== 'TvChannel' && !allowedTo(user.policy, (one) => folderOf(need.library, one))(item)))
    throw refusals.notFound();
  return json({ ...dtoOf(need, item, allFields), UserData: need.userData.dto(user.id, item) });
}

/** The real one deletes the file as well; nothing here may. */
function removeItem(need: ItemRoutesNeed, { caller }: Exchange, id: string | null): void {
  const item = need.library.byId(id);
  if (!item) throw refusals.notFound();
  if (caller.kind !== 'key' && caller.user?.policy['EnableContentDeletion'] !== true) throw refusals.unauthorized();
  need.library.remove(item.id, ...need.library.below(item.id).map((one) => one.id));
}

export function itemRoutes(need: ItemRoutesNeed): Route[] {
  return [
    { method: 'GET', path: '/Items', access: 'user', handle: (exchange) => listItems(need, exchange) },
    { method: 'GET', path: '/Items/{id}', access: 'user', handle: (exchange) => oneItem(need, exchange) },
    // Of before 10.9, and still taken.
    { method: 'GET', path: '/Users/{user}/Items', access: 'user', handle: (exchange) => listItems(need, exchange) },
    { method: 'GET', path: '/Users/{user}/Items/{id}', access: 'user', handle: (exchange) => oneItem(need, exchange) },
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
        const id = parseId(exchange.params['id']);
        const removed = need.playlists.remove(id, exchange.caller);
        if (removed === 'forbidden') throw refusals.unauthorized();
        if (removed === 'unknown') removeItem(need, exchange, id);
        return noContent;
      },
    },
  ];
}
