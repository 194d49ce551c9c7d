// What a media server must be able to do so that a user's playlists are the same there as elsewhere. The adapter fits these shapes.

/** Whose lists. Some servers let a key do only part of it: the rest is done by the user's own token, where one was given to us. */
export type ListUser = {
  readonly id: string;
  readonly isAdministrator: boolean;
  /** Of a log-in of this very user; null where there is none. */
  readonly token: string | null;
};

export type SyncedPlaylist = {
  readonly id: string;
  readonly name: string;
  /** A list that somebody made public is seen by all. `unclear`: an administrator may change everybody's, so that theirs cannot be told from others'. */
  readonly madeBy: 'this-user' | 'another' | 'unclear';
};

export type PlaylistEntry = {
  /** Names the place; on Jellyfin from 10.10 on it is the item's id, so that an item that stands twice has one name for both. */
  readonly entryId: string;
  readonly itemId: string;
};

/**
 * Each call takes a signal, and throws ControllerError: `denied` where neither key nor token may do it (its message says that a log-in is needed),
 * `not_found` for a list or user that is gone, `upstream_…` and `timeout` for the rest. Nothing is deleted and made anew for want of rights.
 */
export type SyncedPlaylists = {
  /** All that this user sees. Two may have one name. */
  lists(user: ListUser, signal: AbortSignal): Promise<readonly SyncedPlaylist[]>;
  /** In their order, without those that this user may not see. */
  entries(user: ListUser, listId: string, signal: AbortSignal): Promise<readonly PlaylistEntry[]>;
  /** Seen by this user only. @returns its id */
  create(
    user: ListUser,
    list: { readonly name: string; readonly kind: 'video' | 'audio'; readonly itemIds: readonly string[] },
    signal: AbortSignal,
  ): Promise<string>;
  /** At the end. Items that are unknown there are left out without a word: read it back. */
  add(user: ListUser, listId: string, itemIds: readonly string[], signal: AbortSignal): Promise<void>;
  /** An item that stands twice goes twice. */
  remove(user: ListUser, listId: string, entryIds: readonly string[], signal: AbortSignal): Promise<void>;
  /** `index` is its place afterwards, from 0. */
  move(
    user: ListUser,
    listId: string,
    entry: { readonly entryId: string; readonly index: number },
    signal: AbortSignal,
  ): Promise<void>;
  /** To exactly these items, by as little as possible; by a key what stands behind the first difference is taken out and put in again. */
  rewrite(user: ListUser, listId: string, itemIds: readonly string[], signal: AbortSignal): Promise<void>;
  rename(user: ListUser, listId: string, name: string, signal: AbortSignal): Promise<void>;
  /** Only a list that this user sees, and never another's where that can be told (`unclear`: the caller must know). @throws ControllerError denied for another's */
  delete(user: ListUser, listId: string, signal: AbortSignal): Promise<void>;
};
