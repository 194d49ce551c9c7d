// The keys that items bear, and who shares one with whom.
import type { IndexedItem } from './indexed-item.ts';
import { type ItemKey, keysOf } from './item-keys.ts';
import type { ItemSlots } from './item-slots.ts';
import type { KeyTable } from './key-table.ts';

/** A path of a server as all servers name it. */
export type PathOf = (server: string, path: string) => string;

export type Reached = { readonly slot: number; readonly item: IndexedItem; readonly keys: readonly ItemKey[] };

/** A set of slots. */
export type Seen = { has(slot: number): boolean; add(slot: number): unknown };

export type ItemLinks = {
  link(slots: Iterable<number>): void;
  /** While they and their series are as they were when they were linked. */
  unlink(slots: Iterable<number>): void;
  /** Its seasons and episodes: their keys hold its ids. */
  partsOf(server: string, seriesId: string): readonly number[];
  /** Those that may bear this key: to be looked at. */
  bearing(text: string): readonly number[];
  /** These and all that share a key with one of them, or with those. What was seen is not looked at again. */
  reach(starts: Iterable<number>, seen: Seen): readonly Reached[];
};

export function createItemLinks(slots: ItemSlots, table: KeyTable, pathOf: PathOf): ItemLinks {
  const eachKey = (some: Iterable<number>, use: (text: string, slot: number) => void): void => {
    const keysAt = keyReader(slots, pathOf);
    for (const slot of some) {
      const item = slots.at(slot);
      if (item === undefined) continue;
      if (item.series !== null) use(partsKey(item.server, item.series.id), slot);
      for (const { text } of keysAt(item)) use(text, slot);
    }
  };
  return {
    link: (some) => eachKey(some, table.add),
    unlink: (some) => eachKey(some, table.remove),
    partsOf: (server, seriesId) =>
      table.slotsOf(partsKey(server, seriesId)).filter((slot) => {
        const item = slots.at(slot);
        return item?.server === server && item.series?.id === seriesId;
      }),
    bearing: table.slotsOf,
    reach(starts, seen) {
      const keysAt = keyReader(slots, pathOf);
      const queue: number[] = [];
      const enter = (slot: number): void => {
        if (seen.has(slot)) return;
        seen.add(slot);
        queue.push(slot);
      };
      for (const slot of starts) enter(slot);
      const reached: Reached[] = [];
      const followed = new Set<string>();
      for (const slot of queue) {
        const item = slots.at(slot);
        if (item === undefined) continue;
        const keys = keysAt(item);
        reached.push({ slot, item, keys });
        for (const { text } of keys) {
          // A key that thousands bear is followed once, not by each of them.
          if (followed.has(text)) continue;
          followed.add(text);
          for (const mate of table.slotsOf(text)) enter(mate);
        }
      }
      return reached;
    },
  };
}

/** While no item changes: what was read of a series holds for all of its episodes. */
function keyReader(slots: ItemSlots, pathOf: PathOf): (item: IndexedItem) => readonly ItemKey[] {
  const known = new Map<string, string>();
  const idsOfSeries = (server: string, seriesId: string): string => {
    const key = `${seriesId} ${server}`;
    const ids = known.get(key);
    if (ids !== undefined) return ids;
    const series = slots.at(slots.slotOf(server, seriesId));
    const read = series?.kind === 'series' ? series.ids : '';
    known.set(key, read);
    return read;
  };
  return (item) => {
    const seriesIds = item.series === null ? '' : idsOfSeries(item.server, item.series.id);
    return keysOf(item, seriesIds, item.path === null ? null : pathOf(item.server, item.path));
  };
}

/** No key of an item begins so. */
const partsKey = (server: string, seriesId: string): string => `parts of ${seriesId} on ${server}`;
