// One request and its whole answer, bounded in time and size.
import { Pool } from 'undici';
import type { Clock } from '../clock.ts';
import { ControllerError } from '../errors.ts';
import { withDeadline } from './deadline.ts';
import { codeOf, statusFailure, transportFailure } from './failures.ts';
import type { ServerAddress } from './server-address.ts';
import { type ServerTrust, serverConnector } from './server-trust.ts';

/** 200 sessions with long queues are about 10 MB (10.11 sends whole queue items). */
export const MAX_BODY_BYTES = 32 * 1024 * 1024;
/** Four writes, a poll, users and an item at once. */
const CONNECTIONS = 8;
const DEFAULT_TIMEOUT_MS = 10_000;
/** A kept connection that the server closed while the request was on its way. */
const STALE = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE']);

export type ExchangeDeps = {
  readonly address: ServerAddress;
  readonly authorization: string;
  readonly who: string;
  readonly trust: ServerTrust;
  readonly clock: Clock;
  readonly timeoutMs?: number;
};

export type Answer = { readonly text: string; readonly isJson: boolean };

export type Exchange = AsyncDisposable & {
  /** @throws ControllerError for no answer, an answer other than 2xx, or one that is too large */
  send(method: 'GET' | 'POST', path: string, options: { body?: unknown; signal: AbortSignal }): Promise<Answer>;
  /** The server's clock minus ours, ms, by the last Date header; 0 while unknown or within the header's resolution. */
  clockOffsetMs(): number;
};

const readBounded = async (body: AsyncIterable<Buffer>, who: string): Promise<string> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES)
      throw new ControllerError('upstream_failed', `${who} sends more than ${MAX_BODY_BYTES} bytes at once`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
};

/** Keeps connections to one server open between requests. */
export const openExchange = (deps: ExchangeDeps): Exchange => {
  const { address, who, clock } = deps;
  const pool = new Pool(address.origin, { connections: CONNECTIONS, connect: serverConnector(deps.trust) });
  let offsetMs = 0;

  const noteDate = (date: string | string[] | undefined) => {
    const at = typeof date === 'string' ? Date.parse(date) : Number.NaN;
    if (Number.isNaN(at)) return;
    const offset = at - clock.now();
    offsetMs = Math.abs(offset) < 2000 ? 0 : offset;
  };

  const once = async (
    method: 'GET' | 'POST',
    path: string,
    options: { body?: unknown; signal: AbortSignal },
  ): Promise<Answer> => {
    const headers: Record<string, string> = { authorization: deps.authorization, accept: 'application/json' };
    if (options.body !== undefined) headers['content-type'] = 'application/json';
    const body = options.body === undefined ? null : JSON.stringify(options.body);
    const response = await pool.request({ method, path: `${address.basePath}${path}`, headers, body, signal: options.signal });
    const { date, 'content-type': contentType } = response.headers;
    noteDate(date);
    const text = await readBounded(response.body, who);
    if (response.statusCode < 200 || response.statusCode > 299) {
      throw statusFailure(who, `${method} ${path.split('?', 1)[0]}`, response.statusCode);
    }
    return { text, isJson: /\bjson\b/.test(String(contentType ?? '')) };
  };

  return {
    clockOffsetMs: () => offsetMs,
    async send(method, path, options) {
      const run = () =>
        withDeadline(options.signal, deps.timeoutMs ?? DEFAULT_TIMEOUT_MS, (signal) =>
          once(method, path, { ...options, signal }),
        );
      try {
        return await run();
      } catch (error) {
        if (method !== 'GET' || !STALE.has(codeOf(error) ?? '')) throw transportFailure(who, error);
      }
      return run().catch((error: unknown) => {
        throw transportFailure(who, error);
      });
    },
    async [Symbol.asyncDispose]() {
      await pool.destroy();
    },
  };
};
