// Playlists: whose they are, who may see them, and how they stand in lists (facts/jellyfin.md §4, §10).
import { dashed, ticksPerMs } from './identity.ts';
import type { Dto } from './item-dto.ts';
import { playlistRoutes } from './playlist-routes.ts';
import type { Caller, Route } from './route-table.ts';
import { type PlaylistsNeed, type StoredPlaylist, sees } from './stored-playlist.ts';
import type { StoredUser } from './users.ts';

export type Playlists = {
  readonly routes: readonly Route[];
  /** For GET /Items with includeItemTypes=Playlist: all that this user sees, open ones of others too. */
  list(user: StoredUser | null, fields: ReadonlySet<string>): Dto[];
  /** Of GET /Items with a playlist for parent; null where it is none. */
  itemIds(id: string): readonly string[] | null;
  /** Null where it is none, or none that this user sees. */
  dto(id: string | null, user: StoredUser, fields: ReadonlySet<string>): Dto | null;
  /** DELETE /Items/{id}: the owner's, an admin's or a key's. */
  remove(id: string | null, caller: Caller): 'removed' | 'forbidden' | 'unknown';
  /** A user who is gone takes their lists along. */
  removeOf(userId: string): void;
  /** As they are stored, for tests. */
  all(): readonly Readonly<StoredPlaylist>[];
};

export function createPlaylists(need: PlaylistsNeed): Playlists {
  const { stored, changed } = need;
  const byId = (id: string | null) => stored.find((playlist) => playlist.id === id) ?? null;
  const drop = (gone: (playlist: StoredPlaylist) => boolean) => {
    stored.splice(0, stored.length, ...stored.filter((playlist) => !gone(playlist)));
    changed();
  };
  return {
    routes: playlistRoutes(need),
    list(user, fields) {
      const shown = stored.filter((playlist) => user === null || sees(playlist, user.id));
      return shown.map((playlist) => playlistDto(playlist, need, user, fields));
    },
    itemIds: (id) => byId(id)?.itemIds ?? null,
    dto(id, user, fields) {
      const playlist = byId(id);
      return playlist && sees(playlist, user.id) ? playlistDto(playlist, need, user, fields) : null;
    },
    remove(id, caller) {
      const playlist = byId(id);
      if (!playlist) return 'unknown';
      if (!caller.isAdministrator && playlist.ownerId !== caller.user?.id) return 'forbidden';
      drop((one) => one === playlist);
      return 'removed';
    },
    removeOf: (userId) => drop(({ ownerId }) => ownerId === userId),
    all: () => stored.map((playlist) => ({ ...playlist, itemIds: [...playlist.itemIds], shares: [...playlist.shares] })),
  };
}

/** Nothing in it tells the owner; asked for by a user, CanDelete is true for the owner, and for an admin always. */
function playlistDto(playlist: StoredPlaylist, need: PlaylistsNeed, user: StoredUser | null, fields: ReadonlySet<string>): Dto {
  const items = playlist.itemIds.flatMap((id) => need.library.byId(id) ?? []);
  const unplayed = user ? items.filter((item) => !need.userData.watched(user.id, item).played).length : 0;
  const watched = {
    PlayedPercentage: items.length === 0 ? 0 : 100 - (unplayed / items.length) * 100,
    UnplayedItemCount: unplayed,
    PlaybackPositionTicks: 0,
    PlayCount: 0,
    IsFavorite: false,
    Played: false,
    Key: dashed(playlist.id),
    ItemId: playlist.id,
  };
  const canDelete = user === null || user.policy.IsAdministrator || playlist.ownerId === user.id;
  return {
    Name: playlist.name,
    ServerId: need.serverId,
    Id: playlist.id,
    ...(fields.has('candelete') ? { CanDelete: canDelete } : {}),
    ...(fields.has('path') ? { Path: pathOf(playlist, need.stored) } : {}),
    ChannelId: null,
    RunTimeTicks: items.reduce((sum, { runtimeMs }) => sum + runtimeMs, 0) * ticksPerMs,
    IsFolder: true,
    Type: 'Playlist',
    ...(user ? { UserData: watched } : {}),
    ChildCount: items.length,
    ImageTags: {},
    BackdropImageTags: [],
    ImageBlurHashes: {},
    LocationType: 'FileSystem',
    MediaType: 'Video',
  };
}

/** A folder by the name of its first day; each other of that name gets one more `1`. */
function pathOf(playlist: StoredPlaylist, all: readonly StoredPlaylist[]): string {
  const before = all.slice(0, all.indexOf(playlist)).filter(({ name }) => name === playlist.name).length;
  return `/config/data/playlists/${playlist.name}${'1'.repeat(before)}`;
}
