// A download client that the configuration names, opened by its product.
import { ControllerError } from '../errors.ts';
import type { TorrentClient } from '../neighbours/download-client.ts';
import { openQbittorrent } from '../qbittorrent/open-qbittorrent.ts';
import { type Checked, type ClientConfig, type NeighbourDeps, placeOf } from './neighbour-deps.ts';

type OpenClient = TorrentClient & Checked & AsyncDisposable;

export function openDownloadClient(client: ClientConfig, { clock, log }: NeighbourDeps): OpenClient {
  const given = { ...placeOf(client), clock, log: log.child({ part: 'torrents' }) };
  const username = client.username ?? undefined;
  const password = client.password?.reveal();
  const apiKey = client.apiKey?.reveal();
  switch (client.type) {
    case 'qbittorrent':
      return openQbittorrent({ ...given, username, password, apiKey });
    default:
      throw new ControllerError('config_invalid', `${client.name}: this version does not speak to ${client.type}`);
  }
}
