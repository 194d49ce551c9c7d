// The way to the torrent process, for the node and for the controller's seeder.
export { EngineError, type EngineErrorCode } from './engine-error.ts';
export type {
  HashedTorrent,
  HashOptions,
  TorrentEngine,
  TorrentFile,
  TorrentLimits,
  TorrentOrder,
  TorrentState,
} from './torrent-engine.ts';
