// The listening socket: limits on time and number, and an end within a second even where clients keep their connections.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type ListenAt, listenAsConfigured } from '../listen-at.ts';
import { createKoaApp, type KoaAppDeps } from './koa-app.ts';

export type HttpDeps = Omit<KoaAppDeps, 'stop'> & { readonly listen: ListenAt };
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
/** A thousand nodes that were told of something new keep theirs for some seconds; an idle one costs some 10 KB. */
const MAX_CONNECTIONS = 2_000;
/** What a running request is given to finish when Headgate stops. */
const GRACE_MS = 700;

/** @throws ControllerError conflict where the port is taken, config_invalid where the address cannot be used; both name `http.listen`. */
export async function openHttp({ listen, ...deps }: HttpDeps): Promise<OpenHttp> {
  const stopping = new AbortController();
  const handle = createKoaApp({ ...deps, stop: stopping.signal }).callback();
  const server = createServer(LIMITS, (request, response) => void handle(request, response));
  server.maxConnections = MAX_CONNECTIONS;
  await listenAsConfigured(server, listen, 'http.listen');
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

function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}
