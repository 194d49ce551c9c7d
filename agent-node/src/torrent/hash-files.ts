// Makes a private .torrent of a file or folder: sha256 of each file and SHA-1 of each piece in one read.
import { createHash, type Hash } from 'node:crypto';
import { constants } from 'node:fs';
import { lstat, open, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { relativePath } from '@headgate/protocol';
import { type Encodable, encodeBencode } from '@headgate/protocol/bencode';
import { EngineError } from './engine-error.ts';
import { sha1 } from './sha1.ts';
import type { HashedTorrent, HashOptions, TorrentFile } from './torrent-engine.ts';

/** One of these takes about 2 ms to hash twice: nothing else waits longer. */
const READ_BYTES = 1024 * 1024;
const MAX_FILES = 2_000;
const MAX_DEPTH = 16;
const [LEAST_PIECE, MOST_PIECE] = [256 * 1024, 4 * 1024 * 1024];
/** So that a .torrent stays small: 20 bytes each. */
const WISHED_PIECES = 1_024;

type Found = { readonly path: string; readonly absolute: string; readonly size: number; readonly mtimeMs: number };
type Pieces = { readonly length: number; readonly done: Uint8Array[]; hash: Hash; filled: number };

/** Hidden files are left out; a name that no manifest may have is an error, as is a symbolic link. @throws EngineError, AbortError */
export async function hashFiles(
  path: string,
  { name = basename(path), announce }: HashOptions,
  progress: (bytes: number) => void,
  signal: AbortSignal,
): Promise<HashedTorrent> {
  const { found, isFolder } = await find(path);
  const size = found.reduce((sum, file) => sum + file.size, 0);
  if (size === 0) throw new EngineError('input_invalid', `There is nothing in "${basename(path)}"`);
  const pieces: Pieces = { length: pieceLengthOf(size), done: [], hash: createHash('sha1'), filled: 0 };
  const files: TorrentFile[] = [];
  let read = 0;
  for (const file of found) {
    const before = read;
    const sha256 = await hashOne(file, pieces, signal, (bytes) => {
      read = before + bytes;
      progress(read);
    });
    files.push({ path: file.path, size: file.size, sha256 });
  }
  if (pieces.filled > 0) pieces.done.push(pieces.hash.digest());
  const info = infoOf(name, isFolder, files, pieces);
  const torrent = encodeBencode({ ...trackersOf(announce), 'created by': 'Headgate', info });
  return { infoHash: sha1(encodeBencode(info)).toString('hex'), torrent, files, size };
}

async function hashOne(file: Found, pieces: Pieces, signal: AbortSignal, progress: (bytes: number) => void): Promise<string> {
  const whole = createHash('sha256');
  let at = 0;
  // The next read runs while this one is hashed.
  await using handle = await open(file.absolute, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    unreadable(file),
  );
  const buffers = [Buffer.allocUnsafeSlow(READ_BYTES), Buffer.allocUnsafeSlow(READ_BYTES)] as const;
  let turn = 0;
  const next = (from: number) => {
    turn += 1;
    return handle.read(buffers[turn % 2 === 0 ? 0 : 1], 0, READ_BYTES, from);
  };
  for (let reading = next(0); ; ) {
    const { bytesRead, buffer } = await reading.catch(unreadable(file));
    signal.throwIfAborted();
    if (bytesRead === 0) break;
    at += bytesRead;
    reading = next(at);
    reading.catch(() => {});
    const bytes = buffer.subarray(0, bytesRead);
    whole.update(bytes);
    fill(pieces, bytes);
    progress(at);
  }
  const after = await handle.stat();
  if (at !== file.size || after.size !== file.size || after.mtimeMs !== file.mtimeMs)
    throw new EngineError('not_readable', `"${file.path}" changed while it was read`);
  return whole.digest('hex');
}

function fill(pieces: Pieces, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) {
    const some = bytes.subarray(at, at + pieces.length - pieces.filled);
    pieces.hash.update(some);
    pieces.filled += some.length;
    at += some.length;
    if (pieces.filled < pieces.length) continue;
    pieces.done.push(pieces.hash.digest());
    pieces.hash = createHash('sha1');
    pieces.filled = 0;
  }
}

async function find(path: string): Promise<{ readonly found: readonly Found[]; readonly isFolder: boolean }> {
  const stat = await lstat(path).catch((cause: Error) => {
    throw new EngineError('not_readable', `"${basename(path)}" cannot be read: ${cause.message}`, { cause });
  });
  const isFolder = stat.isDirectory();
  const found: Found[] = [];
  if (isFolder) await walk(path, '', found);
  else found.push(foundOf(basename(path), path, stat));
  // Everybody comes to the same info hash.
  return { found: found.sort((a, b) => (a.path < b.path ? -1 : 1)), isFolder };
}

async function walk(root: string, below: string, found: Found[]): Promise<void> {
  if (below.split('/').length > MAX_DEPTH) throw new EngineError('input_invalid', `"${below}" is too deep`);
  for (const entry of await readdir(join(root, below), { withFileTypes: true })) {
    if (entry.name.startsWith('.')) continue;
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) await walk(root, path, found);
    else found.push(foundOf(path, join(root, path), await lstat(join(root, path))));
    if (found.length > MAX_FILES) throw new EngineError('input_invalid', `There are more than ${MAX_FILES} files`);
  }
}

function foundOf(path: string, absolute: string, stat: Awaited<ReturnType<typeof lstat>>): Found {
  if (!stat.isFile()) throw new EngineError('input_invalid', `"${path}" is no file`);
  if (!relativePath.safeParse(path).success)
    throw new EngineError('input_invalid', `"${path}" is a name that not every disk can have`);
  return { path, absolute, size: Number(stat.size), mtimeMs: Number(stat.mtimeMs) };
}

/** A power of two, as every client takes it. */
function pieceLengthOf(size: number): number {
  let length = LEAST_PIECE;
  while (length < MOST_PIECE && size / length > WISHED_PIECES) length *= 2;
  return length;
}

function infoOf(
  name: string,
  isFolder: boolean,
  files: readonly TorrentFile[],
  pieces: Pieces,
): { readonly [key: string]: Encodable } {
  const lengths = isFolder
    ? { files: files.map(({ path, size }) => ({ length: size, path: path.split('/') })) }
    : { length: files[0]?.size ?? 0 };
  return { ...lengths, name, 'piece length': pieces.length, pieces: Buffer.concat(pieces.done), private: 1 };
}

const trackersOf = (announce: readonly string[]): { readonly [key: string]: Encodable } =>
  announce[0] === undefined ? {} : { announce: announce[0], 'announce-list': announce.map((tracker) => [tracker]) };

const unreadable =
  (file: Found) =>
  (cause: Error): never => {
    throw new EngineError('not_readable', `"${file.path}" cannot be read: ${cause.message}`, { cause });
  };
