// One viewer's connection: the whole HTTP answer, a place in the channel's ring of shared bytes, skipped forward where it is too slow.
import type { Socket } from 'node:net';
import type { ViewerFacts } from '../on-air/live-messages.ts';
import type { GopRing, Run } from './transport-stream/gop-ring.ts';
import { skipMark } from './transport-stream/skip-mark.ts';

/** Inside the socket, where nothing can be taken back any more. */
const IN_SOCKET_BYTES = 256 * 1024;
const DEAD_MS = 30_000;
const MOST_PASSED_MS = 5_000;

const HEAD = [
  'HTTP/1.1 200 OK',
  'Content-Type: video/mp2t',
  'Cache-Control: no-store',
  'X-Content-Type-Options: nosniff',
  'Connection: close',
  '',
  '',
].join('\r\n');

export type ViewerDeps = {
  readonly facts: ViewerFacts;
  readonly socket: Socket;
  readonly nowMs: number;
  readonly ring: GopRing;
  /** Where in the ring it begins; null waits for the next key frame. */
  readonly joinAt: number | null;
  readonly onEnd: (reason: string) => void;
};

export type Viewer = {
  readonly facts: ViewerFacts;
  readonly sinceMs: number;
  /** Gives the connection what it takes of the ring. */
  feed(): void;
  /** Each 2 s: counts the rate, and ends a connection that took nothing for 30 s. */
  look(passedMs: number): void;
  bytes(): number;
  bps(): number;
  skips(): number;
  /** Tells nobody: the caller knows. */
  close(): void;
};

/** Answers at once. */
export function openViewer({ facts, socket, nowMs, ring, joinAt, onEnd }: ViewerDeps): Viewer {
  let next = joinAt;
  let given = 0;
  let isOver = false;
  let skips = 0;
  const rate = { taken: 0, bps: 0, stuckMs: 0 };
  const end = (reason: string): void => {
    if (isOver) return;
    isOver = true;
    onEnd(reason);
  };
  const write = (bytes: Uint8Array): void => {
    given += bytes.length;
    socket.write(bytes);
  };
  /** The ring is what it may lag behind; what fell out of it is lost, and its player is told. */
  const skip = (): readonly Run[] => {
    const key = ring.newestKey();
    next = key?.number ?? null;
    if (key === null) return [];
    skips++;
    write(skipMark(key.counters));
    return ring.read(key.number, IN_SOCKET_BYTES) ?? [];
  };
  const feed = (): void => {
    while (!isOver && socket.writableLength < IN_SOCKET_BYTES) {
      next ??= ring.newestKey()?.number ?? null;
      if (next === null) return;
      const runs = ring.read(next, IN_SOCKET_BYTES) ?? skip();
      if (runs.length === 0) return;
      for (const { number, bytes } of runs) {
        write(bytes);
        next = number + 1;
      }
    }
  };
  const taken = (): number => Math.max(0, given - socket.writableLength);
  socket.on('error', () => {});
  socket.on('close', () => end('the client left'));
  socket.on('end', () => end('the client left'));
  socket.on('drain', feed);
  // Whatever a client says after its request is of no interest, but its leaving shows only to who reads.
  socket.resume();
  socket.setNoDelay(true);
  socket.setTimeout(0);
  socket.write(HEAD);
  return {
    facts,
    sinceMs: nowMs,
    feed,
    look(passedMs) {
      const now = taken();
      // Where this process itself was held up for long (a machine that slept), the client is not to blame.
      rate.stuckMs = socket.writableLength > 0 && now === rate.taken ? rate.stuckMs + Math.min(passedMs, MOST_PASSED_MS) : 0;
      rate.bps = Math.round(((now - rate.taken) * 8_000) / passedMs);
      rate.taken = now;
      if (rate.stuckMs >= DEAD_MS) end('the client took nothing for 30 s');
    },
    bytes: taken,
    bps: () => rate.bps,
    skips: () => skips,
    close() {
      isOver = true;
      socket.destroy();
    },
  };
}

/** Answers without a stream: no room, or no such channel. */
export function refuseViewer(socket: Socket, status: '404 Not Found' | '503 Service Unavailable', text: string): void {
  const retry = status.startsWith('503') ? ['Retry-After: 5'] : [];
  const type = 'Content-Type: text/plain; charset=utf-8';
  const head = [
    `HTTP/1.1 ${status}`,
    type,
    `Content-Length: ${Buffer.byteLength(text)}`,
    ...retry,
    'Connection: close',
    '',
    text,
  ];
  socket.on('error', () => {});
  socket.end(head.join('\r\n'));
}

/** HEAD: what a GET would begin with. */
export function answerHead(socket: Socket): void {
  socket.on('error', () => {});
  socket.end(HEAD);
}
