// The socket of the simulated qBittorrent: request log, faults on demand, the same port after a restart.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { setTimeout as wait } from 'node:timers/promises';
import type { SimulatedAnswer, SimulatedRequest } from './answer-request.ts';

/** What came in and what went out. `fields` are query and form together, without passwords and keys. */
export type ServedRequest = {
  readonly at: number;
  readonly method: string;
  /** "transfer/info"; the whole path where it is none of the web API. */
  readonly path: string;
  readonly fields: Readonly<Record<string, string>>;
  /** Lower-case names; the values of authorization and cookie are replaced. */
  readonly headers: Readonly<Record<string, string>>;
  /** 0: the connection was cut or left hanging instead of an answer. */
  readonly status: number;
};

/** `times` requests (default all) to `paths` (default all) are disturbed. The request itself is carried out, unless `instead` answers it. */
export type Fault = {
  readonly paths?: readonly string[];
  readonly times?: number;
  readonly delayMs?: number;
  readonly instead?: { readonly status: number; readonly body: string };
  /** The work is done, but the connection ends without an answer, or never gets one. */
  readonly answer?: 'cut' | 'never';
};

export type SimulatorServer = {
  readonly url: string;
  readonly port: number;
  serve(answer: (request: SimulatedRequest) => SimulatedAnswer): void;
  requests(): readonly ServedRequest[];
  clearRequests(): void;
  disturb(fault: Fault | null): void;
  listen(): Promise<void>;
  close(): Promise<void>;
};

const keptRequests = 10_000;
const longestBody = 2 ** 20;

export const openSimulatorServer = async (options: {
  readonly tls: { readonly key: string; readonly cert: string } | undefined;
  readonly basePath: string;
}): Promise<SimulatorServer> => {
  const served: ServedRequest[] = [];
  let handler: ((request: SimulatedRequest) => SimulatedAnswer) | null = null;
  let fault: (Fault & { left: number }) | null = null;
  let port = 0;

  const takeFault = (path: string): Fault | null => {
    if (fault === null || fault.left === 0 || !(fault.paths?.includes(path) ?? true)) return null;
    fault.left -= 1;
    return fault;
  };
  const answer: (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void> = async (incoming, outgoing) => {
    const request = await readRequest(incoming, options.basePath);
    const path = request?.target.replace(/^\/api\/v2\//, '').replace(/\?.*/, '') ?? incoming.url ?? '';
    const now = takeFault(path);
    const told = now?.instead ? { ...now.instead, cookie: null } : request === null ? notFound : (handler?.(request) ?? notFound);
    served.push(recordOf(path, incoming, request, now?.answer === undefined ? told.status : 0));
    if (served.length > keptRequests) served.shift();
    if (now?.delayMs !== undefined) await wait(now.delayMs, undefined, { ref: false });
    if (now?.answer === 'never') return;
    if (now?.answer === 'cut') return void incoming.socket.destroy();
    outgoing.writeHead(told.status, {
      ...(told.status === 204 ? {} : { 'content-type': told.json ? 'application/json' : 'text/plain; charset=UTF-8' }),
      ...(told.cookie === null ? {} : { 'set-cookie': told.cookie }),
    });
    outgoing.end(told.body);
  };
  const listener: RequestListener = (incoming, outgoing) => {
    answer(incoming, outgoing).catch(() => incoming.socket.destroy()); // the caller left in the middle
  };
  const open = (): Server => (options.tls === undefined ? createServer(listener) : createTlsServer(options.tls, listener));
  let server = open();
  const listen = async (): Promise<void> => {
    if (server.listening) return;
    server = open();
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    port = address !== null && typeof address === 'object' ? address.port : 0;
  };
  await listen();
  return {
    url: `${options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}${options.basePath}`,
    port,
    serve: (answer) => {
      handler = answer;
    },
    requests: () => served,
    clearRequests: () => served.splice(0),
    disturb: (next) => {
      fault = next === null ? null : { ...next, left: next.times ?? Infinity };
    },
    listen,
    close: async () => {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
};

const notFound: SimulatedAnswer = { status: 404, body: 'Not Found', cookie: null };

/** Null for what is not below the base path, as the proxy before it would say. */
const readRequest = async (incoming: IncomingMessage, basePath: string): Promise<SimulatedRequest | null> => {
  let body = '';
  for await (const chunk of incoming.setEncoding('utf8')) if (body.length < longestBody) body += chunk;
  const target = incoming.url ?? '/';
  if (!target.startsWith(`${basePath}/`)) return null;
  const headers = Object.fromEntries(
    Object.entries(incoming.headers).map(([key, value]) => [key, Array.isArray(value) ? value.join(', ') : value]),
  );
  return { method: incoming.method ?? 'GET', target: target.slice(basePath.length), headers, body };
};

const recordOf = (path: string, incoming: IncomingMessage, request: SimulatedRequest | null, status: number): ServedRequest => {
  const query = new URL(request?.target ?? '/', 'http://simulator.invalid').searchParams;
  const {
    password: _password,
    apikey: _apikey,
    ...fields
  } = Object.fromEntries([...query, ...new URLSearchParams(request?.body ?? '')]);
  const secret = ['cookie', 'authorization'];
  const headers = Object.entries(request?.headers ?? {}).map(([key, value]) => [
    key,
    secret.includes(key) ? '(secret)' : (value ?? ''),
  ]);
  return { at: Date.now(), method: incoming.method ?? '', path, fields, headers: Object.fromEntries(headers), status };
};
