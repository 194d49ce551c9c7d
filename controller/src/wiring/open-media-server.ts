// A media server that the configuration names, opened by its product.
import { ControllerError } from '../errors.ts';
import { openJellyfin } from '../jellyfin/open-jellyfin.ts';
import type { MediaServer } from '../neighbours/media-server.ts';
import { jellyfinAsNeighbour } from './jellyfin-as-neighbour.ts';
import { type Checked, type NeighbourDeps, placeOf, type ServerConfig } from './neighbour-deps.ts';

type OpenServer = MediaServer & Checked & AsyncDisposable;

export function openMediaServer(server: ServerConfig, deps: NeighbourDeps): OpenServer {
  if (server.type === 'plex')
    throw new ControllerError('config_invalid', `media server ${server.name}: this version does not speak to Plex`);
  const { deviceId, version, clock, log } = deps;
  const jellyfin = openJellyfin({
    ...placeOf(server),
    apiKey: server.apiKey.reveal(),
    useSocket: server.socket,
    deviceId,
    version,
    clock,
    log: log.child({ part: 'jellyfin' }),
  });
  return { ...jellyfinAsNeighbour(jellyfin), check: jellyfin.check, [Symbol.asyncDispose]: jellyfin[Symbol.asyncDispose] };
}
