// Which items bear a key, in few bytes: texts are kept as numbers of 32 bits, so an answer may hold a wrong item now and then, and is looked at again by who asked.

export type KeyTable = {
  add(text: string, slot: number): void;
  /** One that was added; unknown ones are let be. */
  remove(text: string, slot: number): void;
  slotsOf(text: string): readonly number[];
};

/** A million keys make chains of four. */
const CHAINS = 2 ** 18;
const NONE = -1;
const FIRST_SIZE = 1_024;

export function createKeyTable(): KeyTable {
  const heads = new Int32Array(CHAINS).fill(NONE);
  /** By place: the text's hash, its item, the next place of the chain. */
  let hashes = new Int32Array(FIRST_SIZE);
  let slots = new Int32Array(FIRST_SIZE);
  let nexts = new Int32Array(FIRST_SIZE);
  let used = 0;
  let free = NONE;
  const place = (): number => {
    if (free !== NONE) {
      const taken = free;
      free = nexts[taken] ?? NONE;
      return taken;
    }
    if (used === hashes.length) {
      hashes = larger(hashes);
      slots = larger(slots);
      nexts = larger(nexts);
    }
    used += 1;
    return used - 1;
  };
  return {
    add(text, slot) {
      const hash = hashOf(text);
      const at = place();
      hashes[at] = hash;
      slots[at] = slot;
      nexts[at] = heads[chainOf(hash)] ?? NONE;
      heads[chainOf(hash)] = at;
    },
    remove(text, slot) {
      const hash = hashOf(text);
      let before = NONE;
      for (let at = heads[chainOf(hash)] ?? NONE; at !== NONE; before = at, at = nexts[at] ?? NONE) {
        if (hashes[at] !== hash || slots[at] !== slot) continue;
        const next = nexts[at] ?? NONE;
        if (before === NONE) heads[chainOf(hash)] = next;
        else nexts[before] = next;
        nexts[at] = free;
        free = at;
        return;
      }
    },
    slotsOf(text) {
      const hash = hashOf(text);
      const found: number[] = [];
      for (let at = heads[chainOf(hash)] ?? NONE; at !== NONE; at = nexts[at] ?? NONE)
        if (hashes[at] === hash) found.push(slots[at] ?? NONE);
      return found;
    },
  };
}

function larger(array: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(Math.ceil(array.length * 1.5));
  grown.set(array);
  return grown;
}

const chainOf = (hash: number): number => (hash ^ (hash >>> 15)) & (CHAINS - 1);

/** FNV-1a over UTF-16 units. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash | 0;
}
