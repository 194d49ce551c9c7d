// Jellyfin's WebSocket: how it is asked for sessions, kept alive and read.
import type { Clock } from '../clock.ts';
import { dialWebSocket } from '../http-client/dial-web-socket.ts';
import type { TlsTrust } from '../http-client/tls-trust.ts';
import { hearSocket } from '../neighbours/hear-socket.ts';
import { MAX_BODY_BYTES } from './jellyfin-http.ts';
import { readableSessions, type Session, sessionList, socketMessage } from './jellyfin-schemas.ts';

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

const readMessage = (body: unknown, hear: SocketListener): void => {
  const message = socketMessage.safeParse(body);
  if (!message.success || message.data.MessageType !== 'Sessions') return;
  const list = sessionList.safeParse(message.data.Data);
  if (list.success) hear.sessions(readableSessions(list.data));
};

/**
 * Opens the socket, asks for sessions and hears until it ends, from whichever side. Never throws, resolves when all of it is over.
 * @returns how long it was open, ms; null where it was never open (refused, 403, no server)
 */
export const hearSessionsSocket = (deps: SocketDeps, hear: SocketListener, signal: AbortSignal): Promise<number | null> => {
  const { who, baseUrl, authorization, tls, clock } = deps;
  const url = `${baseUrl}/socket`;
  return hearSocket(
    {
      dial: () => dialWebSocket({ who, url, headers: { authorization }, tls, maxMessageBytes: MAX_BODY_BYTES }),
      opened(socket) {
        // Data is one string "delay,interval" in ms; anything else is taken without an error and does nothing.
        socket.send('{"MessageType":"SessionsStart","Data":"0,1500"}');
        hear.opened();
      },
      message: (body) => readMessage(body, hear),
      // 10.9 to 10.11 forget a client without closing: a socket that answers no KeepAlive is dead, open or not.
      beat: (socket) => socket.send('{"MessageType":"KeepAlive"}'),
      answersBeats: () => true,
      clock,
    },
    signal,
  );
};
