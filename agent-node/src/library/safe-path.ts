// A manifest's path on this disk: no symbolic link leads out of the library, and nothing but a file is replaced.
import type { Stats } from 'node:fs';
import { lstat, mkdir, realpath } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { relativePath } from '@headgate/protocol';
import * as z from 'zod/mini';
import { AgentError, messageOf } from '../errors.ts';
import { type Ownership, own } from './library-paths.ts';

/**
 * The absolute path, with its folders made; `ownership` null: only looked at, nothing is made. The schema has seen to names; what stands on the disk is looked at here.
 * @throws AgentError `not_allowed` where it leads out of the library or something else is in its place, `storage_failed` where it cannot be made
 */
export async function safePlace(library: string, path: string, ownership: Ownership | null): Promise<string> {
  if (!z.safeParse(relativePath, path).success) throw new AgentError('not_allowed', `${path} is no path within the library`);
  const root = await realpath(library);
  const names = path.split('/');
  const file = names.pop() ?? '';
  let folder = root;
  for (const [depth, name] of names.entries()) {
    const next = await enter(root, join(folder, name), ownership);
    // Not there yet, so nothing can be in the way below it.
    if (next === null) return join(folder, ...names.slice(depth), file);
    folder = next;
  }
  const target = join(folder, file);
  const found = await statOf(target);
  if (found !== null && !found.isFile())
    throw new AgentError(
      'not_allowed',
      `${path}: ${found.isDirectory() ? 'a folder' : 'something that is no file'} is in its place`,
    );
  return target;
}

/** Makes a folder where there is none, and follows a link that stays within. */
async function enter(root: string, folder: string, ownership: Ownership | null): Promise<string | null> {
  const found = await statOf(folder);
  if (found === null) {
    if (ownership === null) return null;
    try {
      await mkdir(folder);
      await own(folder, true, ownership);
    } catch (cause) {
      // Another item of the same folder may have been quicker.
      if ((await statOf(folder)) === null)
        throw new AgentError('storage_failed', `no folder can be made: ${messageOf(cause)}`, { cause });
    }
  } else if (!found.isDirectory() && !found.isSymbolicLink()) throw new AgentError('not_allowed', `${folder} is no folder`);
  const real = await realpath(folder).catch((cause: unknown) => {
    throw new AgentError('not_allowed', `${folder} leads nowhere`, { cause });
  });
  if (!isWithin(root, real)) throw new AgentError('not_allowed', `${folder} leads out of the library`);
  return real;
}

/** What lies at a wanted path, without following a last link; null where nothing does. For planning: nothing is made. */
export async function lookAt(library: string, path: string): Promise<Stats | null> {
  const at = join(library, path);
  const found = await statOf(at);
  if (found === null) return null;
  const [root, folder] = await Promise.all([realpath(library), realpath(dirname(at))]);
  return isWithin(root, folder) ? found : null;
}

const isWithin = (root: string, path: string): boolean => path === root || path.startsWith(root + sep);

const statOf = (path: string): Promise<Stats | null> =>
  lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
    throw new AgentError('storage_failed', `cannot look at ${path}: ${error.message}`, { cause: error });
  });
