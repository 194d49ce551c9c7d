// A small file that is the old one or the new one, never half of either, also after a power cut.
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AgentError, messageOf } from '../errors.ts';

export async function writeAtomically(file: string, content: string): Promise<void> {
  const next = `${file}.new`;
  try {
    await mkdir(dirname(file), { recursive: true });
    await using handle = await open(next, 'w', 0o600);
    await handle.writeFile(content);
    await handle.datasync();
    await rename(next, file);
    await syncFolder(dirname(file));
  } catch (cause) {
    throw new AgentError('storage_failed', `cannot write ${file}: ${messageOf(cause)}`, { cause });
  }
}

/** Null where there is none. */
export const readIfThere = (file: string): Promise<string | null> =>
  readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw new AgentError('storage_failed', `cannot read ${file}: ${error.message}`, { cause: error });
  });

/** A rename is on disk once its folder is. Some file systems know no such thing (exFAT by FUSE). */
export async function syncFolder(folder: string): Promise<void> {
  try {
    await using handle = await open(folder, 'r');
    await handle.sync();
  } catch (error) {
    if (!['EINVAL', 'ENOTSUP', 'EPERM', 'EISDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}
