// A media server that the configuration names, opened by its product.
import { openJellyfin } from '../jellyfin/open-jellyfin.ts';
import type { MediaServer } from '../neighbours/media-server.ts';
import { openPlex } from '../plex/open-plex.ts';
import { jellyfinAsNeighbour } from './jellyfin-as-neighbour.ts';
import { type Checked, type NeighbourDeps, placeOf, type ServerConfig } from './neighbour-deps.ts';

type OpenServer = MediaServer & Checked & AsyncDisposable;

export function openMediaServer(server: ServerConfig, { deviceId, version, clock, log }: NeighbourDeps): OpenServer {
  const given = { ...placeOf(server), useSocket: server.socket, version, clock, log: log.child({ part: server.type }) };
  const { pauseGraceMs, limitStreams } = server;
  if (server.type === 'plex')
    return openPlex({ ...given, token: server.apiKey.reveal(), pauseGraceMs, limitStreams, clientId: deviceId });
  const jellyfin = openJellyfin({ ...given, apiKey: server.apiKey.reveal(), deviceId });
  return { ...jellyfinAsNeighbour(jellyfin), check: jellyfin.check, [Symbol.asyncDispose]: jellyfin[Symbol.asyncDispose] };
}
