// /Playlists: what the owner may, what a key may in a user's name, and what it may not (facts/jellyfin.md §4, §10).
import { json, noContent, refusals } from './answer.ts';
import { newId, parseId } from './identity.ts';
import { itemDto } from './item-dto.ts';
import { commaList } from './item-query.ts';
import type { LibraryItem } from './library.ts';
import { bodyOf, type Exchange, type Route, wantedUser } from './route-table.ts';
import { edits, type PlaylistsNeed, type StoredPlaylist, sees } from './stored-playlist.ts';

type Desk = {
  readonly need: PlaylistsNeed;
  /** Of the path; 404 where this user does not see it. */
  seen(exchange: Exchange, userId: string): StoredPlaylist;
  /** The owner's, or of one who shares it and may edit: 403 for everybody else, admins too. */
  editable(exchange: Exchange, userId: string): StoredPlaylist;
  owned(exchange: Exchange, userId: string): StoredPlaylist;
  /** The token's user. A key has none: 400. */
  caller(exchange: Exchange): string;
  /** userId of the query, else the token's user. */
  named(exchange: Exchange): string;
  /** Seasons and series stand for their episodes; what is unknown, or this user may not see, is dropped. */
  known(ids: readonly unknown[], userId: string): string[];
  /** What of it this user sees. */
  visible(itemIds: readonly string[], userId: string): LibraryItem[];
};

const isFolder = ({ type }: LibraryItem) => type === 'Series' || type === 'Season';

function openDesk(need: PlaylistsNeed): Desk {
  const { library, users, stored } = need;
  const desk: Desk = {
    need,
    seen(exchange, userId) {
      const id = parseId(exchange.params['id']);
      const playlist = stored.find((one) => one.id === id);
      if (!playlist || !sees(playlist, userId)) throw refusals.notFound();
      return playlist;
    },
    editable(exchange, userId) {
      const playlist = desk.seen(exchange, userId);
      if (!edits(playlist, userId)) throw refusals.forbidden();
      return playlist;
    },
    owned(exchange, userId) {
      const playlist = desk.seen(exchange, userId);
      if (playlist.ownerId !== userId) throw refusals.forbidden();
      return playlist;
    },
    caller(exchange) {
      if (!exchange.caller.user) throw refusals.processing(400);
      return exchange.caller.user.id;
    },
    named: (exchange) => wantedUser(exchange, users.byId, parseId(exchange.query('userId'))).id,
    known(ids, userId) {
      const given = ids.flatMap((id) => parseId(typeof id === 'string' ? id : null) ?? []);
      return desk
        .visible(given, userId)
        .flatMap((item) => (isFolder(item) ? library.below(item.id).map((one) => one.id) : [item.id]));
    },
    visible(itemIds, userId) {
      const user = users.byId(userId);
      return itemIds.flatMap((id) => {
        const item = library.byId(id);
        return item && user && need.maySee(user, item) ? [item] : [];
      });
    },
  };
  return desk;
}

const route = (method: string, path: string, handle: Route['handle']): Route => ({ method, path, access: 'user', handle });

function readShares(value: unknown): StoredPlaylist['shares'] {
  const shares = Array.isArray(value) ? (value as { readonly UserId?: unknown; readonly CanEdit?: unknown }[]) : [];
  return shares.flatMap((share) => {
    const userId = parseId(typeof share.UserId === 'string' ? share.UserId : null);
    return userId === null ? [] : [{ userId, canEdit: share.CanEdit === true }];
  });
}

function create(desk: Desk, exchange: Exchange): string {
  const { library, users, stored, changed } = desk.need;
  const body = bodyOf(exchange);
  const wanted = typeof body['UserId'] === 'string' ? parseId(body['UserId']) : null;
  const ownerId = wantedUser(exchange, users.byId, wanted).id;
  const ids: unknown[] = Array.isArray(body['Ids']) ? body['Ids'] : [];
  const unknown = ids.some((id) => library.byId(parseId(typeof id === 'string' ? id : null)) === null);
  // The kind of list is told by its first items: one that is not there is an ArgumentException.
  if (unknown && typeof body['MediaType'] !== 'string') throw refusals.processing(400);
  const playlist: StoredPlaylist = {
    id: newId(),
    ownerId,
    // A name that is taken is no obstacle.
    name: String(body['Name'] ?? ''),
    itemIds: desk.known(ids, ownerId),
    openAccess: body['IsPublic'] !== false,
    shares: readShares(body['Users']),
  };
  stored.push(playlist);
  changed();
  return playlist.id;
}

function listRoutes(desk: Desk): Route[] {
  const { behaviour, changed } = desk.need;
  const shown = (playlist: StoredPlaylist) => ({
    OpenAccess: playlist.openAccess,
    Shares: playlist.shares.map(({ userId, canEdit }) => ({ UserId: userId, CanEdit: canEdit })),
    ItemIds: playlist.itemIds,
  });
  return [
    route('POST', '/Playlists', (exchange) => json({ Id: create(desk, exchange) })),
    ...(behaviour.showsPlaylist
      ? [route('GET', '/Playlists/{id}', (exchange) => json(shown(desk.seen(exchange, desk.caller(exchange)))))]
      : []),
    route('POST', '/Playlists/{id}', (exchange) => {
      const playlist = desk.editable(exchange, desk.caller(exchange));
      const body = bodyOf(exchange);
      if (typeof body['Name'] === 'string') playlist.name = body['Name'];
      if (Array.isArray(body['Ids'])) playlist.itemIds = desk.known(body['Ids'], desk.caller(exchange));
      if (Array.isArray(body['Users'])) playlist.shares = readShares(body['Users']);
      if (typeof body['IsPublic'] === 'boolean') playlist.openAccess = body['IsPublic'];
      changed();
      return noContent;
    }),
  ];
}

function shareRoutes(desk: Desk): Route[] {
  const { changed, users } = desk.need;
  const others = (playlist: StoredPlaylist, userId: string | null) => playlist.shares.filter((one) => one.userId !== userId);
  return [
    route('GET', '/Playlists/{id}/Users', (exchange) => {
      const { shares } = desk.owned(exchange, desk.caller(exchange));
      return json(shares.map(({ userId, canEdit }) => ({ UserId: userId, CanEdit: canEdit })));
    }),
    route('POST', '/Playlists/{id}/Users/{user}', (exchange) => {
      const playlist = desk.owned(exchange, desk.caller(exchange));
      const userId = parseId(exchange.params['user']);
      if (userId === null || !users.byId(userId)) throw refusals.notFound();
      playlist.shares = [...others(playlist, userId), { userId, canEdit: bodyOf(exchange)['CanEdit'] === true }];
      changed();
      return noContent;
    }),
    route('DELETE', '/Playlists/{id}/Users/{user}', (exchange) => {
      const playlist = desk.owned(exchange, desk.caller(exchange));
      const userId = parseId(exchange.params['user']);
      if (!playlist.shares.some((share) => share.userId === userId)) throw refusals.notFound();
      playlist.shares = others(playlist, userId);
      changed();
      return noContent;
    }),
  ];
}

function addItems(desk: Desk, exchange: Exchange): void {
  const { behaviour, changed } = desk.need;
  const userId = desk.named(exchange);
  const { itemIds } = desk.editable(exchange, userId);
  const position = Number.parseInt(exchange.query('position') ?? '', 10);
  const at = behaviour.addsAtPosition && position >= 0 ? Math.min(position, itemIds.length) : itemIds.length;
  itemIds.splice(at, 0, ...desk.known(commaList(exchange.query('ids')), userId));
  changed();
}

function removeItems(desk: Desk, exchange: Exchange): void {
  const { behaviour, changed, stored } = desk.need;
  const byKey = exchange.caller.kind === 'key' && behaviour.keyRemovesFromPlaylists;
  const id = parseId(exchange.params['id']);
  const playlist = byKey ? stored.find((one) => one.id === id) : desk.editable(exchange, desk.caller(exchange));
  if (!playlist) throw refusals.notFound();
  // By item id: an item that stands twice goes twice.
  const gone = new Set(commaList(exchange.query('entryIds')).map(parseId));
  playlist.itemIds = playlist.itemIds.filter((item) => !gone.has(item));
  changed();
}

function entryRoutes(desk: Desk): Route[] {
  const { serverId, userData, changed } = desk.need;
  return [
    route('GET', '/Playlists/{id}/Items', (exchange) => {
      const userId = desk.named(exchange);
      const fields = new Set(commaList(exchange.query('fields')));
      const items = desk.visible(desk.seen(exchange, userId).itemIds, userId);
      const start = Math.max(0, Number.parseInt(exchange.query('startIndex') ?? '', 10) || 0);
      const limit = Number.parseInt(exchange.query('limit') ?? '', 10);
      const entries = items.slice(start, Number.isNaN(limit) ? undefined : start + limit).map((item) => ({
        ...itemDto(item, serverId, fields),
        PlaylistItemId: item.id,
        UserData: userData.dto(userId, item),
      }));
      return json({ Items: entries, TotalRecordCount: items.length, StartIndex: start });
    }),
    route('POST', '/Playlists/{id}/Items', (exchange) => {
      addItems(desk, exchange);
      return noContent;
    }),
    route('DELETE', '/Playlists/{id}/Items', (exchange) => {
      removeItems(desk, exchange);
      return noContent;
    }),
    route('POST', '/Playlists/{id}/Items/{entry}/Move/{index}', (exchange) => {
      const { itemIds } = desk.editable(exchange, desk.caller(exchange));
      // The first of that id: of two the second cannot be moved.
      const from = itemIds.indexOf(parseId(exchange.params['entry']) ?? '');
      if (from >= 0) itemIds.splice(Number(exchange.params['index']), 0, ...itemIds.splice(from, 1));
      changed();
      return noContent;
    }),
  ];
}

export function playlistRoutes(need: PlaylistsNeed): Route[] {
  const desk = openDesk(need);
  return [...listRoutes(desk), ...shareRoutes(desk), ...entryRoutes(desk)];
}
