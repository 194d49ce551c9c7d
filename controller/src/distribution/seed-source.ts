// What lies at a path that is to be shared: only below the folders that the configuration names, wherever symbolic links lead.
import { lstat, readdir, realpath } from 'node:fs/promises';
import { isAbsolute, join, normalize, sep } from 'node:path';
import { ControllerError } from '../errors.ts';

/** `mtimeMs` as the file system has it, with its fraction. */
export type SourceFile = { readonly path: string; readonly size: number; readonly mtimeMs: number };

export type SeedSource = {
  /** Real and absolute. */
  readonly path: string;
  readonly isFolder: boolean;
  /** Below `path`; a single file has its own name. */
  readonly files: readonly SourceFile[];
  readonly size: number;
  /** The latest, in whole ms. */
  readonly mtimeMs: number;
};

/** As protocol has it of a folder's files. */
const MAX_FILES = 2_000;
const MAX_DEPTH = 16;

const isBelow = (path: string, root: string): boolean =>
  path === root || path.startsWith(root.endsWith(sep) ? root : `${root}${sep}`);

/**
 * Looks at everything at this path; hidden files do not count.
 * @throws ControllerError denied outside the roots, before it is told whether anything is there; not_found; input_invalid
 */
export async function lookAtSource(path: string, roots: readonly string[]): Promise<SeedSource> {
  const outside = (): ControllerError =>
    new ControllerError(
      'denied',
      roots.length === 0
        ? 'path: no folder may be shared; name some in distribution.roots'
        : `path: "${path}" is not below one of distribution.roots (${roots.join(', ')})`,
    );
  if (!isAbsolute(path) || path.includes('\0')) throw new ControllerError('input_invalid', 'path: must be absolute');
  const wanted = normalize(path).replace(/(.)\/+$/, '$1');
  const real = await realRoots(roots);
  if (![...roots.map((root) => normalize(root)), ...real].some((root) => isBelow(wanted, root))) throw outside();
  const found = await realpath(wanted).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'EACCES') throw new ControllerError('denied', `path: "${path}" may not be read`, { cause });
    throw new ControllerError('not_found', `path: there is no "${path}"`, { cause });
  });
  // A link inside that leads out of all of them.
  if (!real.some((root) => isBelow(found, root))) throw outside();
  // The whole disk that a root is would be one item that never ends.
  if (real.includes(found))
    throw new ControllerError('input_invalid', 'path: is one of distribution.roots itself; name what lies in it');
  return await readSource(found);
}

/** What is there now, links not followed. @throws ControllerError not_found, input_invalid */
async function readSource(path: string): Promise<SeedSource> {
  const stat = await lstat(path).catch((cause) => {
    throw new ControllerError('not_found', `"${path}" is not there any more`, { cause });
  });
  const isFolder = stat.isDirectory();
  const files: SourceFile[] = [];
  if (isFolder) await walk(path, '', files);
  else if (stat.isFile()) files.push({ path: nameOf(path), size: stat.size, mtimeMs: stat.mtimeMs });
  else throw new ControllerError('input_invalid', `path: "${path}" is neither a file nor a folder`);
  const size = files.reduce((sum, file) => sum + file.size, 0);
  if (size === 0) throw new ControllerError('input_invalid', `path: there is nothing in "${path}"`);
  files.sort((a, b) => (a.path < b.path ? -1 : 1));
  return { path, isFolder, files, size, mtimeMs: Math.trunc(Math.max(...files.map(({ mtimeMs }) => mtimeMs))) };
}

async function walk(root: string, below: string, files: SourceFile[]): Promise<void> {
  if (below.split('/').length > MAX_DEPTH) throw new ControllerError('input_invalid', `path: "${below}" is too deep`);
  for (const entry of await readdir(join(root, below), { withFileTypes: true })) {
    if (entry.name.startsWith('.')) continue;
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) await walk(root, path, files);
    else if (!entry.isFile())
      throw new ControllerError(
        'input_invalid',
        `path: "${path}" in it is no file${entry.isSymbolicLink() ? ' but a link' : ''}`,
      );
    else {
      const { size, mtimeMs } = await lstat(join(root, path));
      files.push({ path, size, mtimeMs });
    }
    if (files.length > MAX_FILES)
      throw new ControllerError('input_invalid', `path: there are more than ${MAX_FILES} files in it`);
  }
}

export const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** Those that are there; one on a disk that is not mounted is none. */
async function realRoots(roots: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(roots.map((root) => realpath(root).catch(() => null)));
  return found.filter((root) => root !== null);
}
