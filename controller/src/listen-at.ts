// Opens a server's socket: at a named address or not at all, and no error of a single connection ends the process later.
import type { Server } from 'node:net';
import { ControllerError, messageOf } from './errors.ts';

export type ListenAt = { readonly host: string; readonly port: number };

/** @throws NodeJS.ErrnoException as `listen` has it: EADDRINUSE, EADDRNOTAVAIL, EACCES */
export async function listenAt(server: Server, { host, port }: ListenAt): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      // Later errors (EMFILE at accept) are of single connections; without a listener they would end the process.
      server.on('error', () => {});
      resolve();
    });
  });
}

/**
 * @param key of the configuration; the message begins with it
 * @throws ControllerError conflict where the port is taken, config_invalid where the address cannot be used
 */
export async function listenAsConfigured(server: Server, at: ListenAt, key: string): Promise<void> {
  await listenAt(server, at).catch((cause: NodeJS.ErrnoException) => {
    const taken = cause.code === 'EADDRINUSE';
    const reason = taken ? 'is taken by another program' : `cannot be used: ${messageOf(cause)}`;
    throw new ControllerError(taken ? 'conflict' : 'config_invalid', `${key}: ${at.host}:${at.port} ${reason}`, { cause });
  });
}
