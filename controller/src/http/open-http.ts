// The listening socket: limits on time and number, and an end within a second even where clients keep their connections.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ControllerError, messageOf } from '../errors.ts';
import { createKoaApp, type KoaAppDeps } from './koa-app.ts';

export type HttpDeps = Omit<KoaAppDeps, 'stop'> & { readonly listen: { readonly host: string; readonly port: number } };
export type OpenHttp = AsyncDisposable & {
  /** The real one, also where 0 was asked for. */
  readonly port: number;
  /** As this machine reaches it. */
  readonly url: string;
};

const LIMITS = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 5_000,
  // Node looks for connections over these limits only this often.
  connectionsCheckingInterval: 5_000,
  maxHeaderSize: 16 * 1024,
};
const MAX_CONNECTIONS = 500;
/** What a running request is given to finish when Headgate stops. */
const GRACE_MS = 700;

/** @throws ControllerError conflict where the port is taken, config_invalid where the address cannot be used; both name `http.listen`. */
export async function openHttp({ listen, ...deps }: HttpDeps): Promise<OpenHttp> {
  const stopping = new AbortController();
  const handle = createKoaApp({ ...deps, stop: stopping.signal }).callback();
  const server = createServer(LIMITS, (request, response) => void handle(request, response));
  server.maxConnections = MAX_CONNECTIONS;
  await listening(server, listen);
  const { port } = server.address() as AddressInfo; // a TCP server's address is never a path
  return {
    port,
    url: `http://${reachable(listen.host)}:${port}`,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      stopping.abort();
      const limit = setTimeout(() => server.closeAllConnections(), GRACE_MS);
      await closed;
      clearTimeout(limit);
    },
  };
}

async function listening(server: Server, { host, port }: HttpDeps['listen']): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const taken = cause.code === 'EADDRINUSE';
      const reason = taken ? 'is taken by another program' : `cannot be used: ${messageOf(cause)}`;
      reject(new ControllerError(taken ? 'conflict' : 'config_invalid', `http.listen: ${host}:${port} ${reason}`, { cause }));
    });
    server.listen({ host, port }, resolve);
  });
  server.removeAllListeners('error');
  // Later errors are of single connections; without a listener they would end the process.
  server.on('error', () => {});
}

function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}
