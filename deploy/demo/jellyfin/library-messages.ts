// LibraryChanged: LibraryUpdateDuration after the last change, to each user's own sockets, of what that user may see; never to a key's (facts/jellyfin.md §4).
import type { Dto } from './item-dto.ts';
import type { LibraryChange, LibraryItem } from './library.ts';
import type { StoredUser } from './users.ts';

export type LibraryMessages = { readonly changed: (change: LibraryChange) => void; end(): void };

export function createLibraryMessages(need: {
  readonly users: () => readonly StoredUser[];
  readonly visibleTo: (user: StoredUser) => (item: LibraryItem) => boolean;
  readonly folderOf: (item: LibraryItem) => string | null;
  readonly toUser: (userId: string, message: Dto) => void;
  readonly delayMs: number;
}): LibraryMessages {
  const waiting = {
    added: new Map<string, LibraryItem>(),
    removed: new Map<string, LibraryItem>(),
    updated: new Map<string, LibraryItem>(),
  };
  let timer: NodeJS.Timeout | undefined;
  const ids = (items: Iterable<LibraryItem>, user: StoredUser) => [...items].filter(need.visibleTo(user)).map(({ id }) => id);
  const folders = (items: Iterable<LibraryItem>) => [...new Set([...items].flatMap((item) => need.folderOf(item) ?? []))];
  const send = () => {
    const { added, removed, updated } = waiting;
    for (const user of need.users()) {
      const data = {
        FoldersAddedTo: [...new Set([...added.values()].flatMap(({ parentId }) => parentId ?? []))],
        FoldersRemovedFrom: [...new Set([...removed.values()].flatMap(({ parentId }) => parentId ?? []))],
        ItemsAdded: ids(added.values(), user),
        ItemsRemoved: ids(removed.values(), user),
        ItemsUpdated: ids(updated.values(), user),
        CollectionFolders: folders([...added.values(), ...updated.values()]),
        IsEmpty: false,
      };
      if (data.ItemsAdded.length + data.ItemsRemoved.length + data.ItemsUpdated.length > 0)
        need.toUser(user.id, { Data: data, MessageType: 'LibraryChanged' });
    }
    forget();
  };
  const forget = () => {
    for (const list of Object.values(waiting)) list.clear();
  };
  return {
    changed(change) {
      for (const kind of ['added', 'removed', 'updated'] as const)
        for (const item of change[kind]) waiting[kind].set(item.id, item);
      clearTimeout(timer);
      timer = setTimeout(send, need.delayMs).unref();
    },
    end() {
      clearTimeout(timer);
      forget();
    },
  };
}
