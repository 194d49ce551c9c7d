// Pure: which pieces of a file have come. Handed out in order, so that sha256 can follow.

export const CHUNK_BYTES = 4 * 1024 * 1024;

/** What is remembered over a restart. `done`: a bit for each chunk, hexadecimal. */
export type ChunkMemory = {
  readonly size: number;
  readonly sha256: string | null;
  readonly chunkBytes: number;
  readonly done: string;
};
export type Chunk = { readonly index: number; readonly from: number /** Exclusive. */; readonly to: number };
export type ChunkTable = {
  /** The lowest that nobody has; null when all are had or under way. */
  readonly next: () => Chunk | null;
  readonly finish: (chunk: Chunk) => void;
  readonly giveBack: (chunk: Chunk) => void;
  readonly isWhole: () => boolean;
  /** Bytes from the beginning without a gap. */
  readonly unbrokenBytes: () => number;
  readonly doneBytes: () => number;
  readonly memory: () => ChunkMemory;
};

/** `known` counts only where it is of the same bytes. */
export function createChunkTable(size: number, sha256: string | null, known: ChunkMemory | null): ChunkTable {
  const count = Math.ceil(size / CHUNK_BYTES);
  const isSame = known !== null && known.size === size && known.sha256 === sha256 && known.chunkBytes === CHUNK_BYTES;
  const done = bitsOf(isSame ? known.done : '', count);
  const taken = new Set<number>();
  let unbroken = 0;
  let first = 0;
  const chunkAt = (index: number): Chunk => ({ index, from: index * CHUNK_BYTES, to: Math.min(size, (index + 1) * CHUNK_BYTES) });
  const grow = (): void => {
    while (unbroken < count && done[unbroken] === true) unbroken += 1;
    first = Math.max(first, unbroken);
  };
  grow();
  return {
    next() {
      for (let index = unbroken; index < count; index += 1) {
        if (done[index] === true || taken.has(index)) continue;
        taken.add(index);
        return chunkAt(index);
      }
      return null;
    },
    finish({ index }) {
      done[index] = true;
      taken.delete(index);
      grow();
    },
    giveBack: ({ index }) => void taken.delete(index),
    isWhole: () => unbroken === count,
    unbrokenBytes: () => Math.min(size, unbroken * CHUNK_BYTES),
    doneBytes: () => done.reduce((sum, isDone, index) => (isDone ? sum + chunkAt(index).to - chunkAt(index).from : sum), 0),
    memory: () => ({ size, sha256, chunkBytes: CHUNK_BYTES, done: hexOf(done) }),
  };
}

function bitsOf(hex: string, count: number): boolean[] {
  const isOurs = /^[0-9a-f]*$/.test(hex) && hex.length === Math.ceil(count / 4);
  return Array.from(
    { length: count },
    (_, index) => isOurs && (Number.parseInt(hex[index >> 2] ?? '0', 16) & (8 >> (index & 3))) !== 0,
  );
}

const hexOf = (bits: readonly boolean[]): string =>
  Array.from({ length: Math.ceil(bits.length / 4) }, (_, four) =>
    [0, 1, 2, 3].reduce((sum, bit) => sum + (bits[four * 4 + bit] === true ? 8 >> bit : 0), 0).toString(16),
  ).join('');
