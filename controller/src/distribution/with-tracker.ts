// Pure: a .torrent file for one reader.
import { bytesOfKey, encodeBencode } from '@headgate/protocol/bencode';

const text = new TextEncoder();

/** Another .torrent of the same info dictionary, byte for byte, and nothing else but a tracker. Null where the bytes are no .torrent file. */
export function withTracker(torrent: Uint8Array, announce: string | null): Uint8Array | null {
  const info = bytesOfKey(torrent, 'info');
  if (info === null) return null;
  const head = announce === null ? [] : [encodeBencode('announce'), encodeBencode(announce)];
  return Buffer.concat([text.encode('d'), ...head, encodeBencode('info'), info, text.encode('e')]);
}
