// Tells when a media server can be heard again, to those who wait for its library.

import type { NeighbourHealth } from '../../neighbours/health.ts';
import type { MediaServer } from '../../neighbours/media-server.ts';

const isHeard = ({ state }: NeighbourHealth): boolean => state === 'live' || state === 'polling';

/** The same server; `back` is called with its name at the first time it is heard, and after each silence. */
export function tellingReturns<Server extends MediaServer>(server: Server, back: (name: string) => void): Server {
  return {
    ...server,
    async watch(hear, signal) {
      let heard = false;
      const health = (now: NeighbourHealth): void => {
        const returned = isHeard(now) && !heard;
        heard = isHeard(now);
        hear.health(now);
        if (returned) back(server.name);
      };
      await server.watch({ ...hear, health }, signal);
    },
  };
}
