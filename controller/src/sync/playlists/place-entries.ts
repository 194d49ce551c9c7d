// Pure: the order of a list's entries: which of them somebody moved, and where what is new or moved goes in another list that has more and fewer.

/** Names each entry of a list: its item, and which of the item's entries it is, counted from the front. */
export function keysOf(identities: readonly string[]): readonly string[] {
  const counts = new Map<string, number>();
  return identities.map((identity) => {
    const count = (counts.get(identity) ?? 0) + 1;
    counts.set(identity, count);
    return `${count} ${identity}`;
  });
}

export const identityOfKey = (key: string): string => key.slice(key.indexOf(' ') + 1);

/** Of `now` those that nobody moved: as many as can be, in the order that both lists have them in. */
export function unmoved(before: readonly string[], now: readonly string[]): ReadonlySet<string> {
  const places = new Map(before.map((key, index) => [key, index]));
  const kept = now.filter((key) => places.has(key));
  // The longest rising sequence: for each length the entry that ends it lowest, and who comes before whom.
  const ends: string[] = [];
  const previous = new Map<string, string | null>();
  for (const key of kept) {
    const at = lowestNotBelow(ends, places, places.get(key) ?? 0);
    previous.set(key, ends[at - 1] ?? null);
    ends[at] = key;
  }
  const fixed = new Set<string>();
  for (let key = ends.at(-1) ?? null; key !== null; key = previous.get(key) ?? null) fixed.add(key);
  return fixed;
}

function lowestNotBelow(ends: readonly string[], places: ReadonlyMap<string, number>, place: number): number {
  let [low, high] = [0, ends.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((places.get(ends[middle] ?? '') ?? 0) < place) low = middle + 1;
    else high = middle;
  }
  return low;
}

export type Placing = {
  /** A list as somebody has it. */
  readonly source: readonly string[];
  /** Entries of it that are to stand in the other as they stand here. */
  readonly placed: ReadonlySet<string>;
  /** Entries of it that both have, by which places are told. */
  readonly anchors: ReadonlySet<string>;
};

/**
 * `target` with `placed` in it, each behind what it stands behind in `source`. What stands at the end there goes to the end: whoever adds something there means that,
 * whatever else the other list holds.
 */
export function placeEntries(target: readonly string[], { source, placed, anchors }: Placing): readonly string[] {
  const rest = target.filter((key) => !placed.has(key));
  const isThere = new Set(rest);
  const behind = new Map<string | null, string[]>();
  let last = -1;
  for (const [index, key] of source.entries()) if (anchors.has(key) && isThere.has(key)) last = index;
  let anchor: string | null = null;
  const end: string[] = [];
  for (const [index, key] of source.entries()) {
    if (placed.has(key)) {
      if (index > last) end.push(key);
      else behind.set(anchor, [...(behind.get(anchor) ?? []), key]);
    } else if (anchors.has(key) && isThere.has(key)) anchor = key;
  }
  return [...(behind.get(null) ?? []), ...rest.flatMap((key) => [key, ...(behind.get(key) ?? [])]), ...end];
}
