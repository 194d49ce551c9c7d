// Pure: which pieces of a file have come. Asked for in runs and in order, so that sha256 can follow; remembered one by one, so that little comes twice.

/** What is remembered, and what is written at once. */
export const CHUNK_BYTES = 1024 * 1024;
/** One question is for so many at most: over a long way each costs a round trip. */
const MOST_IN_RUN = 8;

/** What is remembered over a restart. `done`: a bit for each chunk, hexadecimal. */
export type ChunkMemory = {
  readonly size: number;
  readonly sha256: string | null;
  readonly chunkBytes: number;
  readonly done: string;
};
/** Chunks that follow one another, as bytes of the file. */
export type Run = { readonly from: number /** Exclusive. */; readonly to: number };
export type ChunkTable = {
  /** The lowest that nobody has; null when all are had or under way. Towards the end they are short, so that all connections end together. */
  readonly next: () => Run | null;
  /** The chunk that begins there has come. */
  readonly finish: (from: number) => void;
  /** What of it has not come is anybody's again. */
  readonly giveBack: (run: Run) => void;
  readonly isWhole: () => boolean;
  /** Bytes from the beginning without a gap. */
  readonly unbrokenBytes: () => number;
  readonly doneBytes: () => number;
  readonly memory: () => ChunkMemory;
};

/** `known` counts only where it is of the same bytes. @param connections how many ask at a time */
export function createChunkTable(
  { size, sha256 }: { readonly size: number; readonly sha256: string | null },
  known: ChunkMemory | null,
  connections: number,
): ChunkTable {
  const count = Math.ceil(size / CHUNK_BYTES);
  const isSame = known !== null && known.size === size && known.sha256 === sha256 && known.chunkBytes === CHUNK_BYTES;
  const done = bitsOf(isSame ? known.done : '', count);
  const taken = new Set<number>();
  let unbroken = 0;
  let open = done.filter((isDone) => !isDone).length;
  const isFree = (index: number): boolean => index < count && done[index] !== true && !taken.has(index);
  const grow = (): void => {
    while (unbroken < count && done[unbroken] === true) unbroken += 1;
  };
  grow();
  return {
    next() {
      let first = unbroken;
      while (first < count && !isFree(first)) first += 1;
      if (first === count) return null;
      const most = Math.max(1, Math.min(MOST_IN_RUN, Math.floor((open - taken.size) / (2 * connections))));
      let end = first;
      for (; end < first + most && isFree(end); end += 1) taken.add(end);
      return { from: first * CHUNK_BYTES, to: Math.min(size, end * CHUNK_BYTES) };
    },
    finish(from) {
      const index = from / CHUNK_BYTES;
      taken.delete(index);
      if (done[index] === false) open -= 1;
      done[index] = true;
      grow();
    },
    giveBack({ from, to }) {
      for (let index = from / CHUNK_BYTES; index * CHUNK_BYTES < to; index += 1) taken.delete(index);
    },
    isWhole: () => unbroken === count,
    unbrokenBytes: () => Math.min(size, unbroken * CHUNK_BYTES),
    doneBytes: () => bytesOf(done, size),
    memory: () => ({ size, sha256, chunkBytes: CHUNK_BYTES, done: hexOf(done) }),
  };
}

function bytesOf(done: readonly boolean[], size: number): number {
  const whole = done.filter((isDone) => isDone).length * CHUNK_BYTES;
  // The last one is short.
  return done.at(-1) === true ? whole - (done.length * CHUNK_BYTES - size) : whole;
}

function bitsOf(hex: string, count: number): boolean[] {
  const isOurs = /^[0-9a-f]*$/.test(hex) && hex.length === Math.ceil(count / 4);
  return Array.from(
    { length: count },
    (_, index) => isOurs && (Number.parseInt(hex[index >> 2] ?? '0', 16) & (8 >> (index & 3))) !== 0,
  );
}

function hexOf(bits: readonly boolean[]): string {
  let hex = '';
  for (let four = 0; four < bits.length; four += 4) {
    let digit = 0;
    for (let bit = 0; bit < 4; bit += 1) if (bits[four + bit] === true) digit += 8 >> bit;
    hex += digit.toString(16);
  }
  return hex;
}
