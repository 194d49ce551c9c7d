// A player's connection to a stream: what came when, from the moment that it was asked for.
import { connect } from 'node:net';

export type Arrival = {
  /** ms of the steady clock. */ readonly at: number /** Of the body, with this piece. */;
  readonly bytes: number;
};

export type StreamViewer = Disposable & {
  readonly askedAt: number;
  /** ms from before the connection to the first byte of the body. Rejects where the answer is no stream. */
  readonly first: Promise<number>;
  readonly arrivals: readonly Arrival[];
  body(): Buffer;
  isClosed(): boolean;
};

export type ViewOptions = {
  /** Bytes of the body that are kept; default 64 MiB. */
  readonly keep?: number;
};

const HEAD_END = '\r\n\r\n';
const GIVE_UP_MS = 20_000;

export function viewStream(url: string, { keep = 2 ** 26 }: ViewOptions = {}): StreamViewer {
  const { hostname, port, pathname } = new URL(url);
  const askedAt = performance.now();
  const socket = connect({ host: hostname, port: Number(port) });
  socket.setNoDelay(true);
  socket.write(`GET ${pathname} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nUser-Agent: bench\r\n\r\n`);
  const { promise: first, resolve, reject } = Promise.withResolvers<number>();
  first.catch(() => {});
  const limit = setTimeout(() => reject(new Error(`${pathname.slice(-8)}: nothing came in ${GIVE_UP_MS} ms`)), GIVE_UP_MS);
  const arrivals: Arrival[] = [];
  const pieces: Buffer[] = [];
  let head: string | null = '';
  let bytes = 0;
  let closed = false;
  const take = (piece: Buffer): void => {
    if (piece.length === 0) return;
    const at = performance.now();
    if (bytes === 0) resolve(at - askedAt);
    bytes += piece.length;
    arrivals.push({ at, bytes });
    if (bytes <= keep) pieces.push(piece);
  };
  socket.on('data', (piece) => {
    if (head === null) return take(piece);
    head += piece.toString('latin1');
    const end = head.indexOf(HEAD_END);
    if (end < 0) return;
    if (!head.startsWith('HTTP/1.1 200')) reject(new Error(head.replaceAll('\r\n', ' ').slice(0, 300)));
    const rest = Buffer.from(head.slice(end + HEAD_END.length), 'latin1');
    head = null;
    take(rest);
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    clearTimeout(limit);
    closed = true;
    reject(new Error(`the connection was closed: ${head ?? ''}`));
  });
  return {
    ...{ askedAt, first, arrivals },
    body: () => Buffer.concat(pieces),
    isClosed: () => closed,
    [Symbol.dispose]: () => socket.destroy(),
  };
}

/** ms from the question to the piece that brought byte number `bytes`; NaN where it did not come. */
export const cameAt = ({ arrivals, askedAt }: Pick<StreamViewer, 'arrivals' | 'askedAt'>, bytes: number): number =>
  (arrivals.find((arrival) => arrival.bytes >= bytes)?.at ?? Number.NaN) - askedAt;

/** The longest time without a piece between two moments. */
export function longestSilence({ arrivals }: Pick<StreamViewer, 'arrivals'>, from: number, to: number): number {
  let last = from;
  let longest = 0;
  for (const { at } of [...arrivals, { at: to }]) {
    if (at <= from || at > to) continue;
    longest = Math.max(longest, at - last);
    last = at;
  }
  return longest;
}
