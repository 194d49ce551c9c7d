// Opens one file of a seed, as it was when it was hashed: by its exact name, and nowhere else than where it lay.
import { constants } from 'node:fs';
import { type FileHandle, open, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { ControllerError } from '../errors.ts';
import type { Seed, SeedFile } from './seed.ts';
import { nameOf } from './seed-source.ts';

/** Larger reads cost fewer turns; this one is what a socket takes at once. */
const READ_BYTES = 256 * 1024;
const TELL_EACH_MS = 500;

/** A single file also answers to the names that groups have for it. Null where there is no such file. */
export function fileOf({ content, places }: Seed, path: string): SeedFile | null {
  if (content === null) return null;
  const [only] = content.files;
  if (content.isFolder || only === undefined) return content.files.find((file) => file.path === path) ?? null;
  return path === only.path || places.some((place) => nameOf(place.path) === path) ? only : null;
}

/** @throws ControllerError not_found where it is not there any more, conflict where it is another one */
export async function openSharedFile({ path, content }: Seed, file: SeedFile): Promise<FileHandle> {
  const place = content?.isFolder === true ? join(path, file.path) : path;
  const gone = (cause: unknown): never => {
    throw new ControllerError('not_found', 'the file is not there any more', { cause });
  };
  // A folder on the way may have become a link since.
  if ((await realpath(dirname(place)).catch(gone)) !== dirname(place)) return gone(null);
  const handle = await open(place, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(gone);
  const stat = await handle.stat().catch(() => null);
  if (stat?.isFile() && stat.size === file.size && stat.mtimeMs === file.mtimeMs) return handle;
  await handle.close();
  throw new ControllerError('conflict', 'the file has changed since it was shared');
}

/** Closes the file at its end. `sent` gets the bytes read for this reader, each half second and at the end. */
export function streamOf(
  handle: FileHandle,
  range: { readonly from: number; readonly to: number },
  sent: (bytes: number) => void,
): Readable {
  const stream = handle.createReadStream({ start: range.from, end: range.to, highWaterMark: READ_BYTES });
  let told = 0;
  const tell = (): void => {
    if (stream.bytesRead > told) sent(stream.bytesRead - told);
    told = stream.bytesRead;
  };
  const timer = setInterval(tell, TELL_EACH_MS);
  stream.once('close', () => {
    clearInterval(timer);
    tell();
  });
  return stream;
}
