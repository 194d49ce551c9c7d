// The items that the server has now: found by id, changed and removed while it runs.
import type { Library, LibraryFolder, LibraryItem } from './library.ts';

/** `items` stays the same array: what was handed out follows. */
export function openLibrary(folders: readonly LibraryFolder[], given: readonly LibraryItem[], now: () => number): Library {
  const items: LibraryItem[] = [...given];
  const index = new Map(items.map((item) => [item.id, item]));
  const place = (id: string) => items.findIndex((item) => item.id === id);
  const put = (id: string, patch: Partial<LibraryItem>, savedMs: number) => {
    const old = index.get(id);
    if (!old) throw new Error(`no item ${JSON.stringify(id)}`);
    const changed = { ...old, ...patch, facts: { ...old.facts, ...patch.facts, savedMs } };
    items[place(id)] = changed;
    index.set(id, changed);
  };
  return {
    folders,
    items,
    byId: (id) => index.get(id ?? '') ?? null,
    remove(id) {
      if (index.delete(id)) items.splice(place(id), 1);
    },
    change: (id, patch) => put(id, patch, now()),
    date: (id, savedMs, createdMs) => put(id, { facts: { createdMs } }, savedMs),
  };
}

/** Whether an item lies below a folder: a child, or at any depth. Children of a BoxSet are those that it names. */
export function isBelow(library: Library, item: LibraryItem, folderId: string, recursive: boolean): boolean {
  for (let at: LibraryItem | null = item; at !== null; at = library.byId(at.parentId)) {
    if (at.parentId === folderId) return true;
    if (!recursive) return false;
  }
  return false;
}

/** Id of the library that an item lies in. */
export function folderOf(library: Library, item: LibraryItem): string | null {
  let at = item;
  for (let parent = library.byId(at.parentId); parent; parent = library.byId(at.parentId)) at = parent;
  return at.parentId;
}
