// The items of all servers by number, and the keys that they bear.
import type { IndexedItem } from './indexed-item.ts';
import { type ItemKey, keysOf } from './item-keys.ts';
import { createKeyTable } from './key-table.ts';

/** A path of a server as all servers name it. */
export type PathOf = (server: string, path: string) => string;

export type Reached = { readonly slot: number; readonly item: IndexedItem; readonly keys: readonly ItemKey[] };

export type ItemSlots = ReturnType<typeof createItemSlots>;

export function createItemSlots(pathOf: PathOf) {
  const items: (IndexedItem | undefined)[] = [];
  const free: number[] = [];
  const servers = new Map<string, Map<string, number>>();
  const table = createKeyTable();
  const slotOf = (server: string, itemId: string): number | undefined => servers.get(server)?.get(itemId);
  const get = (server: string, itemId: string): IndexedItem | undefined => {
    const slot = slotOf(server, itemId);
    return slot === undefined ? undefined : items[slot];
  };
  const keysAt = (item: IndexedItem): readonly ItemKey[] => {
    const series = item.series === null ? undefined : get(item.server, item.series.id);
    const path = item.path === null ? null : pathOf(item.server, item.path);
    return keysOf(item, series?.kind === 'series' ? series.ids : '', path);
  };
  const eachKey = (slot: number, use: (text: string, slot: number) => void): void => {
    const item = items[slot];
    if (item === undefined) return;
    if (item.series !== null) use(partsKey(item.server, item.series.id), slot);
    for (const { text } of keysAt(item)) use(text, slot);
  };
  return {
    slotOf,
    get,
    at: (slot: number): IndexedItem | undefined => items[slot],
    /** Those that may bear this key: to be looked at. */
    bearing: table.slotsOf,
    /** Seasons and episodes: their keys hold the ids of their series. */
    partsOf: (server: string, seriesId: string): readonly number[] =>
      table.slotsOf(partsKey(server, seriesId)).filter((slot) => {
        const item = items[slot];
        return item?.server === server && item.series?.id === seriesId;
      }),
    /** Without its keys. */
    put(item: IndexedItem): number {
      const ids = servers.get(item.server) ?? new Map<string, number>();
      servers.set(item.server, ids);
      const slot = ids.get(item.itemId) ?? free.pop() ?? items.length;
      items[slot] = item;
      ids.set(item.itemId, slot);
      return slot;
    },
    /** Whose keys were taken away before. */
    drop(slot: number): void {
      const item = items[slot];
      if (item === undefined) return;
      servers.get(item.server)?.delete(item.itemId);
      items[slot] = undefined;
      free.push(slot);
    },
    link: (slot: number): void => eachKey(slot, table.add),
    /** While it and its series are as they were when they were linked. */
    unlink: (slot: number): void => eachKey(slot, table.remove),
    /** These and all that share a key with one of them, or with those. What was seen is not looked at again. */
    reach(starts: Iterable<number>, seen: Set<number>): readonly Reached[] {
      const queue: number[] = [];
      const enter = (slot: number): void => {
        if (seen.has(slot)) return;
        seen.add(slot);
        queue.push(slot);
      };
      for (const slot of starts) enter(slot);
      const reached: Reached[] = [];
      for (const slot of queue) {
        const item = items[slot];
        if (item === undefined) continue;
        const keys = keysAt(item);
        reached.push({ slot, item, keys });
        for (const { text } of keys) for (const mate of table.slotsOf(text)) enter(mate);
      }
      return reached;
    },
    count: (server: string): number => servers.get(server)?.size ?? 0,
    servers: (): Iterable<string> => servers.keys(),
    of: (server: string): Iterable<number> => servers.get(server)?.values() ?? [],
  };
}

/** No key of an item begins so. */
const partsKey = (server: string, seriesId: string): string => `parts of ${seriesId} on ${server}`;
