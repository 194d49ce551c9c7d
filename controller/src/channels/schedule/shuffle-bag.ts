// Pure: items in a seeded order, each once a round, none again within half as many places as there are items, over the edges of rounds too.
import type { CatalogueItem } from '../catalogue-item.ts';
import type { BagMemory } from './plan-memory.ts';
import { hashItem, mixBits } from './seeded-hash.ts';
import { LOOK_AHEAD, lastsMs, type Walk } from './walk.ts';

/** Where nothing else fits into so long a gap, an item comes again early: better than an hour of filler. */
const LONG_GAP_MS = 3_600_000;

export type Bag = Walk & {
  isRecent(item: CatalogueItem): boolean;
  memory(): BagMemory;
};

/** `isUnwelcome` items are taken only where nothing else is near. The next one follows from seed, items and memory alone, so a walk may stop and go on anywhere. */
export function createBag(
  items: readonly CatalogueItem[],
  seed: number,
  memory: BagMemory | null,
  isUnwelcome: (item: CatalogueItem) => boolean = () => false,
): Bag {
  const plays = recentPlays(items, memory);
  let queue = orderOf(plays, seed);
  let head = 0;
  const shortestMs = items.reduce((least, item) => Math.min(least, lastsMs(item)), Number.POSITIVE_INFINITY);

  /** The first ones of the queue that may air now. */
  const allowed = function* (most: number): Generator<number> {
    while (head < queue.length && queue[head] === TAKEN) head += 1;
    let found = 0;
    for (let at = head; at < queue.length && found < most; at += 1) {
      const index = queue[at] ?? TAKEN;
      if (index === TAKEN || plays.isRecent(index)) continue;
      found += 1;
      yield index;
    }
  };
  const firstAllowed = (): CatalogueItem | null => {
    let first: CatalogueItem | null = null;
    for (const index of allowed(LOOK_AHEAD)) {
      const item = items[index];
      if (!item) continue;
      if (!isUnwelcome(item)) return item;
      first ??= item;
    }
    return first;
  };
  return {
    current() {
      const first = firstAllowed();
      if (first || items.length === 0) return first;
      plays.startRound();
      queue = orderOf(plays, seed);
      head = 0;
      return firstAllowed() ?? items[plays.longestAgo(() => true)] ?? null;
    },
    fitting(mostMs) {
      if (mostMs < shortestMs) return null;
      const next = longest(items, allowed(LOOK_AHEAD), mostMs) ?? longest(items, allowed(items.length), mostMs);
      if (next) return next;
      // What is left of this round may never fit between fixed times: the others go round without it.
      const free = items.keys().filter((index) => !plays.isRecent(index));
      const again = plays.left() <= items.length / 2 ? longest(items, free, mostMs) : null;
      if (again || mostMs < LONG_GAP_MS) return again;
      return items[plays.longestAgo((index) => fits(items[index], mostMs))] ?? null;
    },
    aired(item) {
      const index = plays.aired(item);
      const at = index === undefined ? -1 : queue.indexOf(index, head);
      if (at !== -1) queue[at] = TAKEN;
    },
    isRecent: (item) => plays.isRecent(plays.indexOf(item) ?? TAKEN),
    memory: plays.memory,
  };
}

/** In a queue: was there. */
const TAKEN = -1;

const fits = (item: CatalogueItem | undefined, mostMs: number): item is CatalogueItem =>
  item !== undefined && lastsMs(item) <= mostMs;

function longest(items: readonly CatalogueItem[], indexes: Iterable<number>, mostMs: number): CatalogueItem | null {
  let best: CatalogueItem | null = null;
  for (const index of indexes) {
    const item = items[index];
    if (fits(item, mostMs) && (!best || lastsMs(item) > lastsMs(best))) best = item;
  }
  return best;
}

type Plays = ReturnType<typeof recentPlays>;

/** What aired when, by the hash of its key: items that are gone still count as places. Two items of one hash share their turns. */
function recentPlays(items: readonly CatalogueItem[], memory: BagMemory | null) {
  const hashes = new Uint32Array(items.length);
  const indexes = new Map<number, number>();
  items.forEach((item, index) => {
    const hash = hashItem(item);
    hashes[index] = hash;
    indexes.set(hash, index);
  });
  const counts = new Uint16Array(items.length);
  const window = Math.floor(items.length / 2);
  const last = [...(memory?.last ?? [])];
  let round = memory?.round ?? 0;
  let played = new Set(memory?.played);

  const count = (hash: number | undefined, by: 1 | -1): void => {
    const index = hash === undefined ? undefined : indexes.get(hash);
    if (index !== undefined) counts[index] = (counts[index] ?? 0) + by;
  };
  for (const hash of last.slice(Math.max(0, last.length - window))) count(hash, 1);

  return {
    hashes,
    round: (): number => round,
    left: (): number => hashes.reduce((left, hash) => left + (played.has(hash) ? 0 : 1), 0),
    wasPlayed: (index: number): boolean => played.has(hashes[index] ?? 0),
    isRecent: (index: number): boolean => (counts[index] ?? 0) > 0,
    indexOf: (item: CatalogueItem): number | undefined => indexes.get(hashItem(item)),
    aired(item: CatalogueItem): number | undefined {
      const hash = hashItem(item);
      last.push(hash);
      played.add(hash);
      if (window > 0) count(hash, 1);
      if (window > 0) count(last[last.length - window - 1], -1);
      return indexes.get(hash);
    },
    startRound(): void {
      played = new Set();
      round += 1;
    },
    /** -1 where none is acceptable. */
    longestAgo(accept: (index: number) => boolean): number {
      const places = new Map(
        last
          .slice(-items.length)
          .entries()
          .map(([place, hash]) => [hash, place]),
      );
      let [best, ago] = [TAKEN, Number.POSITIVE_INFINITY];
      for (const [index, hash] of hashes.entries()) {
        const place = places.get(hash) ?? -1;
        if (place < ago && accept(index)) [best, ago] = [index, place];
      }
      return best;
    },
    memory(): BagMemory {
      const all = [...played];
      // Those that are gone may come back, unless they are too many to remember.
      const known = all.length > 2 * items.length ? all.filter((hash) => indexes.has(hash)) : all;
      return { round, played: known, last: last.slice(-items.length) };
    },
  };
}

/** What is left of the round, in its order: as numbers that sort by themselves, rank before index. */
function orderOf(plays: Plays, seed: number): Int32Array {
  const salt = mixBits(seed ^ Math.imul(plays.round() + 1, 0x9e3779b1));
  const places = new Float64Array(plays.hashes.length);
  let left = 0;
  plays.hashes.forEach((hash, index) => {
    if (plays.wasPlayed(index)) return;
    places[left] = mixBits(hash ^ salt) * INDEX_SPAN + index;
    left += 1;
  });
  const queue = new Int32Array(left);
  places
    .subarray(0, left)
    .sort()
    .forEach((place, at) => {
      queue[at] = place % INDEX_SPAN;
    });
  return queue;
}

/** 2^20: with 32 bits of rank still a whole number in a double. */
const INDEX_SPAN = 1_048_576;
