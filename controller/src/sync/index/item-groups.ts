// Which items are one group, and what each group is called.
import { groupItems } from './group-items.ts';
import type { Steps } from './in-turns.ts';
import type { IndexedItem } from './indexed-item.ts';
import { bareItem, bareName, numberOf } from './item-keys.ts';
import type { ItemLinks, Reached } from './item-links.ts';
import type { ItemSlots } from './item-slots.ts';

export type ItemGroups = {
  nameAt(slot: number | undefined): string | null;
  /** By server and id. */
  named(name: string): readonly IndexedItem[];
  /** Those that share keys with these, all of them, are grouped anew. @param look at each, before it is named anew */
  form(starts: Iterable<number>, look?: (reached: Reached) => void): Steps<void>;
  /** Whoever was in its group is formed anew after it. */
  forget(slot: number): void;
};

const A_STEP = 100;

export function createItemGroups(slots: ItemSlots, links: ItemLinks): ItemGroups {
  const names: (string | null)[] = [];
  /** By slot, the next of its group; the last leads to the first. */
  const nexts: number[] = [];
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
    *form(starts, look = () => {}) {
      const seen = new Set<number>();
      let looked = 0;
      for (const start of starts) {
        if (seen.has(start)) continue;
        const part = links.reach([start], seen);
        for (const reached of part) look(reached);
        group(part);
        looked += part.length;
        if (looked < A_STEP) continue;
        looked = 0;
        yield;
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

const keyed = ({ slot, keys, item }: Reached) => {
  const { server, itemId, kind } = item;
  return { slot, server, itemId, kind, keys, number: numberOf(item) };
};

const toSlot = ({ slot }: { readonly slot: number }): number => slot;

const byPlace = (a: IndexedItem, b: IndexedItem): number => compare(a.server, b.server) || compare(a.itemId, b.itemId);

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
