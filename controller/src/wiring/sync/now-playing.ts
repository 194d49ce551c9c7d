// Who plays which item on which server now: what a player's own reports are about is not written to beside it, and a hook should tell of it.
import { createListeners } from '../../listeners.ts';
import type { MediaServer } from '../../neighbours/media-server.ts';

export type NowPlaying = {
  /** The same server; what plays there is noted on the way. */
  noting<Server extends MediaServer>(server: Server): Server;
  isPlaying(at: PlayedAt): boolean;
  /** Called when somebody begins; not of what plays already when a server is heard first, or again. Answers with a function that ends it. */
  onBegan(listener: (at: PlayedAt) => void): () => void;
};

export type PlayedAt = { readonly server: string; readonly userId: string; readonly itemId: string };

export function createNowPlaying(): NowPlaying {
  const playing = new Map<string, ReadonlySet<string>>();
  /** Servers whose sessions were heard since they are heard at all. */
  const known = new Set<string>();
  const began = createListeners<[PlayedAt]>();
  const plain = (id: string): string => id.replaceAll('-', '');
  const key = ({ userId, itemId }: Omit<PlayedAt, 'server'>): string => `${plain(userId)} ${plain(itemId)}`;
  return {
    noting: (server) => ({
      ...server,
      watch: (hear, signal) =>
        server.watch(
          {
            ...hear,
            health(now) {
              if (now.state !== 'live' && now.state !== 'polling') known.delete(server.name);
              hear.health(now);
            },
            sessions(streams, at) {
              const plays = streams.flatMap(({ userId, itemId }) => (typeof itemId === 'string' ? [{ userId, itemId }] : []));
              const before = playing.get(server.name);
              playing.set(server.name, new Set(plays.map(key)));
              if (known.has(server.name))
                for (const { userId, itemId } of plays.filter((play) => before?.has(key(play)) !== true))
                  began.tell({ server: server.name, userId: plain(userId), itemId: plain(itemId) });
              known.add(server.name);
              hear.sessions(streams, at);
            },
          },
          signal,
        ),
    }),
    isPlaying: ({ server, ...play }) => playing.get(server)?.has(key(play)) ?? false,
    onBegan: began.on,
  };
}
