// One node for one library: two would write into each other's files.
import { open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AgentError, messageOf } from '../errors.ts';

/** Held until it is disposed; one of a process that is gone counts for nothing. @throws AgentError `storage_failed` where another holds it */
export async function lockLibrary(folder: string): Promise<AsyncDisposable> {
  const file = join(folder, 'lock');
  for (let tries = 0; ; tries += 1) {
    try {
      await using handle = await open(file, 'wx');
      await handle.writeFile(String(process.pid));
      return { [Symbol.asyncDispose]: () => rm(file, { force: true }) };
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST')
        throw new AgentError('storage_failed', `the library cannot be locked: ${messageOf(cause)}`, { cause });
      const holder = Number(await readFile(file, 'utf8').catch(() => ''));
      if (tries > 2 || (await isNode(holder)))
        throw new AgentError('storage_failed', `another node (process ${holder}) works on this library`);
      await rm(file, { force: true });
    }
  }
}

/** In a container every start has the same number, and after a boot another program may have it. */
async function isNode(pid: number): Promise<boolean> {
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => null);
  return command === null || command.includes('agent-node');
}
