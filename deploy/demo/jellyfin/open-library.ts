// The items that the server has now: found by id and by what they lie in, added, changed and removed while it runs.
import type { Library, LibraryChange, LibraryFolder, LibraryItem } from './library.ts';

const folderTypes: ReadonlySet<LibraryItem['type']> = new Set(['Series', 'Season', 'BoxSet', 'CollectionFolder']);

type Index = {
  readonly items: LibraryItem[];
  readonly byId: Map<string, LibraryItem>;
  readonly children: Map<string, Set<string>>;
  put(item: LibraryItem): void;
  drop(ids: ReadonlySet<string>): readonly LibraryItem[];
  place(id: string): number;
};

function openIndex(given: readonly LibraryItem[]): Index {
  const items: LibraryItem[] = [...given];
  const byId = new Map(items.map((item) => [item.id, item]));
  const children = new Map<string, Set<string>>();
  const lies = (item: LibraryItem) => {
    if (item.parentId === null) return;
    const beside = children.get(item.parentId) ?? new Set<string>();
    children.set(item.parentId, beside.add(item.id));
  };
  for (const item of items) lies(item);
  // Made when it is asked for: a removal moves every place behind it.
  let places: Map<string, number> | null = null;
  const place = (id: string) => {
    places ??= new Map(items.map((item, index) => [item.id, index]));
    return places.get(id) ?? -1;
  };
  return {
    items,
    byId,
    children,
    place,
    put(item) {
      const at = place(item.id);
      const old = items[at];
      if (old?.parentId !== item.parentId) children.get(old?.parentId ?? '')?.delete(item.id);
      if (at < 0) places?.set(item.id, items.push(item) - 1);
      else items[at] = item;
      byId.set(item.id, item);
      lies(item);
    },
    drop(ids) {
      const gone = [...ids].flatMap((id) => byId.get(id) ?? []);
      if (gone.length === 0) return gone;
      let kept = 0;
      for (const item of items) if (!ids.has(item.id)) items[kept++] = item;
      items.length = kept;
      places = null;
      for (const item of gone) {
        byId.delete(item.id);
        children.get(item.parentId ?? '')?.delete(item.id);
      }
      return gone;
    },
  };
}

/** `items` stays the same array: what was handed out follows. */
export function openLibrary(given: readonly LibraryFolder[], first: readonly LibraryItem[], now: () => number): Library {
  const folders = [...given];
  const index = openIndex(first);
  const listeners: ((change: LibraryChange) => void)[] = [];
  let revision = 0;
  const tell = (change: Partial<LibraryChange>) => {
    revision += 1;
    for (const listener of listeners) listener({ added: [], removed: [], updated: [], ...change });
  };
  const put = (id: string, patch: Partial<LibraryItem>, savedMs: number) => {
    const old = index.byId.get(id);
    if (!old) throw new Error(`no item ${JSON.stringify(id)}`);
    const changed = { ...old, ...patch, facts: { ...old.facts, ...patch.facts, savedMs } };
    index.put(changed);
    tell({ updated: [changed] });
  };
  const below = (id: string): LibraryItem[] =>
    [...(index.children.get(id) ?? [])].flatMap((child) => {
      const item = index.byId.get(child);
      return item === undefined ? [] : folderTypes.has(item.type) ? below(child) : [item];
    });
  return {
    folders,
    items: index.items,
    byId: (id) => index.byId.get(id ?? '') ?? null,
    byIds: (ids) =>
      [...new Set(ids)].flatMap((id) => index.byId.get(id) ?? []).sort((a, b) => index.place(a.id) - index.place(b.id)),
    below,
    add(items, into = []) {
      for (const folder of into) if (!folders.some(({ id }) => id === folder.id)) folders.push(folder);
      const added = items.filter((item) => !index.byId.has(item.id));
      for (const item of added) index.put(item);
      tell({ added });
      return added;
    },
    remove(...ids) {
      tell({ removed: index.drop(new Set(ids)) });
    },
    replace(oldId, item) {
      const removed = index.drop(new Set([oldId]));
      index.put(item);
      tell({ added: [item], removed });
    },
    change: (id, patch) => put(id, patch, now()),
    date: (id, savedMs, createdMs) => put(id, { facts: { createdMs } }, savedMs),
    revision: () => revision,
    onChange: (listener) => void listeners.push(listener),
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
