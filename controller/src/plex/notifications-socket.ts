// Plex's WebSocket of notifications: what it says of plays.
import type { Clock } from '../clock.ts';
import { dialWebSocket } from '../http-client/dial-web-socket.ts';
import type { TlsTrust } from '../http-client/tls-trust.ts';
import { hearSocket } from '../neighbours/hear-socket.ts';
import type { PlayEvent } from './play-claims.ts';
import { notification } from './plex-schemas.ts';

export const SOCKET_PATH = '/:/websockets/notifications';

export type SocketDeps = {
  readonly who: string;
  /** http(s), with the base path, without a last slash. */
  readonly baseUrl: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly tls?: TlsTrust | undefined;
  readonly clock: Clock;
};

export type SocketListener = {
  opened(): void;
  playing(event: PlayEvent): void;
};

const MAX_MESSAGE_BYTES = 1024 * 1024;
/** Two programs say that Plex does not answer pings well. Where three were not answered, none is sent any more, and silence means nothing. */
const PING_TRIALS = 3;

const readMessage = (body: unknown, hear: SocketListener): void => {
  const message = notification.safeParse(body);
  if (!message.success || message.data.type !== 'playing') return;
  const told = message.data.PlaySessionStateNotification;
  for (const one of told.length > 0 ? told : [null])
    hear.playing({
      key: one?.sessionKey || null,
      item: one?.ratingKey || null,
      state: one?.state?.toLowerCase() || null,
      positionMs: one?.viewOffset ?? null,
    });
};

/** Makes the function that opens the socket and hears until it ends; it remembers whether this server answers pings. */
export const createNotificationsSocket = ({ who, baseUrl, headers, tls, clock }: SocketDeps) => {
  let answers = false;
  let trials = 0;
  const dial = () => dialWebSocket({ who, url: `${baseUrl}${SOCKET_PATH}`, headers, tls, maxMessageBytes: MAX_MESSAGE_BYTES });

  /** @returns how long it was open, ms; null where it was never open. Never throws. */
  return (hear: SocketListener, signal: AbortSignal): Promise<number | null> =>
    hearSocket(
      {
        dial,
        opened(socket) {
          socket.on('pong', () => {
            answers = true;
          });
          hear.opened();
        },
        message: (body) => readMessage(body, hear),
        beat(socket) {
          if (!answers && trials >= PING_TRIALS) return;
          trials += 1;
          socket.ping();
        },
        answersBeats: () => answers,
        clock,
      },
      signal,
    );
};
