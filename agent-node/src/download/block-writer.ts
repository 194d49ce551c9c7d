// Writes what comes, in blocks: one fills while the other is written. Two blocks and one write under way, however fast it comes.
import type { FileHandle } from 'node:fs/promises';
import { CHUNK_BYTES } from './chunk-table.ts';

export type BlockWriter = Disposable & {
  /** What comes from now on begins at this byte of the file. Only after `finish`. */
  readonly begin: (at: number) => void;
  /** Where the next bytes may go. */
  readonly room: () => Uint8Array;
  /** So many have come there. The promise resolves when there is room again; null: there is. */
  readonly took: (bytes: number) => Promise<void> | null;
  /** Resolves when all is written. */
  readonly finish: () => Promise<void>;
};

/** A slow source is told of so often, and a kill costs no more of it. */
const FLUSH_MS = 500;

/** @param onWritten so many more bytes are in the file, in order */
export function createBlockWriter(file: FileHandle, onWritten: (bytes: number) => void): BlockWriter {
  let [filling, other] = [Buffer.allocUnsafeSlow(CHUNK_BYTES), Buffer.allocUnsafeSlow(CHUNK_BYTES)];
  /** Of the filling block: where it begins in the file, how much has come, how much of that was handed to be written. */
  let [at, filled, handed] = [0, 0, 0];
  let flushedMs = 0;
  let writing: Promise<void> = Promise.resolve();
  let isOtherFree = true;
  const flush = (): Promise<void> => {
    const [block, from, to, place] = [filling, handed, filled, at];
    handed = filled;
    flushedMs = performance.now();
    writing = writing.then(() => writeAll(file, block.subarray(from, to), place + from)).then(() => onWritten(to - from));
    // Whoever waits for it hears of it.
    writing.catch(() => {});
    return writing;
  };
  return {
    begin(place) {
      [at, filled, handed, flushedMs] = [place, 0, 0, performance.now()];
    },
    room: () => filling.subarray(filled),
    took(bytes) {
      filled += bytes;
      if (filled < CHUNK_BYTES) {
        if (performance.now() - flushedMs >= FLUSH_MS) void flush();
        return null;
      }
      const before = writing;
      const isFree = isOtherFree;
      const written = flush();
      isOtherFree = false;
      const block = filling;
      void written.then(
        () => {
          if (other === block) isOtherFree = true;
        },
        () => {},
      );
      [filling, other] = [other, filling];
      [at, filled, handed] = [at + CHUNK_BYTES, 0, 0];
      return isFree ? null : before;
    },
    async finish() {
      await (filled > handed ? flush() : writing);
    },
    // Else they would stay until memory is looked through, which at rest it is not.
    [Symbol.dispose]() {
      for (const { buffer } of [filling, other]) buffer.transfer(0);
    },
  };
}

async function writeAll(file: FileHandle, bytes: Uint8Array, at: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, at + done);
    done += bytesWritten;
  }
}
