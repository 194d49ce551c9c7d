// Jellyfin's part in being watched: its list by request and by socket, and what its versions' sockets can be trusted with.
import type { MediaServerListener } from '../neighbours/media-server.ts';
import { type WatchedServer, type WatchOptions, watchMediaServer } from '../neighbours/watch-media-server.ts';
import type { JellyfinClient } from './jellyfin-client.ts';
import { REFUSED_MS } from './jellyfin-http.ts';
import { hearSessionsSocket, type SocketDeps } from './sessions-socket.ts';
import { createSourceLookup } from './source-lookup.ts';
import { createStreamList } from './stream-list.ts';

export type WatchDeps = WatchOptions & {
  readonly client: JellyfinClient;
  readonly socket: SocketDeps;
};

/** Up to 10.10 an API key's socket may stay mute (a null user inside the server): there only a message proves that it speaks. */
const provesItself = (version: string | null): boolean => {
  const [major = 0, minor = 0] = (version ?? '').split('.').map(Number);
  return major > 10 || (major === 10 && minor >= 11);
};

/** @returns when the signal fires and all is over; does not throw */
export const watchSessions = async (deps: WatchDeps, hear: MediaServerListener, signal: AbortSignal): Promise<void> => {
  const { client, socket, useSocket, clock, log } = deps;
  const sources = createSourceLookup(client, clock);
  const list = createStreamList({ sources, clockOffsetMs: client.clockOffsetMs, hear, clock, log, signal });
  let version: string | null = null;
  const server: WatchedServer = {
    async ask(running) {
      if (useSocket) version ??= (await client.publicInfo(running)).Version;
      const sessions = await client.sessions(running);
      return () => ({ unheard: list.take(sessions), againMs: null });
    },
    hearSocket: (push, running) =>
      hearSessionsSocket(
        socket,
        {
          opened: push.opened,
          sessions(heard) {
            list.take(heard);
            push.listed();
          },
        },
        running,
      ),
    trustsSilence: () => provesItself(version),
    lost: () => {
      version = null;
    },
    socketPath: '/socket',
    refusedMs: REFUSED_MS,
  };
  await watchMediaServer(server, deps, hear, signal);
  await list.settled();
};
