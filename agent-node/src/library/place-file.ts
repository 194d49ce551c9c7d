// From staging into the library, and out of it again: by rename, never by a copy, and never a moment without the old file or the new one.
import { link, mkdir, open, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AgentError, messageOf } from '../errors.ts';
import { syncFolder } from './atomic-file.ts';
import { type LibraryPaths, type Ownership, own } from './library-paths.ts';
import { lookAt, safePlace } from './safe-path.ts';

export type Placed = { readonly size: number; readonly mtimeMs: number };
export type Placer = {
  /** Before anything is fetched for it. @throws AgentError `not_allowed` where it could never be placed */
  readonly check: (path: string) => Promise<void>;
  /** `staged`: verified, and on disk. What lies at `path` goes to the trash first. @throws AgentError */
  readonly place: (staged: string, path: string) => Promise<Placed>;
  /** Within the library. @throws AgentError where something lies at `to` */
  readonly rename: (from: string, to: string) => Promise<Placed>;
  readonly trash: (path: string) => Promise<void>;
  /** Takes away for good what has lain in the trash for so long. */
  readonly emptyTrash: (graceMs: number, nowMs: number) => Promise<void>;
};

/** What file systems without hard links answer (exFAT, some network shares), and one with too many of them. */
const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'];

export function createPlacer(paths: LibraryPaths, ownership: Ownership, now: () => number): Placer {
  const toTrash = async (path: string, keepsName: boolean): Promise<void> => {
    const from = await safePlace(paths.root, path, ownership);
    const folder = join(paths.trash, `${now()}-${Math.trunc(performance.now() * 1000)}`);
    const to = join(folder, path);
    await mkdir(dirname(to), { recursive: true });
    if (keepsName) await linkOrRename(from, to);
    else await rename(from, to);
  };
  return {
    check: async (path) => void (await safePlace(paths.root, path, null)),
    async place(staged, path) {
      const target = await safePlace(paths.root, path, ownership);
      try {
        await own(staged, false, ownership);
        // Whoever wrote it: it is whole on the disk before it has its name.
        await using handle = await open(staged, 'r');
        await handle.datasync();
        if ((await lookAt(paths.root, path)) !== null) await toTrash(path, true);
        await rename(staged, target);
        await syncFolder(dirname(target));
        const { size, mtimeMs } = await stat(target);
        return { size, mtimeMs };
      } catch (cause) {
        throw storage(cause, path);
      }
    },
    async rename(from, to) {
      const [source, target] = [await safePlace(paths.root, from, ownership), await safePlace(paths.root, to, ownership)];
      if ((await lookAt(paths.root, to)) !== null) throw new AgentError('not_allowed', `${to}: something lies there already`);
      try {
        await rename(source, target);
        await syncFolder(dirname(target));
        await dropEmptyFolders(paths.root, from);
        const { size, mtimeMs } = await stat(target);
        return { size, mtimeMs };
      } catch (cause) {
        throw storage(cause, to);
      }
    },
    async trash(path) {
      try {
        await toTrash(path, false);
        await dropEmptyFolders(paths.root, path);
      } catch (cause) {
        throw storage(cause, path);
      }
    },
    async emptyTrash(graceMs, nowMs) {
      for (const name of await readdir(paths.trash).catch(() => [])) {
        const at = Number.parseInt(name, 10);
        if (nowMs - at >= graceMs) await rm(join(paths.trash, name), { recursive: true, force: true });
      }
    },
  };
}

async function linkOrRename(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (!NO_LINKS.includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    await rename(from, to);
  }
}

async function dropEmptyFolders(root: string, path: string): Promise<void> {
  for (let folder = dirname(path); folder !== '.'; folder = dirname(folder)) {
    try {
      await rmdir(join(root, folder));
    } catch {
      return;
    }
  }
}

function storage(cause: unknown, path: string): unknown {
  if (cause instanceof AgentError) return cause;
  const code = (cause as NodeJS.ErrnoException).code;
  if (code === 'EXDEV')
    return new AgentError('storage_failed', `${path} lies on another disk than the library, and nothing is ever copied`, {
      cause,
    });
  return new AgentError(code === 'ENOSPC' ? 'no_room' : 'storage_failed', `${path} cannot be placed: ${messageOf(cause)}`, {
    cause,
  });
}
