// One sink that the configuration names: its HTTP client and its product.
import type { Config } from '../../config/config-schema.ts';
import { ControllerError } from '../../errors.ts';
import { openHttpClient } from '../../http-client/open-http-client.ts';
import { ntfySink } from '../../notify/ntfy-sink.ts';
import type { Post, Sink } from '../../notify/sink.ts';
import { webhookSink } from '../../notify/webhook-sink.ts';
import { VERSION } from '../version.ts';

export type SinkConfig = Config['notifications']['sinks'][number];
type Surroundings = {
  readonly home: string;
  readonly publicUrl: string | null;
  /** UTC ms. */
  readonly now: () => number;
  /** For a whole exchange; 10 s without it. */
  readonly timeoutMs?: number;
};

/** Receivers that work before they answer take seconds. */
const TIMEOUT_MS = 10_000;
/** A page that explains a refusal is enough; nobody reads it. */
const MOST_ANSWER_BYTES = 256 * 1024;

/** Sends nothing yet. @throws ControllerError config_invalid, which names nothing of the address */
export function openSink(
  config: SinkConfig,
  { home, publicUrl, now, timeoutMs = TIMEOUT_MS }: Surroundings,
): Sink & AsyncDisposable {
  const { name, topic, secret, headerName, headerValue, priorities } = config;
  const { post, close } = openPost(config, timeoutMs);
  if (config.type === 'webhook') {
    const header = headerValue === null ? null : { name: headerName, value: headerValue.reveal() };
    return { ...webhookSink({ name, post, home, secret: secret?.reveal() ?? null, header, now }), [Symbol.asyncDispose]: close };
  }
  if (topic === null) throw new ControllerError('config_invalid', `sink ${name} has no topic`);
  const sink = ntfySink({ name, post, topic, authorization: authorizationOf(config), priorities, click: publicUrl, now });
  return { ...sink, [Symbol.asyncDispose]: close };
}

function openPost(
  { name, url, tls: { ca, certificateSha256, verify } }: SinkConfig,
  timeoutMs: number,
): {
  readonly post: Post;
  readonly close: () => PromiseLike<void>;
} {
  if (url === null) throw new ControllerError('config_invalid', `sink ${name} has no url`);
  // Path and query may hold a key; the client's own address goes into messages.
  const { origin, pathname, search } = new URL(url.reveal());
  const client = openHttpClient({
    name,
    url: origin,
    tls: { ca: ca ?? undefined, fingerprint256: certificateSha256 ?? undefined, verify },
    timeoutMs,
    maxBodyBytes: MOST_ANSWER_BYTES,
    connections: 2,
  });
  return {
    async post({ headers, body, readsAnswer }, signal) {
      const {
        status,
        headers: told,
        text,
      } = await client.request({
        method: 'POST',
        path: `${pathname}${search}`,
        headers: { 'user-agent': `Headgate/${VERSION}`, ...headers },
        ...{ body, signal, statusOnly: !readsAnswer },
      });
      const retryAfter = told['retry-after'];
      return { status, text, retryAfter: typeof retryAfter === 'string' ? retryAfter : null };
    },
    close: () => client[Symbol.asyncDispose](),
  };
}

function authorizationOf({ token, username, password }: SinkConfig): string | null {
  if (token !== null) return `Bearer ${token.reveal()}`;
  if (username === null || password === null) return null;
  return `Basic ${Buffer.from(`${username}:${password.reveal()}`, 'utf8').toString('base64')}`;
}
