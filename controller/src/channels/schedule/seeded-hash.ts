// Pure: numbers that follow from a seed and a name, so that the same seed, items and rules give the same schedule everywhere.

/** 0 to 2^32 - 1: FNV-1a over the text's UTF-16 units, well mixed. */
export const hashText = (text: string, seed = 0): number => mixBits(rollText(text, 0x811c9dc5 ^ seed));

/** `hashText` of the item's key, without making the text: twenty thousand of them are a planning's most costly part. */
export const hashItem = ({ server, id }: { readonly server: string; readonly id: string }): number =>
  mixBits(rollText(id, rollText('/', rollText(server, 0x811c9dc5))));

function rollText(text: string, start: number): number {
  let hash = start;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}

/** 0 to 2^32 - 1, one to one: neighbouring numbers land far apart (the finish of murmur3). */
export function mixBits(bits: number): number {
  let mixed = bits;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
