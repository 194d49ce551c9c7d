// Whether an order of a torrent makes sense: looked at before the process is told, and by the process again.
import { EngineError } from './engine-error.ts';
import { type Metainfo, readTorrent } from './read-torrent.ts';
import { sha1 } from './sha1.ts';
import type { TorrentOrder } from './torrent-engine.ts';

/** @throws EngineError `input_invalid` */
export function metainfoOf({ torrent, infoHash, files }: TorrentOrder): Metainfo {
  const metainfo = readTorrent(torrent);
  if (typeof metainfo === 'string') throw new EngineError('input_invalid', `The .torrent file ${metainfo}`);
  const is = sha1(metainfo.infoBytes).toString('hex');
  if (is !== infoHash) throw new EngineError('input_invalid', `The .torrent file is of ${is}, not of ${infoHash}`);
  const { length } = metainfo.sizes;
  if (files.length !== length)
    throw new EngineError('input_invalid', `The torrent has ${length} files, and ${files.length} names were given`);
  if (new Set(files).size !== length) throw new EngineError('input_invalid', 'Two files of the torrent were given one name');
  return metainfo;
}
