// The items of all servers at one moment, and which of them are the same. After a change a part is grouped anew: what shares a key with it, and no more.
import { groupItems } from './group-items.ts';
import { atOnce, type Steps } from './in-turns.ts';
import type { IndexedItem } from './indexed-item.ts';
import { bareItem, bareName, numberOf } from './item-keys.ts';
import { createItemSlots, type PathOf, type Reached } from './item-slots.ts';
import type { Move } from './view-changes.ts';

/** An item that a server has now, or (null) has no more. */
export type ItemChange = { readonly server: string; readonly itemId: string; readonly item: IndexedItem | null };

export type ItemView = {
  get(server: string, itemId: string): IndexedItem | null;
  nameOf(server: string, itemId: string): string | null;
  /** By server and id. */
  named(name: string): readonly IndexedItem[];
  size(server: string): number;
  items(): Iterable<IndexedItem>;
  itemsOn(server: string): Iterable<IndexedItem>;
  /** All of them at once. Answers with all items of each group that was looked at. */
  change(changes: readonly ItemChange[]): readonly Move[];
};

const A_STEP = 100;

export function* buildView(items: Iterable<IndexedItem>, pathOf: PathOf): Steps<ItemView> {
  const slots = createItemSlots(pathOf);
  const all: number[] = [];
  for (const item of items) if (all.push(slots.put(item)) % (A_STEP * 10) === 0) yield;
  for (const [index, slot] of all.entries()) {
    slots.link(slot);
    if (index % A_STEP === 0) yield;
  }
  const groups = createGroups(slots);
  yield* groups.form(all);
  return {
    get: (server, itemId) => slots.get(server, itemId) ?? null,
    nameOf: (server, itemId) => groups.nameAt(slots.slotOf(server, itemId)),
    named: groups.named,
    size: slots.count,
    *items() {
      for (const server of slots.servers()) for (const slot of slots.of(server)) yield* present(slots.at(slot));
    },
    *itemsOn(server) {
      for (const slot of slots.of(server)) yield* present(slots.at(slot));
    },
    change: (changes) => changeView(slots, groups, changes),
  };
}

const present = <T>(value: T | undefined): readonly T[] => (value === undefined ? [] : [value]);

type Slots = ReturnType<typeof createItemSlots>;
type Groups = ReturnType<typeof createGroups>;

/** Which slots are one group, and their name. */
function createGroups(slots: Slots) {
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
    if (others.length === 0) {
      join(first.keys[0]?.text ?? bareName(first.item), [first.slot]);
      return;
    }
    const keyed = part.map(({ slot, keys, item }) => {
      const { server, itemId, kind } = item;
      return { slot, server, itemId, kind, keys, number: numberOf(item) };
    });
    for (const { name, members } of groupItems(keyed))
      join(
        name,
        members.map(({ slot }) => slot),
      );
  };
  const nameAt = (slot: number | undefined): string | null => (slot === undefined ? null : (names[slot] ?? null));
  return {
    nameAt,
    forget(slot: number): void {
      names[slot] = null;
    },
    *form(starts: Iterable<number>): Steps<void> {
      const seen = new Set<number>();
      let looked = 0;
      for (const start of starts) {
        if (seen.has(start)) continue;
        const part = slots.reach([start], seen);
        group(part);
        looked += part.length;
        if (looked >= A_STEP) {
          looked = 0;
          yield;
        }
      }
    },
    named(name: string): readonly IndexedItem[] {
      const bare = bareItem(name);
      const bearing = bare === null ? slots.bearing(name) : present(slots.slotOf(bare.server, bare.itemId));
      const start = bearing.find((slot) => names[slot] === name);
      const found: IndexedItem[] = [];
      for (let slot = start; slot !== undefined; ) {
        found.push(...present(slots.at(slot)));
        slot = nexts[slot];
        if (slot === start) break;
      }
      return found.sort(byPlace);
    },
  };
}

const byPlace = (a: IndexedItem, b: IndexedItem): number => compare(a.server, b.server) || compare(a.itemId, b.itemId);

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function changeView(slots: Slots, groups: Groups, changes: readonly ItemChange[]): readonly Move[] {
  const touched = new Set<number>();
  for (const { server, itemId } of changes)
    for (const slot of [...present(slots.slotOf(server, itemId)), ...slots.partsOf(server, itemId)]) touched.add(slot);
  const before = new Map<number, Move>();
  const remember = ({ slot, item: { server, itemId } }: Reached): void => {
    if (!before.has(slot)) before.set(slot, { server, itemId, before: groups.nameAt(slot), after: null });
  };
  const old = slots.reach(touched, new Set());
  old.forEach(remember);
  for (const slot of touched) slots.unlink(slot);
  const gone: Move[] = [];
  for (const { server, itemId, item } of changes) {
    if (item !== null) {
      touched.add(slots.put(item));
      continue;
    }
    const slot = slots.slotOf(server, itemId);
    if (slot === undefined) continue;
    gone.push(...present(before.get(slot)));
    before.delete(slot);
    touched.delete(slot);
    groups.forget(slot);
    slots.drop(slot);
  }
  for (const slot of touched) slots.link(slot);
  const now = slots.reach([...before.keys(), ...touched], new Set());
  now.forEach(remember);
  atOnce(groups.form(before.keys()));
  return [...gone, ...[...before].map(([slot, move]) => ({ ...move, after: groups.nameAt(slot) }))];
}
