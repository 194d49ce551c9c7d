// A torrent of one small file without a tracker, bencoded by hand: something for a real torrent client to stop and to start.
import { createHash } from 'node:crypto';

const PIECE = 16_384;

/** `metainfo` in base64, as Transmission and Deluge take it. */
export type OneFileTorrent = { readonly hash: string; readonly metainfo: string };

export const oneFileTorrent = (name: string, content: Buffer): OneFileTorrent => {
  const pieces: Buffer[] = [];
  for (let from = 0; from < content.length; from += PIECE)
    pieces.push(
      createHash('sha1')
        .update(content.subarray(from, from + PIECE))
        .digest(),
    );
  const info = Buffer.concat([
    Buffer.from(`d6:lengthi${content.length}e4:name${Buffer.byteLength(name)}:${name}12:piece lengthi${PIECE}e`),
    Buffer.from(`6:pieces${pieces.length * 20}:`),
    ...pieces,
    Buffer.from('e'),
  ]);
  return {
    hash: createHash('sha1').update(info).digest('hex'),
    metainfo: Buffer.concat([Buffer.from('d4:info'), info, Buffer.from('e')]).toString('base64'),
  };
};
