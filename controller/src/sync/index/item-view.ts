// The items of all servers at one moment, and which of them are the same. After a change a part is grouped anew: what shares a key with it, and no more.
import type { Steps } from './in-turns.ts';
import type { IndexedItem } from './indexed-item.ts';
import { createItemGroups, type ItemGroups } from './item-groups.ts';
import { createItemLinks, type ItemLinks, type PathOf, type Reached } from './item-links.ts';
import { createItemSlots, type ItemSlots, type Place } from './item-slots.ts';
import { createKeyTable } from './key-table.ts';
import type { Move } from './view-changes.ts';

/** An item that a server has now, or (null) has no more. */
export type ItemChange = { readonly server: string; readonly itemId: string; readonly item: IndexedItem | null };

export type NamedPlace = Place & { readonly name: string | null };

export type ItemView = Pick<ItemSlots, 'slotOf' | 'size' | 'end' | 'wastedBytes'> & {
  get(server: string, itemId: string): IndexedItem | null;
  nameOf(server: string, itemId: string): string | null;
  /** By server and id. */
  named(name: string): readonly IndexedItem[];
  places(): Iterable<NamedPlace>;
  /** How many items these changes are of: a series' are those of its episodes. */
  weight(changes: readonly ItemChange[]): number;
  /** All of them at once. Answers with all items of each group that was looked at. */
  change(changes: readonly ItemChange[]): readonly Move[];
};

export type ViewBuilder = {
  put(item: IndexedItem): void;
  drop(server: string, itemId: string): void;
  /** All items of it. */
  forget(server: string): void;
  /** Nothing is put or dropped after it. */
  finish(): Steps<ItemView>;
};

const A_STEP = 100;

export function createViewBuilder(pathOf: PathOf): ViewBuilder {
  const table = createKeyTable();
  const slots = createItemSlots(table);
  return {
    put: slots.put,
    drop(server, itemId) {
      const slot = slots.slotOf(server, itemId);
      if (slot !== undefined) slots.drop(slot);
    },
    forget(server) {
      for (const place of slots.places()) if (place.server === server) slots.drop(place.slot);
    },
    *finish() {
      const links = createItemLinks(slots, table, pathOf);
      for (let from = 0; from < slots.end(); from += A_STEP) {
        links.link(Array.from({ length: A_STEP }, (_, place) => from + place));
        yield;
      }
      const groups = createItemGroups(slots, links);
      yield* groups.formAll();
      return viewOf({ slots, links, groups });
    },
  };
}

type Parts = { readonly slots: ItemSlots; readonly links: ItemLinks; readonly groups: ItemGroups };

const viewOf = (parts: Parts): ItemView => {
  const { slots, groups } = parts;
  return {
    slotOf: slots.slotOf,
    size: slots.size,
    end: slots.end,
    wastedBytes: slots.wastedBytes,
    get: (server, itemId) => slots.at(slots.slotOf(server, itemId)) ?? null,
    nameOf: (server, itemId) => groups.nameAt(slots.slotOf(server, itemId)),
    named: groups.named,
    places: () => slots.places().map((place) => ({ ...place, name: groups.nameAt(place.slot) })),
    weight: (changes) => changes.reduce((sum, change) => sum + 1 + partsTouched(parts, change).length, 0),
    change: (changes) => changeParts(parts, changes),
  };
};

/** Seasons and episodes whose series gets other ids: their keys are others too. */
function partsTouched({ slots, links }: Parts, { server, itemId, item }: ItemChange): readonly number[] {
  const idsOf = (one: IndexedItem | null | undefined): string => (one?.kind === 'series' ? one.ids : '');
  return idsOf(item) === idsOf(slots.at(slots.slotOf(server, itemId))) ? [] : links.partsOf(server, itemId);
}

function changeParts(parts: Parts, changes: readonly ItemChange[]): readonly Move[] {
  const { slots, links, groups } = parts;
  const touched = new Set<number>();
  for (const change of changes) {
    const { server, itemId } = change;
    const slot = slots.slotOf(server, itemId);
    if (slot !== undefined) touched.add(slot);
    for (const part of partsTouched(parts, change)) touched.add(part);
  }
  const before = new Map<number, Move>();
  const remember = ({ slot, item: { server, itemId } }: Reached): void => {
    if (!before.has(slot)) before.set(slot, { server, itemId, before: groups.nameAt(slot), after: null });
  };
  for (const reached of links.reach(touched, new Set())) remember(reached);
  links.unlink(touched);
  const gone: Move[] = [];
  for (const { server, itemId, item } of changes) {
    if (item !== null) {
      touched.add(slots.put(item));
      continue;
    }
    const slot = slots.slotOf(server, itemId);
    const move = slot === undefined ? undefined : before.get(slot);
    if (slot === undefined || move === undefined) continue;
    gone.push(move);
    before.delete(slot);
    touched.delete(slot);
    groups.forget(slot);
    slots.drop(slot);
  }
  links.link(touched);
  groups.form([...before.keys(), ...touched], remember);
  return [...gone, ...[...before].map(([slot, move]) => ({ ...move, after: groups.nameAt(slot) }))];
}
