// Pure: what differs between what was known and what was read.
import type { Steps } from './in-turns.ts';
import { type IndexedItem, isSameItem } from './indexed-item.ts';
import type { ItemChange, ItemView } from './item-view.ts';
import type { Move } from './view-changes.ts';

const A_STEP = 1_000;

/** From what the view has of one server to what it has been found to have; null: more than `most`. */
export function* differences(
  view: ItemView,
  server: string,
  found: ReadonlyMap<string, IndexedItem>,
  most: number,
): Steps<readonly ItemChange[] | null> {
  const changes: ItemChange[] = [];
  let looked = 0;
  for (const [itemId, item] of found) {
    looked += 1;
    if (looked % A_STEP === 0) yield;
    const known = view.get(server, itemId);
    if (known !== item && (known === null || !isSameItem(known, item))) changes.push({ server, itemId, item });
    if (changes.length > most) return null;
  }
  for (const { itemId } of view.itemsOn(server)) {
    looked += 1;
    if (looked % A_STEP === 0) yield;
    if (!found.has(itemId)) changes.push({ server, itemId, item: null });
    if (changes.length > most) return null;
  }
  return changes;
}

/** As the moves of one change: all items of each group in which one is called otherwise. */
export function* movesBetween(before: ItemView, after: ItemView): Steps<readonly Move[]> {
  const affected = new Set<string>();
  const gone: Move[] = [];
  let looked = 0;
  for (const { server, itemId } of after.items()) {
    looked += 1;
    if (looked % A_STEP === 0) yield;
    const [old, now] = [before.nameOf(server, itemId), after.nameOf(server, itemId)];
    if (old === now) continue;
    if (old !== null) affected.add(old);
    if (now !== null) affected.add(now);
  }
  for (const { server, itemId } of before.items()) {
    looked += 1;
    if (looked % A_STEP === 0) yield;
    if (after.get(server, itemId) !== null) continue;
    const old = before.nameOf(server, itemId);
    if (old !== null) affected.add(old);
    gone.push({ server, itemId, before: old, after: null });
  }
  const moves = gone;
  for (const { server, itemId } of after.items()) {
    looked += 1;
    if (looked % A_STEP === 0) yield;
    const move = { server, itemId, before: before.nameOf(server, itemId), after: after.nameOf(server, itemId) };
    if ((move.before !== null && affected.has(move.before)) || (move.after !== null && affected.has(move.after)))
      moves.push(move);
  }
  return moves;
}

/** The view's items, but of one server what was found there. */
export function* itemsWith(view: ItemView, server: string, found: ReadonlyMap<string, IndexedItem>): Iterable<IndexedItem> {
  for (const item of view.items()) if (item.server !== server) yield item;
  yield* found.values();
}
