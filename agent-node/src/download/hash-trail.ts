// sha256 of a torrent's files, one after the other, right behind the bytes that have come without a gap: at the end only the last of them are still to be read.
import type { Hasher, Hashing } from '../library/hasher.ts';

/** @property path absolute. @property isHashed false: nobody knows its sha256, so it is passed by. */
export type TrailFile = { readonly path: string; readonly size: number; readonly isHashed: boolean };
export type HashTrail = Disposable & {
  /** Bytes of the torrent from its start that are there without a gap. Fewer than before: some were not right after all, and their file is read again. */
  readonly follow: (bytesInOrder: number) => void;
  /** All are there. Lower-case hexadecimal, of each file; null for one that is passed by. @throws AgentError `storage_failed`, or the signal's reason */
  readonly finish: (signal: AbortSignal) => Promise<readonly (string | null)[]>;
};

const never = new AbortController().signal;

/** @param files in the order of the torrent */
export function createHashTrail(hasher: Hasher, files: readonly TrailFile[]): HashTrail {
  const starts = files.map((_, index) => files.slice(0, index).reduce((sum, { size }) => sum + size, 0));
  let sums: (string | null)[] = [];
  let followed = 0;
  let hashing: Hashing | null = null;
  /** Of one file, when all of it is there. */
  let ending: Promise<void> | null = null;
  /** What was begun before is of no use any more. */
  let turn = 0;
  const open = ({ path }: TrailFile): Hashing => {
    hashing ??= hasher.open(path);
    return hashing;
  };
  const close = (): void => {
    turn += 1;
    hashing?.close();
    hashing = null;
    ending = null;
  };
  const end = (file: TrailFile): void => {
    const mine = turn;
    const over = (sum: string | null): void => {
      if (mine !== turn) return;
      [hashing, ending] = [null, null];
      if (sum === null) return;
      sums.push(sum);
      advance();
    };
    // What cannot be read now is tried again at the end, and told then.
    ending = open(file)
      .digest(file.size, never)
      .then(over, () => over(null));
  };
  const advance = (): void => {
    for (let index = sums.length; ending === null; index = sums.length) {
      const [file, start = 0] = [files[index], starts[index]];
      if (file === undefined || followed <= start) return;
      if (!file.isHashed) sums.push(null);
      else if (followed >= start + file.size) end(file);
      else {
        open(file).upTo(followed - start);
        return;
      }
    }
  };
  return {
    follow(bytesInOrder) {
      if (bytesInOrder < followed) {
        close();
        sums = sums.filter((_, index) => (starts[index] ?? 0) + (files[index]?.size ?? 0) <= bytesInOrder);
      }
      followed = bytesInOrder;
      advance();
    },
    async finish(signal) {
      // One that is through begins the next.
      while (ending !== null) await ending;
      for (const file of files.slice(sums.length)) {
        signal.throwIfAborted();
        sums.push(file.isHashed ? await open(file).digest(file.size, signal) : null);
        hashing = null;
      }
      return sums;
    },
    [Symbol.dispose]: close,
  };
}
