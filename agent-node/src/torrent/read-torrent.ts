// Pure: a .torrent file to the few things of it that count: sizes and piece hashes. Its names, trackers and web seeds are left behind.
import {
  type Bencoded,
  type BencodedDictionary,
  bytesOfKey,
  decodeBencode,
  isDictionary,
  isList,
} from '@headgate/protocol/bencode';

/** 100 GiB in pieces of 4 MiB take half a megabyte. */
export const MAX_TORRENT_BYTES = 8 * 1024 * 1024;
const MAX_PIECES = 200_000;
const MAX_FILES = 2_000;
const MAX_PIECE_LENGTH = 64 * 1024 * 1024;
const MAX_BYTES = 2 ** 48;

/**
 * @property infoBytes as they stand in the file: their SHA-1 is the info hash. @property info the same, decoded. @property sizes of the files, in order.
 * @property pieces 20 bytes each.
 */
export type Metainfo = {
  readonly infoBytes: Uint8Array;
  readonly info: BencodedDictionary;
  readonly sizes: readonly number[];
  readonly size: number;
  readonly pieceLength: number;
  readonly pieces: Uint8Array;
};

/** A string is what is wrong with it, fit to follow "the .torrent file". */
export function readTorrent(torrent: Uint8Array): Metainfo | string {
  if (torrent.length > MAX_TORRENT_BYTES) return `has more than ${MAX_TORRENT_BYTES} bytes`;
  const root = decodeBencode(torrent);
  const info = root !== null && isDictionary(root) ? root['info'] : undefined;
  const infoBytes = bytesOfKey(torrent, 'info');
  if (!isDictionary(info) || infoBytes === null) return 'is not one';
  const [pieceLength, pieces, sizes] = [info['piece length'], info['pieces'], sizesOf(info)];
  if (!(pieces instanceof Uint8Array)) return 'has no pieces: BitTorrent v2 alone is not understood';
  if (typeof pieceLength !== 'number' || pieceLength < 1 || pieceLength > MAX_PIECE_LENGTH)
    return 'has an impossible piece length';
  if (sizes === null) return `has no files, impossible ones, or more than ${MAX_FILES}`;
  const size = sizes.reduce((sum, one) => sum + one, 0);
  if (size === 0 || size > MAX_BYTES) return 'has an impossible size';
  const count = Math.ceil(size / pieceLength);
  if (pieces.length !== count * 20 || count > MAX_PIECES) return 'has pieces that do not fit its size';
  return { infoBytes, info, sizes, size, pieceLength, pieces };
}

function sizesOf({ length, files }: BencodedDictionary): readonly number[] | null {
  const list: readonly (Bencoded | undefined)[] = files === undefined ? [length] : isList(files) ? files.map(lengthOf) : [];
  if (list.length === 0 || list.length > MAX_FILES) return null;
  const sizes = list.filter((size) => typeof size === 'number' && size >= 0 && size <= MAX_BYTES);
  return sizes.length === list.length ? (sizes as readonly number[]) : null;
}

const lengthOf = (file: Bencoded): Bencoded | undefined => (isDictionary(file) ? file['length'] : undefined);

/** SHA-1s in hexadecimal, as webtorrent keeps them. */
export const pieceHashes = (pieces: Uint8Array): readonly string[] =>
  Array.from({ length: pieces.length / 20 }, (_, index) =>
    Buffer.from(pieces.subarray(index * 20, index * 20 + 20)).toString('hex'),
  );
