// Which items are one group, and what each group is called.
import { groupItems } from './group-items.ts';
import type { Steps } from './in-turns.ts';
import type { IndexedItem } from './indexed-item.ts';
import { bareItem, bareName, numberOf } from './item-keys.ts';
import type { ItemLinks, Reached, Seen } from './item-links.ts';
import type { ItemSlots } from './item-slots.ts';

export type ItemGroups = {
  nameAt(slot: number | undefined): string | null;
  /** By server and id. */
  named(name: string): readonly IndexedItem[];
  /** Every item, for the first time. */
  formAll(): Steps<void>;
  /** These and all that share keys with them are grouped anew, at once. @param look at each, before it is named anew */
  form(starts: Iterable<number>, look: (reached: Reached) => void): void;
  /** Whoever was in its group is formed anew after it. */
  forget(slot: number): void;
};

const A_STEP = 100;

export function createItemGroups(slots: ItemSlots, links: ItemLinks): ItemGroups {
  // Filled at once: an array that grows by leaps is slow.
  const names: (string | null)[] = Array.from({ length: slots.end() }, () => null);
  /** By slot, the next of its group; the last leads to the first. */
  const nexts: number[] = Array.from(names.keys());
  const join = (name: string, group: readonly number[]): void => {
    for (const [place, slot] of group.entries()) {
      names[slot] = name;
      nexts[slot] = group[(place + 1) % group.length] ?? slot;
    }
  };
  const group = (part: readonly Reached[]): void => {
    const [first, ...others] = part;
    if (first === undefined) return;
    if (others.length === 0) join(first.keys[0]?.text ?? bareName(first.item), [first.slot]);
    else for (const { name, members } of groupItems(part.map(keyed))) join(name, Array.from(members, toSlot));
  };
  return {
    nameAt: (slot) => (slot === undefined ? null : (names[slot] ?? null)),
    forget(slot) {
      names[slot] = null;
    },
    *formAll() {
      const seen = marks(slots.end());
      let looked = 0;
      for (const { slot } of slots.places()) {
        if (seen.has(slot)) continue;
        const part = links.reach([slot], seen);
        group(part);
        looked += part.length;
        if (looked < A_STEP) continue;
        looked = 0;
        yield;
      }
    },
    form(starts, look) {
      const seen = new Set<number>();
      for (const start of starts) {
        const part = links.reach([start], seen);
        for (const reached of part) look(reached);
        group(part);
      }
    },
    named(name) {
      const bare = bareItem(name);
      const bearing = bare === null ? links.bearing(name) : [slots.slotOf(bare.server, bare.itemId) ?? -1];
      const start = bearing.find((slot) => names[slot] === name);
      const found: IndexedItem[] = [];
      for (let slot = start; slot !== undefined; ) {
        const item = slots.at(slot);
        if (item !== undefined) found.push(item);
        slot = nexts[slot];
        if (slot === start) break;
      }
      return found.sort(byPlace);
    },
  };
}

/** As a set of numbers below `size`; a real one of a hundred thousand takes a long time whenever it doubles. */
function marks(size: number): Seen {
  const marked = new Uint8Array(size);
  return {
    has: (slot) => marked[slot] === 1,
    add(slot) {
      marked[slot] = 1;
    },
  };
}

const keyed = ({ slot, keys, item }: Reached) => {
  const { server, itemId, kind } = item;
  return { slot, server, itemId, kind, keys, number: numberOf(item) };
};

const toSlot = ({ slot }: { readonly slot: number }): number => slot;

const byPlace = (a: IndexedItem, b: IndexedItem): number => compare(a.server, b.server) || compare(a.itemId, b.itemId);

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
