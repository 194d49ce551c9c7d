// A download client that the configuration names, opened by its product.
import { openDeluge } from '../deluge/open-deluge.ts';
import { ControllerError } from '../errors.ts';
import type { TorrentClient } from '../neighbours/download-client.ts';
import { openQbittorrent } from '../qbittorrent/open-qbittorrent.ts';
import { openSabnzbd } from '../sabnzbd/open-sabnzbd.ts';
import { openTransmission } from '../transmission/open-transmission.ts';
import { type Checked, type ClientConfig, type NeighbourDeps, placeOf } from './neighbour-deps.ts';

type OpenClient = TorrentClient & Checked & AsyncDisposable;

export function openDownloadClient(client: ClientConfig, { clock, log }: NeighbourDeps): OpenClient {
  const given = { ...placeOf(client), clock, log: log.child({ part: 'torrents' }) };
  const login = { username: client.username ?? undefined, password: client.password?.reveal() };
  switch (client.type) {
    case 'qbittorrent':
      return openQbittorrent({ ...given, ...login, apiKey: client.apiKey?.reveal() });
    case 'transmission':
      return openTransmission({ ...given, ...login });
    case 'deluge':
      return openDeluge({ ...given, password: needed(client, 'password') });
    case 'sabnzbd':
      return openSabnzbd({ ...given, apiKey: needed(client, 'apiKey') });
  }
}

/** The schema has seen to it. */
function needed(client: ClientConfig, key: 'password' | 'apiKey'): string {
  const secret = client[key];
  if (secret === null) throw new ControllerError('config_invalid', `${client.name} has no ${key}`);
  return secret.reveal();
}
