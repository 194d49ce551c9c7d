// The adapters that the configuration names, opened: one media server or download client each.
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
};

/** Sends nothing yet. @throws ControllerError config_invalid for a URL or fingerprint that cannot be. */
export function openNeighbours(deps: NeighbourDeps): OpenNeighbours {
  const servers = deps.config.mediaServers.map((server) => openMediaServer(server, deps));
  const clients = deps.config.torrentClients.map((client) => openDownloadClient(client, deps));
  return {
    servers,
    libraryServers: servers.map(({ jellyfin }) => jellyfin).filter((jellyfin) => jellyfin !== null),
    clients,
    async [Symbol.asyncDispose]() {
      await Promise.allSettled([...servers, ...clients].map((each) => each[Symbol.asyncDispose]()));
    },
  };
}
