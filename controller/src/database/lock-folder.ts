// One process owns the folder: a lock that the kernel takes back by itself when the process ends, however it ends.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type FileHandle, open } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { ControllerError } from '../errors.ts';

/**
 * Takes the lock or throws `locked` at once. Node has no flock(2), and a file with a process number would block after a power cut
 * or mistake another process for its owner (containers number theirs anew). So util-linux's or BusyBox's `flock` locks a file
 * description that it inherits from us; the lock stays with our open file after `flock` has ended. Where that program is missing,
 * a socket in Linux's abstract name space stands in: it is as safe, but does not reach from one container into another.
 */
export async function lockFolder(folder: string): Promise<AsyncDisposable> {
  const handle = await open(join(folder, 'lock'), 'a', 0o600);
  try {
    const { ino, dev } = await handle.stat();
    const taken = await lockDescription(handle);
    if (taken === 'held') throw heldError(folder);
    if (taken === 'taken') return { [Symbol.asyncDispose]: () => handle.close() };
    const name = await claimName(`headgate-${dev}-${ino}`);
    if (name === null) throw heldError(folder);
    return {
      [Symbol.asyncDispose]: async () => {
        await name[Symbol.asyncDispose]();
        await handle.close();
      },
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

const heldError = (folder: string): ControllerError =>
  new ControllerError(
    'locked',
    `Another Headgate has the database in ${folder} open. Stop it first, or give this one its own folder.`,
  );

async function lockDescription(handle: FileHandle): Promise<'taken' | 'held' | 'unknown'> {
  const child = spawn('flock', ['-n', '3'], { stdio: ['ignore', 'ignore', 'ignore', handle.fd] });
  const ended = Promise.withResolvers<number | null>();
  child.once('error', () => ended.resolve(null)); // no such program
  child.once('exit', (code) => ended.resolve(code));
  const code = await ended.promise;
  if (code === 0) return 'taken';
  return code === 1 ? 'held' : 'unknown';
}

async function claimName(name: string): Promise<AsyncDisposable | null> {
  const server = createServer((socket) => socket.destroy());
  server.unref();
  try {
    server.listen(`\0${name}`);
    await once(server, 'listening');
  } catch {
    return null;
  }
  return {
    [Symbol.asyncDispose]: async () => {
      server.close();
      await once(server, 'close');
    },
  };
}
