// A media server that the configuration names, opened by its product.
import { type JellyfinServer, openJellyfin } from '../jellyfin/open-jellyfin.ts';
import { type JellyfinSync, openJellyfinSync } from '../jellyfin/sync/open-jellyfin-sync.ts';
import type { MediaServer } from '../neighbours/media-server.ts';
import type { SourceTls } from '../on-air/plan-step.ts';
import { openPlex } from '../plex/open-plex.ts';
import { jellyfinAsNeighbour } from './jellyfin-as-neighbour.ts';
import { type Checked, type NeighbourDeps, placeOf, type ServerConfig } from './neighbour-deps.ts';

type OpenServer = MediaServer &
  Checked &
  AsyncDisposable & {
    /** Its libraries and its Live TV; null for a Plex. */
    readonly jellyfin: LibraryServer | null;
  };

/** What TV channels are made of, and where they are shown. `tls`: how its certificate is judged, for whoever fetches its files. */
export type LibraryServer = Pick<JellyfinServer, 'name' | 'library' | 'liveTv'> & {
  readonly tls: SourceTls;
  /** What keeps it the same as others. */
  readonly sync: JellyfinSync;
};

export function openMediaServer(server: ServerConfig, { deviceId, version, clock, log }: NeighbourDeps): OpenServer {
  const given = { ...placeOf(server), useSocket: server.socket, version, clock, log: log.child({ part: server.type }) };
  const { pauseGraceMs, limitStreams } = server;
  if (server.type === 'plex') {
    const plex = openPlex({ ...given, token: server.apiKey.reveal(), pauseGraceMs, limitStreams, clientId: deviceId });
    return { ...plex, jellyfin: null };
  }
  const { userId, clientName, deviceName } = server;
  const jellyfin = openJellyfin({
    ...given,
    apiKey: server.apiKey.reveal(),
    deviceId: server.deviceId ?? deviceId,
    userId: userId ?? undefined,
    clientName: clientName ?? undefined,
    deviceName: deviceName ?? undefined,
  });
  const named = { clientName: clientName ?? 'Headgate', deviceName: deviceName ?? 'Headgate' };
  const sync = openJellyfinSync({
    ...{ name: server.name, http: jellyfin.http, clock },
    address: { url: given.url, tls: given.tls },
    device: { deviceId: server.deviceId ?? deviceId, version, ...named },
  });
  const { check } = jellyfin;
  return {
    ...jellyfinAsNeighbour(jellyfin),
    check,
    async [Symbol.asyncDispose]() {
      await sync[Symbol.asyncDispose]();
      await jellyfin[Symbol.asyncDispose]();
    },
    jellyfin: { ...jellyfin, sync, tls: sourceTls(given.tls) },
  };
}

const sourceTls = ({ ca, fingerprint256, verify }: ReturnType<typeof placeOf>['tls']): SourceTls => ({
  ...(ca === undefined ? {} : { ca }),
  ...(fingerprint256 === undefined ? {} : { fingerprint256 }),
  verify,
});
