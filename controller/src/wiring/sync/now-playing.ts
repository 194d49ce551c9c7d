// Who plays which item on which server now: what a player's own reports are about is not written to beside it.
import type { MediaServer } from '../../neighbours/media-server.ts';

export type NowPlaying = {
  /** The same server; what plays there is noted on the way. */
  noting<Server extends MediaServer>(server: Server): Server;
  isPlaying(at: { readonly server: string; readonly userId: string; readonly itemId: string }): boolean;
};

export function createNowPlaying(): NowPlaying {
  const playing = new Map<string, ReadonlySet<string>>();
  const key = (userId: string, itemId: string): string => `${userId.replaceAll('-', '')} ${itemId.replaceAll('-', '')}`;
  return {
    noting: (server) => ({
      ...server,
      watch: (hear, signal) =>
        server.watch(
          {
            ...hear,
            sessions(streams, at) {
              const keys = streams.flatMap(({ userId, itemId }) =>
                itemId === undefined || itemId === null ? [] : [key(userId, itemId)],
              );
              playing.set(server.name, new Set(keys));
              hear.sessions(streams, at);
            },
          },
          signal,
        ),
    }),
    isPlaying: ({ server, userId, itemId }) => playing.get(server)?.has(key(userId, itemId)) ?? false,
  };
}
