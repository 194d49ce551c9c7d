// Torrent clients of other people, on loopback only: who our engine must get along with.
import { qbittorrentPeer } from './qbittorrent-peer.ts';
import { startAria2 } from './start-aria2.ts';
import type { TorrentPeer } from './torrent-peer.ts';
import { transmissionPeer } from './transmission-peer.ts';

/** Debian's packages aria2, transmission-daemon, qbittorrent-nox. Each maker throws where its program is not installed. */
export const torrentPeers: Readonly<Record<'aria2c' | 'transmission-daemon' | 'qbittorrent-nox', () => Promise<TorrentPeer>>> = {
  aria2c: startAria2,
  'transmission-daemon': transmissionPeer,
  'qbittorrent-nox': qbittorrentPeer,
};
