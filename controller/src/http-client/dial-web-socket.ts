// A WebSocket to a neighbour, with the same trust in certificates as its HTTP client.
import WebSocket from 'ws';
import { openConnector, type TlsTrust } from './tls-trust.ts';

const HANDSHAKE_MS = 10_000;

export type Dial = {
  /** For messages. */
  readonly who: string;
  /** http(s)://host[:port]/base/path, where the socket is. */
  readonly url: string;
  /** The key goes in here, never into the URL. */
  readonly headers: Readonly<Record<string, string>>;
  readonly tls?: TlsTrust | undefined;
  readonly maxMessageBytes: number;
  /** From dialling to the open socket. Default 10 s. */
  readonly handshakeMs?: number;
};

export const dialWebSocket = ({ who, url, headers, tls, maxMessageBytes, handshakeMs = HANDSHAKE_MS }: Dial): WebSocket => {
  const connect = openConnector(who, tls ?? {}, handshakeMs);
  const { protocol, hostname, port, host } = new URL(url);
  const socket = new WebSocket(url.replace(/^http/, 'ws'), {
    headers,
    maxPayload: maxMessageBytes,
    perMessageDeflate: false,
    // Our own connector, so that a pinned certificate is looked at before the key is sent; Node hands in a callback that ws's types do not know.
    createConnection: ((_options: unknown, done: (error: Error | null, socket?: unknown) => void) => {
      const to = { protocol, host, hostname: hostname.replace(/^\[|\]$/g, ''), port };
      connect(to, (error, socket) => (error ? done(error) : done(null, socket)));
      return undefined;
    }) as never,
  });
  // Not ws's own handshakeTimeout: Node leaves it to the connection to keep it, and ours keeps none once it stands.
  const limit = setTimeout(() => socket.terminate(), handshakeMs);
  for (const end of ['open', 'close'] as const) socket.once(end, () => clearTimeout(limit));
  return socket;
};
