// A loopback port for a program that cannot choose one itself (mosquitto, dropbear), or needs the same one again after a restart.
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below those that the system gives to whoever asks for any (ip_local_port_range): among them it would be somebody else's within moments. */
const [FIRST, END] = [15_000, 32_000];
const TRIES = 50;

/** @throws Error where none of many is free */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const port = randomInt(FIRST, END);
    if (await isFree(port)) return port;
  }
  throw new Error(`of ${TRIES} ports between ${FIRST} and ${END} none is free`);
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
