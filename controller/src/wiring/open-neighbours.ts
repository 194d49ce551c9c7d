// The adapters that the configuration names, opened: one media server or torrent client each.

import type { Clock } from '../clock.ts';
import type { Config } from '../config/config-schema.ts';
import { openJellyfin } from '../jellyfin/open-jellyfin.ts';
import type { Log } from '../log.ts';
import type { TorrentClient } from '../neighbours/download-client.ts';
import type { MediaServer } from '../neighbours/media-server.ts';
import { openQbittorrent } from '../qbittorrent/open-qbittorrent.ts';
import { jellyfinAsNeighbour } from './jellyfin-as-neighbour.ts';

/** What `--test` asks of each. Answers with one line; rejects with a sentence. */
type Checked = { check(signal: AbortSignal): Promise<string> };
export type OpenNeighbours = AsyncDisposable & {
  readonly servers: readonly (MediaServer & Checked)[];
  readonly clients: readonly (TorrentClient & Checked)[];
};

export type NeighbourDeps = {
  readonly config: Config;
  readonly deviceId: string;
  readonly version: string;
  readonly clock: Clock;
  readonly log: Log;
};

/** Sends nothing yet. @throws ControllerError config_invalid for a URL or fingerprint that cannot be. */
export function openNeighbours({ config, deviceId, version, clock, log }: NeighbourDeps): OpenNeighbours {
  const servers = config.mediaServers.map((server) => {
    const { name, url, onUplink, socket: useSocket, pollMs } = server;
    const jellyfin = openJellyfin({
      name,
      url,
      apiKey: server.apiKey.reveal(),
      onUplink,
      tls: trustOf(server.tls),
      pollIntervalMs: pollMs,
      useSocket,
      deviceId,
      version,
      clock,
      log: log.child({ part: 'jellyfin' }),
    });
    return { ...jellyfinAsNeighbour(jellyfin), check: jellyfin.check, [Symbol.asyncDispose]: jellyfin[Symbol.asyncDispose] };
  });
  const clients = config.torrentClients.map((client) => {
    const { name, url, onUplink, pollMs } = client;
    const login = {
      username: client.username ?? undefined,
      password: client.password?.reveal(),
      apiKey: client.apiKey?.reveal(),
    };
    return openQbittorrent({
      name,
      url,
      ...login,
      onUplink,
      tls: trustOf(client.tls),
      pollIntervalMs: pollMs,
      clock,
      log: log.child({ part: 'torrents' }),
    });
  });
  return {
    servers,
    clients,
    async [Symbol.asyncDispose]() {
      await Promise.allSettled([...servers, ...clients].map((each) => each[Symbol.asyncDispose]()));
    },
  };
}

const trustOf = (tls: Config['mediaServers'][number]['tls']) => ({
  ca: tls.ca ?? undefined,
  fingerprint256: tls.certificateSha256 ?? undefined,
  verify: tls.verify,
});
