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
};

export const dialWebSocket = ({ who, url, headers, tls, maxMessageBytes }: Dial): WebSocket => {
  const connect = openConnector(who, tls ?? {}, HANDSHAKE_MS);
  const { protocol, hostname, port, host } = new URL(url);
  return new WebSocket(url.replace(/^http/, 'ws'), {
    headers,
    handshakeTimeout: HANDSHAKE_MS,
    maxPayload: maxMessageBytes,
    perMessageDeflate: false,
    // Our own connector, so that a pinned certificate is looked at before the key is sent; Node hands in a callback that ws's types do not know.
    createConnection: ((_options: unknown, done: (error: Error | null, socket?: unknown) => void) => {
      const to = { protocol, host, hostname: hostname.replace(/^\[|\]$/g, ''), port };
      connect(to, (error, socket) => (error ? done(error) : done(null, socket)));
      return undefined;
    }) as never,
  });
};
