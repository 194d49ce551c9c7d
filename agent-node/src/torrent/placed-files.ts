// A torrent's bytes on disk, under the names that the caller gave: webtorrent sees offsets only. Symbolic links are not followed.
import { close, constants, fstat, ftruncate, open, read, write } from 'node:fs';
import { mkdir, realpath } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { promisify } from 'node:util';
import type { ChunkStore } from 'webtorrent';
import { EngineError } from './engine-error.ts';

/** Of one torrent; a folder of films has no more in use at a time. */
const MAX_OPEN = 32;

export type PlacedFiles = {
  /** Absolute, and free of links. */
  readonly folder: string;
  /** Below it, safe, in the torrent's order. */
  readonly files: readonly { readonly path: string; readonly size: number }[];
  readonly pieceLength: number;
  readonly readOnly: boolean;
};

type Part = { readonly file: number; readonly at: number; readonly from: number; readonly length: number };
type OpenFile = { readonly fd: Promise<number>; users: number };
type Files = PlacedFiles & {
  readonly starts: readonly number[];
  readonly size: number;
  readonly open: Map<number, OpenFile>;
  closed: boolean;
};

const readAt = promisify(read);
const writeAt = promisify(write);
const closeFd = promisify(close);
const openFd = promisify(open);
const statFd = promisify(fstat);
const truncateFd = promisify(ftruncate);

/** Opens files as they are needed, and makes them and their folders unless `readOnly`. Empty files are made at once. @throws EngineError */
export async function openPlacedFiles(placed: PlacedFiles): Promise<ChunkStore> {
  const starts = placed.files.map((_, index) => placed.files.slice(0, index).reduce((sum, { size }) => sum + size, 0));
  const size = placed.files.reduce((sum, file) => sum + file.size, 0);
  const files: Files = { ...placed, starts, size, open: new Map(), closed: false };
  if (!placed.readOnly)
    for (const [index, file] of placed.files.entries()) if (file.size === 0) await withFile(files, index, async () => {});
  const end = (done: (error: Error | null) => void): void => {
    files.closed = true;
    const all = [...files.open.values()].map(async ({ fd }) => closeFd(await fd));
    files.open.clear();
    void Promise.allSettled(all).then(() => done(null));
  };
  return {
    chunkLength: placed.pieceLength,
    get(index, options, done) {
      const from = index * files.pieceLength + (options?.offset ?? 0);
      const whole = Math.min(files.pieceLength, files.size - index * files.pieceLength);
      readBytes(files, from, options?.length ?? whole - (options?.offset ?? 0)).then((bytes) => done(null, bytes), done);
    },
    put(index, bytes, done) {
      writeBytes(files, index * files.pieceLength, bytes).then(() => done(null), done);
    },
    close: end,
    destroy: end,
  };
}

async function readBytes(files: Files, from: number, length: number): Promise<Uint8Array> {
  if (from < 0 || length < 0 || from + length > files.size)
    throw new EngineError('input_invalid', 'A peer asked for bytes that are not there');
  const bytes = Buffer.allocUnsafeSlow(length);
  await Promise.all(
    partsOf(files, from, length).map((part) =>
      withFile(files, part.file, async (fd) => {
        const { bytesRead } = await readAt(fd, bytes, part.at, part.length, part.from);
        if (bytesRead < part.length) throw new EngineError('not_readable', 'A file is shorter than it should be');
      }),
    ),
  );
  return bytes;
}

async function writeBytes(files: Files, from: number, bytes: Uint8Array): Promise<void> {
  if (files.readOnly) throw new EngineError('input_invalid', 'These files are only read');
  await Promise.all(
    partsOf(files, from, bytes.length).map((part) =>
      withFile(files, part.file, async (fd) => {
        for (let done = 0; done < part.length; ) {
          const { bytesWritten } = await writeAt(fd, bytes, part.at + done, part.length - done, part.from + done);
          done += bytesWritten;
        }
      }),
    ),
  );
}

/** Which bytes of which files a range is: binary search for the first, then on. */
function partsOf(files: Files, from: number, length: number): readonly Part[] {
  let [low, high] = [0, files.starts.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((files.starts[middle] ?? 0) <= from) low = middle;
    else high = middle - 1;
  }
  const parts: Part[] = [];
  for (let [file, at] = [low, 0]; at < length && file < files.files.length; file++) {
    const within = from + at - (files.starts[file] ?? 0);
    const some = Math.min(length - at, (files.files[file]?.size ?? 0) - within);
    if (some <= 0) continue;
    parts.push({ file, at, from: within, length: some });
    at += some;
  }
  return parts;
}

async function withFile(files: Files, index: number, use: (fd: number) => Promise<void>): Promise<void> {
  if (files.closed) throw new EngineError('unavailable', 'The torrent is closed');
  const known = files.open.get(index);
  const file: OpenFile = known ?? { fd: openOne(files, index), users: 0 };
  file.users += 1;
  if (known === undefined) {
    files.open.set(index, file);
    file.fd.catch(() => files.open.delete(index));
    closeOldest(files);
  }
  try {
    await use(await file.fd);
  } finally {
    file.users -= 1;
  }
}

function closeOldest(files: Files): void {
  if (files.open.size <= MAX_OPEN) return;
  for (const [index, { fd, users }] of files.open) {
    if (users > 0) continue;
    files.open.delete(index);
    void fd.then(closeFd).catch(() => {});
    return;
  }
}

async function openOne({ folder, files, readOnly }: Files, index: number): Promise<number> {
  const file = files[index];
  if (file === undefined) throw new EngineError('input_invalid', 'There is no such file');
  const path = join(folder, file.path);
  if (!readOnly) await mkdir(dirname(path), { recursive: true });
  const [top, parent] = await Promise.all([realpath(folder), realpath(dirname(path))]);
  // A link on the way would lead out of the folder.
  if (parent !== top && !parent.startsWith(top === sep ? sep : top + sep))
    throw new EngineError('input_invalid', 'A folder on the way is a symbolic link');
  // A pipe in a library would else hold up whoever opens it.
  const flags =
    constants.O_NOFOLLOW | constants.O_NONBLOCK | (readOnly ? constants.O_RDONLY : constants.O_RDWR | constants.O_CREAT);
  const fd = await openFd(path, flags, 0o644);
  const stat = await statFd(fd);
  if (stat.isFile() && (readOnly || stat.size <= file.size)) return fd;
  if (stat.isFile()) {
    await truncateFd(fd, file.size);
    return fd;
  }
  await closeFd(fd);
  throw new EngineError('input_invalid', 'What lies there is no file');
}
