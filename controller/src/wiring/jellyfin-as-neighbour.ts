// A Jellyfin server in the words of the bandwidth feature.

import type { JellyfinServer } from '../jellyfin/open-jellyfin.ts';
import type { MediaServer } from '../neighbours/media-server.ts';

export function jellyfinAsNeighbour(server: JellyfinServer): MediaServer {
  const { name, type, onUplink, watch, users, rules, changeUserLimit, players } = server;
  const userLimits = { users, rules, rounded: (bps: number) => bps, changeUserLimit };
  return { name, type, onUplink, watch, pauseGraceMs: 0, userLimits, players };
}
