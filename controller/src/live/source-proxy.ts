// Media over HTTP for ffmpeg: a loopback address that adds the secret headers, so that no key is in an argument list, and that spares the server a demuxer's many questions.
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Agent, type buildConnector } from 'undici';
import { messageOf } from '../errors.ts';
import { listenAt } from '../listen-at.ts';
import type { Log } from '../log.ts';
import type { ItemSource, SourceTls } from '../on-air/plan-step.ts';
import { createRangeReader, type RangeAnswer, type RangeReader } from './range-reader.ts';

export type Upstream = NonNullable<ItemSource['http']>;

/** How a server is connected to that is not to be believed by the system's authorities. */
export type ConnectSource = (tls: SourceTls, timeoutMs: number) => buildConnector.connector;

export type Lease = Disposable & {
  readonly url: string;
  /** What ffmpeg asks for first is fetched from now on; so much of its head. */
  readAhead(headBytes?: number): void;
};

export type SourceProxy = AsyncDisposable & {
  /** A URL that ffmpeg may be told; it works until the lease is disposed of. */
  lease(upstream: Upstream): Lease;
};

/** ffmpeg keeps one open and opens a second where it seeks. */
const CONNECTIONS_PER_SERVER = 32;
const MAX_REQUESTS = 256;
const TIMES = { connectMs: 5_000, headMs: 10_000, silenceMs: 20_000 };
const PASSED_UP = ['range', 'if-range', 'accept', 'user-agent'];
const PASSED_DOWN = ['content-type', 'content-length', 'content-range', 'accept-ranges', 'etag', 'last-modified'];

/** Listens on 127.0.0.1 only. Nobody without a lease's path, of 128 random bits, is answered. Without `connect`, servers with a trust of their own get no connection. */
export async function openSourceProxy(log: Log, connect: ConnectSource | null = null): Promise<SourceProxy> {
  const leases = new Map<string, Leased>();
  const agents = openAgents(connect);
  let running = 0;
  const server = createServer({ requestTimeout: 10_000 }, (request, response) => {
    const leased = leases.get(request.url ?? '');
    if (leased === undefined) return refuse(response, 404);
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(response, 405);
    if (running >= MAX_REQUESTS) return refuse(response, 503);
    running++;
    void pass({ leased, request, response, log }).finally(() => {
      running--;
    });
  });
  await listenAt(server, { host: '127.0.0.1', port: 0 });
  const { port } = server.address() as AddressInfo; // a TCP server's address is never a path
  return {
    lease(upstream) {
      const path = `/${randomBytes(16).toString('hex')}`;
      const ask = askerOf(agents, upstream);
      const reader = createRangeReader((range, signal) => ask('GET', { range }, signal));
      leases.set(path, { host: new URL(upstream.url).host, ask, reader });
      return {
        url: `http://127.0.0.1:${port}${path}`,
        readAhead: (headBytes) => void reader.readAhead(headBytes),
        [Symbol.dispose]: () => void leases.delete(path),
      };
    },
    async [Symbol.asyncDispose]() {
      leases.clear();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await Promise.all([closed, agents.destroy()]);
    },
  };
}

type Agents = { of(tls: SourceTls | undefined): Agent; destroy(): Promise<unknown> };

/** One a way of trusting: as many as media servers are configured. */
function openAgents(connect: ConnectSource | null): Agents {
  const agents = new Map<string, Agent>();
  return {
    of(tls) {
      const key = JSON.stringify(tls ?? null);
      const agent =
        agents.get(key) ??
        new Agent({
          connections: CONNECTIONS_PER_SERVER,
          // A film that waits for its reader would hold up the others on the same connection.
          allowH2: false,
          connect: tls === undefined ? { timeout: TIMES.connectMs } : trusting(connect)(tls, TIMES.connectMs),
          headersTimeout: TIMES.headMs,
          bodyTimeout: TIMES.silenceMs,
        });
      agents.set(key, agent);
      return agent;
    },
    destroy: () => Promise.all([...agents.values()].map((agent) => agent.destroy())),
  };
}

/** @throws TypeError */
function trusting(connect: ConnectSource | null): ConnectSource {
  if (connect === null) throw new TypeError('nothing was handed in that can trust this server');
  return connect;
}

function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'Content-Length': 0 }).end();
}

type Asker = (method: 'GET' | 'HEAD', headers: Record<string, string>, signal: AbortSignal | null) => Promise<RangeAnswer>;

const askerOf = (agents: Agents, { url, headers: secrets, tls }: Upstream): Asker => {
  const { origin, pathname, search } = new URL(url);
  return (method, headers, signal) =>
    agents.of(tls).request({ origin, path: pathname + search, method, headers: { ...headers, ...secrets }, signal });
};

/** `host` without the path: some servers know keys in it. */
type Leased = { readonly host: string; readonly ask: Asker; readonly reader: RangeReader };

type Passing = {
  readonly leased: Leased;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly log: Log;
};

/** One request, its body no faster than ffmpeg reads it. Never rejects. */
async function pass({ leased, request, response, log }: Passing): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  try {
    const at = request.method === 'GET' ? placeOf(request.headers) : null;
    if (at === null) return await passOn(await askAs(request, leased, gone.signal), response, gone.signal);
    const film = await leased.reader.from(at, gone.signal);
    if ('answer' in film) return await passOn(film.answer, response, gone.signal);
    const { size, headers, bytes } = film;
    const range = { 'content-range': `bytes ${at}-${size - 1}/${size}`, 'content-length': `${size - at}` };
    response.writeHead(206, { ...chosen(headers, PASSED_DOWN), ...range });
    await pipeline(Readable.from(bytes, { highWaterMark: 1 }), response, { signal: gone.signal });
  } catch (error) {
    if (gone.signal.aborted) return;
    log.debug({ server: leased.host, error: messageOf(error) }, 'a media server broke a stream off');
    if (response.headersSent) response.destroy();
    else refuse(response, 502);
  }
}

/** ffmpeg's own question, from a place to the end; null for any other. */
function placeOf({ range, 'if-range': condition }: IncomingMessage['headers']): number | null {
  const from = /^bytes=(\d{1,15})-$/u.exec(range ?? '')?.[1];
  return from === undefined || condition !== undefined ? null : Number(from);
}

const askAs = ({ method, headers }: IncomingMessage, { ask }: Leased, signal: AbortSignal): Promise<RangeAnswer> =>
  ask(method === 'HEAD' ? 'HEAD' : 'GET', chosen(headers, PASSED_UP), signal);

async function passOn({ statusCode, headers, body }: RangeAnswer, response: ServerResponse, signal: AbortSignal): Promise<void> {
  response.writeHead(statusCode, chosen(headers, PASSED_DOWN));
  await pipeline(body, response, { signal });
}

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

function chosen(headers: Headers, names: readonly string[]): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of names) {
    const value = headers[name];
    if (typeof value === 'string') kept[name] = value;
  }
  return kept;
}
