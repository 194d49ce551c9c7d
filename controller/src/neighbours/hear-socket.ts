// One life of a media server's WebSocket, from dialling to its end, and whether the other side is still there.
import type WebSocket from 'ws';
import type { Clock } from '../clock.ts';
import { isAbort } from '../errors.ts';
import { parseJson } from '../http-client/parse-json.ts';

/** Jellyfin forgets a client that is silent for 60 s. */
const BEAT_MS = 30_000;
const DEAD_MS = 60_000;

export type SocketLife = {
  readonly dial: () => WebSocket;
  readonly opened: (socket: WebSocket) => void;
  /** What came, as JSON; undefined where it was none. */
  readonly message: (body: unknown) => void;
  /** Asks the other side for a sign of life. */
  readonly beat: (socket: WebSocket) => void;
  /** The other side is known to answer that, so that 60 s without a word mean that it is gone, open or not. */
  readonly answersBeats: () => boolean;
  readonly clock: Clock;
};

const keepAlive = async (socket: WebSocket, life: SocketLife, lastHeard: () => number, signal: AbortSignal) => {
  const { clock, answersBeats, beat } = life;
  while (!answersBeats() || clock.monotonic() - lastHeard() < DEAD_MS) {
    beat(socket);
    await clock.sleep(BEAT_MS, signal);
  }
  socket.terminate();
};

/**
 * Opens the socket and hears until it ends, from whichever side. Never throws, resolves when all of it is over.
 * @returns how long it was open, ms; null where it was never open (refused, no server)
 */
export const hearSocket = async (life: SocketLife, signal: AbortSignal): Promise<number | null> => {
  const { clock } = life;
  if (signal.aborted) return null;
  const socket = life.dial();
  const over = new AbortController();
  let openedAt: number | null = null;
  let heardAt = clock.monotonic();
  let living: Promise<void> = Promise.resolve();
  const stop = () => socket.terminate();
  const heard = () => {
    heardAt = clock.monotonic();
  };
  signal.addEventListener('abort', stop, { once: true });

  socket.on('open', () => {
    heard();
    openedAt = heardAt;
    life.opened(socket);
    living = keepAlive(socket, life, () => heardAt, over.signal).catch((error: unknown) => {
      if (!isAbort(error)) throw error;
    });
  });
  socket.on('pong', heard);
  socket.on('message', (data) => {
    heard();
    life.message(parseJson(data.toString()));
  });
  // What failed shows in the polls as well, and in better words; ws emits close after each error.
  socket.on('error', () => {});
  await new Promise<void>((resolve) => socket.once('close', () => resolve()));

  signal.removeEventListener('abort', stop);
  over.abort();
  await living;
  return openedAt === null ? null : clock.monotonic() - openedAt;
};
