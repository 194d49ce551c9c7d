// Plex's part in being watched: a notification says that something changed, the list says what.
import { isAbort, messageOf } from '../errors.ts';
import type { MediaServerListener } from '../neighbours/media-server.ts';
import { type WatchedServer, type WatchOptions, watchMediaServer } from '../neighbours/watch-media-server.ts';
import { createNotificationsSocket, SOCKET_PATH, type SocketDeps } from './notifications-socket.ts';
import { createPlayClaims } from './play-claims.ts';
import { foldSessions, type StreamMemory } from './playing-streams.ts';
import { type PlexClient, REFUSED_MS } from './plex-client.ts';
import type { Session } from './plex-schemas.ts';

export type WatchDeps = WatchOptions & {
  readonly client: PlexClient;
  readonly socket: SocketDeps;
  /** The user who stands for all; null: each stands for himself. */
  readonly everybody: string | null;
};

/** Events that come this close together are one GET. */
const GATHER_MS = 40;

/** @returns when the signal fires and all is over; does not throw */
export const watchPlex = async (deps: WatchDeps, hear: MediaServerListener, signal: AbortSignal): Promise<void> => {
  const { client, everybody, clock, log } = deps;
  const claims = createPlayClaims();
  const hearNotifications = createNotificationsSocket(deps.socket);
  let memory: StreamMemory = new Map();
  let gathering: Promise<void> | null = null;

  const take = (sessions: readonly Session[]) => {
    const heard = { sessions, at: clock.now(), monotonic: clock.monotonic() };
    const folded = foldSessions(memory, heard, everybody);
    memory = folded.memory;
    try {
      hear.sessions(folded.streams, heard.at);
    } catch (error) {
      log.error({ problem: messageOf(error) }, 'A listener failed on a list of streams');
    }
    const againMs = claims.listed(memory, heard.monotonic);
    return { unheard: folded.began.filter((key) => !claims.hasNamed(key)).length, againMs };
  };

  const gather = async (look: () => void) => {
    try {
      await clock.sleep(GATHER_MS, signal);
      look();
    } catch (error) {
      if (!isAbort(error)) throw error;
    } finally {
      gathering = null;
    }
  };

  const server: WatchedServer = {
    async ask(running) {
      const sessions = await client.sessions(running);
      return () => take(sessions);
    },
    hearSocket: (push, running) =>
      hearNotifications(
        {
          opened() {
            claims.forget();
            push.opened();
          },
          playing(event) {
            push.spoke();
            if (claims.note(event, clock.monotonic())) gathering ??= gather(push.look);
          },
        },
        running,
      ),
    trustsSilence: () => true,
    lost: () => {},
    socketPath: SOCKET_PATH,
    refusedMs: REFUSED_MS,
  };
  await watchMediaServer(server, deps, hear, signal);
  await gathering;
};
