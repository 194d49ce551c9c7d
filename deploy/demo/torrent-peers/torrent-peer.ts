// Torrent clients of other people, on loopback only: who our engine must get along with.

import { qbittorrentPeer } from './qbittorrent-peer.ts';
import { startAria2 } from './start-aria2.ts';
import { transmissionPeer } from './transmission-peer.ts';

/** One client that runs. It finds others by the trackers of the torrents that it is given. */
export type TorrentPeer = AsyncDisposable & {
  /** Loads, or seeds where the files are there already, under the torrent's own name. */
  add(torrent: Uint8Array, infoHash: string, folder: string): Promise<void>;
  /** All is there and checked. */
  isWhole(infoHash: string): Promise<boolean>;
};

/** Debian's packages aria2, transmission-daemon, qbittorrent-nox. Each maker throws where its program is not installed. */
export const torrentPeers: Readonly<Record<'aria2c' | 'transmission-daemon' | 'qbittorrent-nox', () => Promise<TorrentPeer>>> = {
  aria2c: startAria2,
  'transmission-daemon': transmissionPeer,
  'qbittorrent-nox': qbittorrentPeer,
};
