// The listening side: HTTP or HTTPS and upgrades on loopback, the same port after a power cut, silence and faults on demand.
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { type Answer, errorPage } from './answer.ts';
import { type EntranceNeed, readRequest } from './entrance.ts';
import type { Routes } from './routes.ts';

export type ListenerNeed = EntranceNeed & {
  readonly port: number;
  readonly tls: { readonly key: string; readonly cert: string } | undefined;
  readonly routes: Routes;
  readonly upgrade: (request: IncomingMessage, stream: Duplex, head: Buffer) => void;
};

export type Listener = {
  readonly port: number;
  listening(): boolean;
  close(): Promise<void>;
  listen(): Promise<void>;
};

const isContent = (answer: Answer) => answer.status === 200 && answer.body !== '';
/** Ends in the middle of what would have been content. */
const garbled = (answer: Answer): Answer =>
  isContent(answer) ? { ...answer, body: answer.body.slice(0, Math.ceil(answer.body.length / 2)) } : answer;

function answerOf(need: ListenerNeed, request: IncomingMessage): Answer {
  const asked = readRequest(need, request.url ?? '/', request.headers);
  const { failingWith } = need.faults;
  const accept = request.headers.accept ?? '';
  const answer =
    failingWith === null ? need.routes({ ...asked, method: request.method ?? 'GET', accept }) : errorPage(failingWith);
  const status = need.faults.stalled ? 0 : answer.status;
  need.log.record({
    method: request.method ?? 'GET',
    path: asked.path,
    query: asked.query,
    headers: request.headers,
    status,
  });
  return need.faults.garbled ? garbled(answer) : answer;
}

const send = (response: ServerResponse, { status, type, body }: Answer) =>
  response
    .writeHead(status, {
      'Content-Type': type,
      'Content-Length': Buffer.byteLength(body),
      'Cache-Control': 'no-cache',
      'X-Plex-Protocol': '1.0',
    })
    .end(body);

export async function openListener(need: ListenerNeed): Promise<Listener> {
  const listener: RequestListener = (request, response) => {
    request.resume();
    const answer = answerOf(need, request);
    if (!need.faults.stalled) send(response, answer);
  };
  const open = async (port: number): Promise<Server> => {
    // Plex keeps an idle connection for 20 s ("Keep-Alive: timeout=20").
    const timeouts = { keepAliveTimeout: 20_000 };
    const server = need.tls ? createTlsServer({ ...need.tls, ...timeouts }, listener) : createServer(timeouts, listener);
    server.on('upgrade', need.upgrade);
    await bind(server, port);
    return server;
  };
  let server: Server | null = await open(need.port);
  const { port } = server.address() as AddressInfo;
  return {
    port,
    listening: () => server !== null,
    async close() {
      const old = server;
      server = null;
      if (!old) return;
      const closed = new Promise<void>((resolve) => old.close(() => resolve()));
      old.closeAllConnections();
      await closed;
    },
    async listen() {
      server ??= await open(port);
    },
  };
}

/** The same port again: one that is not free yet is waited for. */
async function bind(server: Server, port: number): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    const error = await new Promise<NodeJS.ErrnoException | null>((resolve) => {
      server.once('error', resolve);
      server.listen({ port, host: '127.0.0.1', exclusive: true }, () => resolve(null));
    });
    server.removeAllListeners('error');
    if (!error) return;
    if (error.code !== 'EADDRINUSE' || attempt === 20) throw error;
    await wait(25);
  }
}
