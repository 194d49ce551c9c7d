// The adapters that the configuration names, opened: one media server or download client each.
import { createSeedingClient, type SeedingClient } from '../distribution/seeding-client.ts';
import type { TorrentClient } from '../neighbours/download-client.ts';
import type { MediaServer } from '../neighbours/media-server.ts';
import type { Checked, NeighbourDeps } from './neighbour-deps.ts';
import { openDownloadClient } from './open-download-client.ts';
import { type LibraryServer, openMediaServer } from './open-media-server.ts';

export type OpenNeighbours = AsyncDisposable & {
  readonly servers: readonly (MediaServer & Checked)[];
  /** The Jellyfins among them. */
  readonly libraryServers: readonly LibraryServer[];
  readonly clients: readonly (TorrentClient & Checked)[];
  /** Our own seeding; null where it is switched off. */
  readonly seeding: SeedingClient | null;
  /** All that give way to viewers. */
  readonly limited: readonly TorrentClient[];
};

/** Sends nothing yet. @throws ControllerError config_invalid for a URL or fingerprint that cannot be. */
export function openNeighbours(deps: NeighbourDeps): OpenNeighbours {
  const servers = deps.config.mediaServers.map((server) => openMediaServer(server, deps));
  const clients = deps.config.torrentClients.map((client) => openDownloadClient(client, deps));
  const { distribution } = deps.config;
  const seeding = distribution.enabled
    ? createSeedingClient({ ownUpBps: distribution.maxUploadBps, clock: deps.clock, log: deps.log.child({ part: 'torrents' }) })
    : null;
  return {
    servers,
    libraryServers: servers.map(({ jellyfin }) => jellyfin).filter((jellyfin) => jellyfin !== null),
    clients,
    seeding,
    limited: seeding === null ? clients : [...clients, seeding.client],
    async [Symbol.asyncDispose]() {
      await Promise.allSettled([...servers, ...clients].map((each) => each[Symbol.asyncDispose]()));
    },
  };
}
