// The items of all servers by number.
import type { IndexedItem } from './indexed-item.ts';
import { createItemArena, type Handle } from './item-arena.ts';
import type { KeyTable } from './key-table.ts';

/** An item without what is said of it. The number is another item's once it was dropped. */
export type Place = { readonly slot: number; readonly server: string; readonly itemId: string };

export type ItemSlots = {
  slotOf(server: string, itemId: string): number | undefined;
  at(slot: number | undefined): IndexedItem | undefined;
  /** In place of what there was of that id. */
  put(item: IndexedItem): number;
  drop(slot: number): void;
  places(): Generator<Place>;
  size(server: string): number;
  /** No slot is larger. */
  end(): number;
  /** Of what was replaced and dropped; not given back. */
  wastedBytes(): number;
};

/** @param table ids are found by it too */
export function createItemSlots(table: KeyTable): ItemSlots {
  const arena = createItemArena();
  const handles: (Handle | undefined)[] = [];
  const free: number[] = [];
  const counts = new Map<string, number>();
  const slotOf = (server: string, itemId: string): number | undefined =>
    table.slotsOf(placeKey(server, itemId)).find((slot) => {
      const handle = handles[slot];
      return handle !== undefined && arena.isOf(handle, server, itemId);
    });
  const count = (server: string, by: number): void => void counts.set(server, (counts.get(server) ?? 0) + by);
  return {
    slotOf,
    at(slot) {
      const handle = slot === undefined ? undefined : handles[slot];
      return handle === undefined ? undefined : arena.read(handle);
    },
    put(item) {
      const { server, itemId } = item;
      const known = slotOf(server, itemId);
      const slot = known ?? free.pop() ?? handles.length;
      const old = handles[slot];
      if (old !== undefined) arena.waste(old);
      handles[slot] = arena.add(item);
      if (known === undefined) {
        table.add(placeKey(server, itemId), slot);
        count(server, 1);
      }
      return slot;
    },
    drop(slot) {
      const handle = handles[slot];
      if (handle === undefined) return;
      const { server, itemId } = arena.placeOf(handle);
      table.remove(placeKey(server, itemId), slot);
      arena.waste(handle);
      handles[slot] = undefined;
      free.push(slot);
      count(server, -1);
    },
    *places() {
      for (const [slot, handle] of handles.entries()) if (handle !== undefined) yield { slot, ...arena.placeOf(handle) };
    },
    size: (server) => counts.get(server) ?? 0,
    end: () => handles.length,
    wastedBytes: arena.wastedBytes,
  };
}

/** No key of an item begins so. */
const placeKey = (server: string, itemId: string): string => `place ${itemId} on ${server}`;
