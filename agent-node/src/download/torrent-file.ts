// Pure: a .torrent file against an item: which of the item's files each of the torrent's is. The torrent's own names place nothing.

import { type Bencoded, decodeBencode, isDictionary, isList } from '@headgate/protocol/bencode';
import type { WantedFile, WantedItem } from '../library/wanted.ts';
import { readTorrent } from '../torrent/read-torrent.ts';

const text = new TextDecoder('utf-8');

/** The item's files in the torrent's order; a string is what is wrong, fit to follow "its .torrent file". */
export function filesInOrder(torrent: Uint8Array, { files }: Pick<WantedItem, 'files'>): readonly WantedFile[] | string {
  const meta = readTorrent(torrent);
  if (typeof meta === 'string') return meta;
  if (meta.sizes.length !== files.length) return `has ${meta.sizes.length} files, not ${files.length}`;
  const names = namesOf(meta.info['files']);
  const byName = new Map(files.map((file) => [file.seedPath, file]));
  const ordered = meta.sizes.map((_, index) => (names === null ? files[0] : byName.get(names[index] ?? '')));
  const known = ordered.filter((file) => file !== undefined);
  if (known.length !== files.length || new Set(known).size !== files.length) return 'names other files';
  return known.some(({ size }, index) => size !== null && size !== meta.sizes[index]) ? 'has files of other sizes' : known;
}

/** Of a torrent of one file there are none. */
function namesOf(files: Bencoded | undefined): readonly string[] | null {
  if (files === undefined || !isList(files)) return null;
  return files.map((file) => {
    const path = isDictionary(file) ? file['path'] : undefined;
    return path !== undefined && isList(path)
      ? path.map((name) => (name instanceof Uint8Array ? text.decode(name) : '')).join('/')
      : '';
  });
}

/** The tracker that it names; null where it names none. */
export function announceOf(torrent: Uint8Array): string | null {
  const root = decodeBencode(torrent);
  const announce = root !== null && isDictionary(root) ? root['announce'] : undefined;
  return announce instanceof Uint8Array ? text.decode(announce) : null;
}
