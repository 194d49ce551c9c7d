// A door for the same user on the same machine: `--restore` and `--test` ask the instance that runs. A unix socket in the data folder.
import { chmod, rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';

/** What may be asked, each answered by one JSON value. */
export type Commands = { readonly restore: () => Promise<unknown>; readonly status: () => Promise<unknown> };
type Answer = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: string };

const FILE = 'control.sock';
/** sun_path of unix(7). */
const LONGEST_PATH = 107;
const ASK_MS = 20_000;
/** A status with hundreds of viewers fits. */
const MOST_CHARACTERS = 4_000_000;

/** The data folder is its owner's; the socket's mode says so once more. */
export async function openControlSocket(folder: string, commands: Commands, log: Log): Promise<AsyncDisposable> {
  const path = join(folder, FILE);
  if (Buffer.byteLength(path) > LONGEST_PATH) {
    log.warn({ path }, 'path too long for a control socket: --restore needs Headgate stopped');
    return { [Symbol.asyncDispose]: async () => {} };
  }
  // The folder's lock is ours, so a file that is there is of a dead instance.
  await rm(path, { force: true });
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    void firstLine(socket).then(async (line) => {
      if (line !== null) socket.end(`${JSON.stringify(await answer(commands, line))}\n`);
    });
  });
  server.maxConnections = 8;
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(path, resolve));
  await chmod(path, 0o600);
  return {
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await rm(path, { force: true });
    },
  };
}

async function answer(commands: Commands, line: string): Promise<Answer> {
  const name = line.slice(0, 100).trim();
  if (name !== 'restore' && name !== 'status') return { ok: false, error: 'unknown command' };
  try {
    return { ok: true, value: await commands[name]() };
  } catch (error) {
    return { ok: false, error: messageOf(error) };
  }
}

/** Null where no instance answers there. */
export async function askInstance(folder: string, command: keyof Commands): Promise<Answer | null> {
  const path = join(folder, FILE);
  if (Buffer.byteLength(path) > LONGEST_PATH) return null;
  const socket = connect(path, () => socket.write(`${command}\n`));
  const line = await firstLine(socket);
  socket.destroy();
  return line === null ? null : (JSON.parse(line) as Answer);
}

/** Null where the other side ended, failed, said nothing in time or too much. (node:readline throws a socket's error at nobody.) */
function firstLine(socket: Socket): Promise<string | null> {
  return new Promise((resolve) => {
    let text = '';
    socket.setEncoding('utf8');
    socket.setTimeout(ASK_MS, () => socket.destroy());
    socket.on('error', () => {});
    socket.on('close', () => resolve(null));
    socket.on('data', (chunk: string) => {
      text += chunk;
      const end = text.indexOf('\n');
      if (end >= 0) resolve(text.slice(0, end));
      else if (text.length > MOST_CHARACTERS) socket.destroy();
    });
  });
}
