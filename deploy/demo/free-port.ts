// A loopback port for a program that cannot choose one itself (mosquitto, dropbear), or needs the same one again after a restart.
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, open, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Below those that the system gives to whoever asks for any (ip_local_port_range): among them it would be somebody else's within moments. */
const [FIRST, END] = [15_000, 32_000];
const TRIES = 50;
/** A port is taken by a file as well: between being found and being used it would be found by others of ours. */
const TAKEN = join(tmpdir(), 'headgate-ports');
const TAKEN_FOR_MS = 600_000;

/** @throws Error where none of many is free */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const port = randomInt(FIRST, END);
    if ((await take(port)) && (await isFree(port))) return port;
  }
  throw new Error(`of ${TRIES} ports between ${FIRST} and ${END} none is free`);
}

async function take(port: number): Promise<boolean> {
  await mkdir(TAKEN, { recursive: true });
  const file = join(TAKEN, String(port));
  const since = await stat(file).catch(() => null);
  if (since !== null && Date.now() - since.mtimeMs > TAKEN_FOR_MS) await rm(file, { force: true });
  const taken = await open(file, 'wx').catch(() => null);
  await taken?.close();
  return taken !== null;
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
