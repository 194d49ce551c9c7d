// Pure: how a playlist becomes another by as little as possible, where an entry has no name but its item's.

export type RewritePlan = {
  /** Items whose entries are all taken out. */
  readonly remove: readonly string[];
  /** At the end, afterwards. */
  readonly add: readonly string[];
};

/** How many entries at the front may stay: as far as both are alike, and none of their items stands again behind them, since it would go with the rest. */
function keptOf(now: readonly string[], wanted: readonly string[]): number {
  let kept = 0;
  while (kept < now.length && now[kept] === wanted[kept]) kept += 1;
  const places = new Map<string, number>();
  for (const [index, item] of now.entries()) places.set(item, index);
  // Whatever is removed must not stand in front as well; what is cut off there may push the cut further forward.
  for (let index = kept - 1; index >= 0; index -= 1) {
    const last = places.get(now[index] ?? '') ?? index;
    if (last >= kept) kept = index;
  }
  return kept;
}

/** What is left when all entries of some items are gone, or null where that is not what is wanted. */
function onlyLess(now: readonly string[], wanted: readonly string[]): readonly string[] | null {
  const stays = new Set(wanted);
  const left = now.filter((item) => stays.has(item));
  const isWanted = left.length === wanted.length && left.every((item, index) => item === wanted[index]);
  return isWanted ? [...new Set(now.filter((item) => !stays.has(item)))] : null;
}

/** Both lists by item id; an item may stand more than once. */
export function planRewrite(now: readonly string[], wanted: readonly string[]): RewritePlan {
  const gone = onlyLess(now, wanted);
  if (gone !== null) return { remove: gone, add: [] };
  if (wanted.length >= now.length && now.every((item, index) => item === wanted[index]))
    return { remove: [], add: wanted.slice(now.length) };
  const kept = keptOf(now, wanted);
  return { remove: [...new Set(now.slice(kept))], add: wanted.slice(kept) };
}
