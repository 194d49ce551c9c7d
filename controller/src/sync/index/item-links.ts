// The keys that items bear, and who shares one with whom.
import type { IndexedItem } from './indexed-item.ts';
import { type ItemKey, keysOf } from './item-keys.ts';
import type { ItemSlots } from './item-slots.ts';
import type { KeyTable } from './key-table.ts';

/** A path of a server as all servers name it. */
export type PathOf = (server: string, path: string) => string;

export type Reached = { readonly slot: number; readonly item: IndexedItem; readonly keys: readonly ItemKey[] };

export type ItemLinks = {
  link(slot: number): void;
  /** While it and its series are as they were when they were linked. */
  unlink(slot: number): void;
  /** Its seasons and episodes: their keys hold its ids. */
  partsOf(server: string, seriesId: string): readonly number[];
  /** Those that may bear this key: to be looked at. */
  bearing(text: string): readonly number[];
  /** These and all that share a key with one of them, or with those. What was seen is not looked at again. */
  reach(starts: Iterable<number>, seen: Set<number>): readonly Reached[];
};

export function createItemLinks(slots: ItemSlots, table: KeyTable, pathOf: PathOf): ItemLinks {
  const keysAt = (item: IndexedItem): readonly ItemKey[] => {
    const series = item.series === null ? undefined : slots.at(slots.slotOf(item.server, item.series.id));
    const path = item.path === null ? null : pathOf(item.server, item.path);
    return keysOf(item, series?.kind === 'series' ? series.ids : '', path);
  };
  const eachKey = (slot: number, use: (text: string, slot: number) => void): void => {
    const item = slots.at(slot);
    if (item === undefined) return;
    if (item.series !== null) use(partsKey(item.server, item.series.id), slot);
    for (const { text } of keysAt(item)) use(text, slot);
  };
  return {
    link: (slot) => eachKey(slot, table.add),
    unlink: (slot) => eachKey(slot, table.remove),
    partsOf: (server, seriesId) =>
      table.slotsOf(partsKey(server, seriesId)).filter((slot) => {
        const item = slots.at(slot);
        return item?.server === server && item.series?.id === seriesId;
      }),
    bearing: table.slotsOf,
    reach(starts, seen) {
      const queue: number[] = [];
      const enter = (slot: number): void => {
        if (seen.has(slot)) return;
        seen.add(slot);
        queue.push(slot);
      };
      for (const slot of starts) enter(slot);
      const reached: Reached[] = [];
      for (const slot of queue) {
        const item = slots.at(slot);
        if (item === undefined) continue;
        const keys = keysAt(item);
        reached.push({ slot, item, keys });
        for (const { text } of keys) for (const mate of table.slotsOf(text)) enter(mate);
      }
      return reached;
    },
  };
}

/** No key of an item begins so. */
const partsKey = (server: string, seriesId: string): string => `parts of ${seriesId} on ${server}`;
