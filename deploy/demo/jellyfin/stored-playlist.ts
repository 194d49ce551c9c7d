// Pure: a playlist as it is kept, and who sees and changes it.
import type { Library, LibraryItem } from './library.ts';
import type { UserData } from './user-data.ts';
import type { StoredUser, Users } from './users.ts';
import type { JellyfinBehaviour } from './version-behaviour.ts';

export type StoredPlaylist = {
  readonly id: string;
  readonly ownerId: string;
  name: string;
  /** An item may stand twice. */
  itemIds: string[];
  /** Every user sees it, in lists as well. */
  openAccess: boolean;
  shares: { readonly userId: string; readonly canEdit: boolean }[];
};

export type PlaylistsNeed = {
  /** Kept on disk: changed in place. */
  readonly stored: StoredPlaylist[];
  readonly changed: () => void;
  readonly library: Library;
  readonly users: Users;
  readonly userData: UserData;
  /** What a user may not see is neither added in that user's name nor listed to them. */
  readonly maySee: (user: StoredUser, item: LibraryItem) => boolean;
  readonly serverId: string;
  readonly behaviour: JellyfinBehaviour;
};

export const sees = (playlist: StoredPlaylist, userId: string) =>
  playlist.openAccess || playlist.ownerId === userId || playlist.shares.some((share) => share.userId === userId);
export const edits = (playlist: StoredPlaylist, userId: string) =>
  playlist.ownerId === userId || playlist.shares.some((share) => share.userId === userId && share.canEdit);
