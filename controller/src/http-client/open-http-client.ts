// One small HTTP client per neighbour: bounded in time, size and connections, with the neighbour's base path and TLS trust.
import { type Dispatcher, Pool } from 'undici';
import { ControllerError } from '../errors.ts';
import { explainFailure } from './explain-failure.ts';
import { openConnector, type TlsTrust } from './tls-trust.ts';

export type HttpRequest = {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD';
  /** Below the base path; a leading slash makes no difference. */
  readonly path: string;
  /** Undefined values are left out. */
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** True where a second sending does no harm: repeated once when a kept-alive connection died under it. Default: GET and HEAD. */
  readonly repeatable?: boolean;
  readonly timeoutMs?: number;
  /** A picture: the answer is in `bytes`, and `text` is empty. */
  readonly binary?: boolean;
  /** Only that it was taken counts: the answer is there with its status, `text` is empty where that is 2xx, and a body that hangs takes nothing back. */
  readonly statusOnly?: boolean;
  readonly signal: AbortSignal;
};

/** Whatever the status: what it means is the caller's business. Redirects are not followed. */
export type HttpAnswer = {
  readonly status: number;
  /** Lower-case names; a name that came several times (set-cookie) is an array. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** UTF-8; bounded by maxBodyBytes. */
  readonly text: string;
  /** Only where `binary` was asked for. */
  readonly bytes?: Uint8Array;
};

export type HttpClient = AsyncDisposable & {
  /** Without a trailing slash; never holds a secret. */
  readonly baseUrl: string;
  /**
   * @throws ControllerError timeout · upstream_unreachable (no connection, TLS not trusted, not the pinned certificate, cut off)
   * · upstream_failed (body too large). Rejects with the signal's reason when the caller's signal fires.
   */
  request(request: HttpRequest): Promise<HttpAnswer>;
};

export type HttpClientOptions = {
  /** For messages: "qbit". */
  readonly name: string;
  /** http(s)://host[:port][/base/path/]. */
  readonly url: string;
  readonly tls?: TlsTrust | undefined;
  /** For a whole exchange, connecting and body included. Default 5 s. */
  readonly timeoutMs?: number;
  /** Default 8 MiB. */
  readonly maxBodyBytes?: number;
  /** At once; further requests wait in line, within their time. Default 4. */
  readonly connections?: number;
};

const TOO_LATE = new DOMException('too late', 'TimeoutError');

/** Opens no socket by itself. @throws ControllerError config_invalid for a URL that is none, is not http(s), or holds a password. */
export const openHttpClient = (options: HttpClientOptions): HttpClient => {
  const { origin, basePath } = parseBaseUrl(options.name, options.url);
  const timeoutMs = options.timeoutMs ?? 5_000;
  const pool = new Pool(origin, {
    connections: options.connections ?? 4,
    connect: openConnector(options.name, options.tls ?? {}, timeoutMs),
    allowH2: false,
    headersTimeout: 0, // one limit for the whole exchange instead, below
    bodyTimeout: 0,
  });
  const send = async (request: HttpRequest): Promise<HttpAnswer> => {
    request.signal.throwIfAborted();
    // By hand: AbortSignal.any and .timeout cost more than a small request.
    const ending = new AbortController();
    const stop = (): void => ending.abort(request.signal.reason);
    const timer = setTimeout(() => ending.abort(TOO_LATE), request.timeoutMs ?? timeoutMs);
    request.signal.addEventListener('abort', stop, { once: true });
    try {
      const answer = await pool.request({
        method: request.method ?? 'GET',
        path: joinPath(basePath, request),
        ...(request.headers === undefined ? {} : { headers: request.headers }),
        ...(request.body === undefined ? {} : { body: request.body }),
        signal: ending.signal,
      });
      if (request.statusOnly && answer.statusCode >= 200 && answer.statusCode < 300) {
        leaveBody(answer.body);
        return { status: answer.statusCode, headers: answer.headers, text: '' };
      }
      const bytes = await readBounded(answer.body, options.maxBodyBytes ?? 8 * 2 ** 20, options.name);
      const { statusCode: status, headers } = answer;
      return request.binary ? { status, headers, text: '', bytes } : { status, headers, text: bytes.toString('utf8') };
    } catch (error) {
      request.signal.throwIfAborted();
      if (ending.signal.aborted) throw new ControllerError('timeout', `${options.name} did not answer in time`, { cause: error });
      throw error;
    } finally {
      clearTimeout(timer);
      request.signal.removeEventListener('abort', stop);
    }
  };
  return {
    baseUrl: origin + basePath,
    request: async (request) => {
      const repeatable = request.repeatable ?? ['GET', 'HEAD', undefined].includes(request.method);
      try {
        return await send(request).catch((error: unknown) => {
          if (!repeatable || !isCutOff(error)) throw error;
          return send(request);
        });
      } catch (error) {
        if (request.signal.aborted || error instanceof ControllerError) throw error;
        throw explainFailure(options.name, error);
      }
    },
    [Symbol.asyncDispose]: () => pool.destroy(),
  };
};

const parseBaseUrl = (name: string, text: string): { origin: string; basePath: string } => {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    throw new ControllerError('config_invalid', `the URL of ${name} must be http://host:port or https://host:port`);
  }
  if (url.username !== '' || url.password !== '')
    throw new ControllerError('config_invalid', `the URL of ${name} must not hold a password`);
  if (url.search !== '' || url.hash !== '') throw new ControllerError('config_invalid', `the URL of ${name} must have no ? or #`);
  return { origin: url.origin, basePath: url.pathname.replace(/\/+$/, '') };
};

const joinPath = (basePath: string, request: HttpRequest): string => {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(request.query ?? {})) if (value !== undefined) query.set(key, String(value));
  return `${basePath}/${request.path.replace(/^\/+/, '')}${query.size === 0 ? '' : `?${query}`}`;
};

/** A kept-alive connection that the server closed while the request was on its way. */
const isCutOff = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && ['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'].includes(String(error.code));

/** A small one is read to its end, so that the connection can be used again; any other is cut off. */
const leaveBody = (body: Dispatcher.ResponseData['body']): void => {
  body.once('error', () => {});
  body.dump({ limit: 64 * 1024, signal: AbortSignal.timeout(1_000) }).catch(() => body.destroy());
};

/** By events: an iterator costs more than a small answer. */
const readBounded = (body: Dispatcher.ResponseData['body'], max: number, name: string): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    body.on('data', (chunk: Buffer) => {
      size += chunk.length;
      chunks.push(chunk);
      // That ends its connection as well.
      if (size > max) body.destroy(new ControllerError('upstream_failed', `${name} answered with more than ${max} bytes`));
    });
    body.once('end', () => resolve(Buffer.concat(chunks)));
    body.once('error', reject);
  });
