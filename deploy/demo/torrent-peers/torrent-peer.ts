// What a torrent client of somebody else's can do here.

/** One client that runs. It finds others by the trackers of the torrents that it is given. */
export type TorrentPeer = AsyncDisposable & {
  /** Loads, or seeds where the files are there already, under the torrent's own name. */
  add(torrent: Uint8Array, infoHash: string, folder: string): Promise<void>;
  /** All is there and checked. */
  isWhole(infoHash: string): Promise<boolean>;
};
