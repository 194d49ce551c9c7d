// Pure: what differs between what was known and what was read.
import type { Steps } from './in-turns.ts';
import { isSameItem } from './indexed-item.ts';
import type { ItemChange, ItemView, ViewBuilder } from './item-view.ts';
import type { Move } from './view-changes.ts';

const A_STEP = 500;

export type Comparison = {
  /** What a server was found to have; what was found later of one item counts. */
  take(change: ItemChange): void;
  /** From what the view has of that server to what was found; null: more than `most`. */
  result(): Steps<readonly ItemChange[] | null>;
};

export function compareWith(view: ItemView, server: string, most: number): Comparison {
  const found = new Uint8Array(view.end());
  const changes = new Map<string, ItemChange>();
  let isMany = false;
  return {
    take(change) {
      const { itemId, item } = change;
      const slot = view.slotOf(server, itemId);
      if (slot !== undefined) found[slot] = item === null ? 0 : 1;
      if (isMany) return;
      const known = slot === undefined ? null : view.get(server, itemId);
      if (item === null || (known !== null && isSameItem(known, item))) changes.delete(itemId);
      else changes.set(itemId, change);
      isMany = changes.size > most;
    },
    *result() {
      let looked = 0;
      for (const { slot, server: of, itemId } of view.places()) {
        if (isMany) return null;
        looked += 1;
        if (looked % A_STEP === 0) yield;
        if (of === server && found[slot] === 0) changes.set(itemId, { server, itemId, item: null });
        isMany = changes.size > most;
      }
      return isMany ? null : [...changes.values()];
    },
  };
}

/** As the moves of one change: all items of each group in which one is called otherwise. */
export function* movesBetween(before: ItemView, after: ItemView): Steps<readonly Move[]> {
  const affected = new Set<string>();
  const moves: Move[] = [];
  let looked = 0;
  for (const { server, itemId, name } of after.places()) {
    looked += 1;
    if (looked % A_STEP === 0) yield;
    const old = before.nameOf(server, itemId);
    if (old === name) continue;
    if (old !== null) affected.add(old);
    if (name !== null) affected.add(name);
  }
  for (const { server, itemId, name } of before.places()) {
    looked += 1;
    if (looked % A_STEP === 0) yield;
    if (after.slotOf(server, itemId) !== undefined) continue;
    if (name !== null) affected.add(name);
    moves.push({ server, itemId, before: name, after: null });
  }
  for (const { server, itemId, name } of after.places()) {
    looked += 1;
    if (looked % A_STEP === 0) yield;
    const old = before.nameOf(server, itemId);
    if (affected.has(name ?? '') || affected.has(old ?? '')) moves.push({ server, itemId, before: old, after: name });
  }
  return moves;
}

/** All items go into the builder, but those of one server. */
export function* copyOthers(view: ItemView, but: string | null, builder: ViewBuilder): Steps<void> {
  let looked = 0;
  for (const { server, itemId } of view.places()) {
    looked += 1;
    if (looked % A_STEP === 0) yield;
    const item = server === but ? null : view.get(server, itemId);
    if (item !== null) builder.put(item);
  }
}
