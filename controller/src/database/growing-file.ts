// The file in memory that sql.js works on, with room to grow in place: its own would be copied whole each time that it is full.

/** Address space alone, taken from nobody. What grows beyond is copied by sql.js, as everything was. */
const mostBytes = 2 ** 30;
/** More than any transaction of ours adds. Zeroes that nobody has written to are no memory yet. */
const leastRoom = 8 * 2 ** 20;
const step = 16 * 2 ** 20;

/** Where SQLite's header (sqlite.org/fileformat.html §1.3) tells the size of a page, and how many there are. */
const pageSizeAt = 16;
const pagesAt = 28;

export type GrowingFile = {
  /** For sql.js's constructor. */
  readonly data: Uint8Array;
  /** To be called after whatever may have written. Costs some ten nanoseconds where there is room. */
  makeRoom(): void;
  /** Where the file's bytes are. sql.js leaves this place when one statement needs more than there was room for. */
  readonly contents: Uint8Array;
};

/**
 * A copy of these bytes that can grow: 60 ms of a stopped event loop for each eighth that 64 MB grew by are none. sql.js takes the
 * file that it is given by its `slice`: ours hands out an array that follows the length of its buffer.
 */
export function createGrowingFile(bytes: Uint8Array): GrowingFile {
  const buffer = roomFor(bytes.length);
  const contents = new Uint8Array(buffer);
  contents.set(bytes);
  const header = new DataView(buffer);
  const data = buffer.resizable ? Object.assign(bytes.subarray(), { slice: () => contents }) : bytes;
  return {
    data,
    contents,
    makeRoom: () => {
      const used = header.getUint16(pageSizeAt) * header.getUint32(pagesAt);
      const { byteLength } = buffer;
      if (byteLength - used < leastRoom && byteLength + step <= buffer.maxByteLength) buffer.resize(byteLength + step);
    },
  };
}

/** A process that may not have so much address space (ulimit -v) does without. */
function roomFor(length: number): ArrayBuffer {
  try {
    return new ArrayBuffer(Math.min(length + step, mostBytes), { maxByteLength: mostBytes });
  } catch {
    return new ArrayBuffer(length + step);
  }
}
