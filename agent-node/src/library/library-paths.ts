// Where things of ours lie: all below the library, so that a rename is enough, and below one folder that Jellyfin passes by.
import { chmod, chown, mkdir, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AgentError, messageOf } from '../errors.ts';

export type LibraryPaths = {
  readonly root: string;
  /** Bytes that are still coming, and those that are seeded. */
  readonly staging: string;
  /** Bytes that were not what their sha256 says. */
  readonly quarantine: string;
  /** What is not shared any more, and what was replaced. */
  readonly trash: string;
  readonly state: string;
};

/** Octal modes and ids; null: as the process makes them. */
export type Ownership = {
  readonly fileMode: number | null;
  readonly folderMode: number | null;
  readonly owner: readonly [number, number] | null;
};

const OWN_FOLDER = '.headgate';

export function libraryPaths(library: string, stateFolder: string | undefined): LibraryPaths {
  const own = join(library, OWN_FOLDER);
  return {
    root: library,
    staging: join(own, 'staging'),
    quarantine: join(own, 'quarantine'),
    trash: join(own, 'trash'),
    state: stateFolder ?? join(own, 'state'),
  };
}

/** Makes what is missing. @throws AgentError `storage_failed` */
export async function makeFolders(paths: LibraryPaths): Promise<void> {
  try {
    for (const folder of [paths.root, paths.staging, paths.quarantine, paths.trash, paths.state])
      await mkdir(folder, { recursive: true });
    // An empty file of this name: Jellyfin looks no further (IgnorePatterns, "Excluding directories"). The leading dot alone is enough on Linux only.
    await writeFile(join(paths.root, OWN_FOLDER, '.ignore'), '');
  } catch (cause) {
    throw new AgentError('storage_failed', `the library cannot be written: ${messageOf(cause)}`, { cause });
  }
}

/** Bytes that this process may still write. */
export async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

export async function own(path: string, isFolder: boolean, { fileMode, folderMode, owner }: Ownership): Promise<void> {
  const mode = isFolder ? folderMode : fileMode;
  if (mode !== null) await chmod(path, mode);
  if (owner !== null) await chown(path, ...owner);
}
