// One life of Jellyfin's WebSocket, from opening it to its end.
import WebSocket from 'ws';
import type { Clock } from '../clock.ts';
import { isAbort } from '../errors.ts';
import { openConnector, type TlsTrust } from '../http-client/tls-trust.ts';
import { MAX_BODY_BYTES } from './jellyfin-client.ts';
import { readableSessions, type Session, sessionList, socketMessage } from './jellyfin-schemas.ts';

/** The server forgets a client that is silent for 60 s. */
const KEEP_ALIVE_MS = 30_000;
/** 10.9 to 10.11 forget it without closing: a socket that answers no KeepAlive is dead, open or not. */
const DEAD_MS = 60_000;
const HANDSHAKE_MS = 10_000;

export type SocketDeps = {
  readonly who: string;
  /** http(s), with the base path, without a last slash. */
  readonly baseUrl: string;
  readonly authorization: string;
  readonly tls?: TlsTrust | undefined;
  readonly clock: Clock;
};

export type SocketListener = {
  opened(): void;
  sessions(sessions: readonly Session[]): void;
};

/** Answers true for anything that came from the server, i.e. is a sign of life. */
const readMessage = (data: WebSocket.RawData, hear: SocketListener): void => {
  let body: unknown;
  try {
    body = JSON.parse(data.toString());
  } catch {
    return;
  }
  const message = socketMessage.safeParse(body);
  if (!message.success || message.data.MessageType !== 'Sessions') return;
  const list = sessionList.safeParse(message.data.Data);
  if (list.success) hear.sessions(readableSessions(list.data));
};

const dial = ({ who, baseUrl, authorization, tls }: SocketDeps): WebSocket => {
  const connect = openConnector(who, tls ?? {}, HANDSHAKE_MS);
  const { protocol, hostname, port, host } = new URL(baseUrl);
  return new WebSocket(`${baseUrl.replace(/^http/, 'ws')}/socket`, {
    headers: { authorization },
    handshakeTimeout: HANDSHAKE_MS,
    maxPayload: MAX_BODY_BYTES,
    perMessageDeflate: false,
    // Our own connector, so that a pinned certificate is looked at before the key is sent; Node hands in a callback that ws's types do not know.
    createConnection: ((_options: unknown, done: (error: Error | null, socket?: unknown) => void) => {
      const to = { protocol, host, hostname: hostname.replace(/^\[|\]$/g, ''), port };
      connect(to, (error, socket) => (error ? done(error) : done(null, socket)));
      return undefined;
    }) as never,
  });
};

const keepAlive = async (socket: WebSocket, lastHeard: () => number, clock: Clock, signal: AbortSignal) => {
  while (clock.monotonic() - lastHeard() < DEAD_MS) {
    socket.send('{"MessageType":"KeepAlive"}');
    await clock.sleep(KEEP_ALIVE_MS, signal);
  }
  socket.terminate();
};

/**
 * Opens the socket, asks for sessions and hears until it ends, from whichever side. Never throws, resolves when all of it is over.
 * @returns how long it was open, ms; null where it was never open (refused, 403, no server)
 */
export const hearSessionsSocket = async (deps: SocketDeps, hear: SocketListener, signal: AbortSignal): Promise<number | null> => {
  const { clock } = deps;
  if (signal.aborted) return null;
  const socket = dial(deps);
  const over = new AbortController();
  let openedAt: number | null = null;
  let heardAt = clock.monotonic();
  let living: Promise<void> = Promise.resolve();
  const stop = () => socket.terminate();
  signal.addEventListener('abort', stop, { once: true });

  socket.on('open', () => {
    openedAt = clock.monotonic();
    heardAt = openedAt;
    // Data is one string "delay,interval" in ms; anything else is taken without an error and does nothing.
    socket.send('{"MessageType":"SessionsStart","Data":"0,1500"}');
    living = keepAlive(socket, () => heardAt, clock, over.signal).catch((error: unknown) => {
      if (!isAbort(error)) throw error;
    });
    hear.opened();
  });
  socket.on('message', (data) => {
    heardAt = clock.monotonic();
    readMessage(data, hear);
  });
  // What failed shows in the polls as well, and in better words; ws emits close after each error.
  socket.on('error', () => {});
  await new Promise<void>((resolve) => socket.once('close', () => resolve()));

  signal.removeEventListener('abort', stop);
  over.abort();
  await living;
  return openedAt === null ? null : clock.monotonic() - openedAt;
};
