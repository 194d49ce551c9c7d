// What can be spread to the nodes: an item with its files, and where its bytes come from.
import * as z from 'zod/mini';
import { byteCount } from './units.ts';

/** Names that Windows keeps for devices; a library often lies on a disk that is read there as well. */
const DEVICE_NAME = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;
const encoder = new TextEncoder();

/**
 * Where a file goes, below the node's library: `Film (2019)/Film (2019).mkv`. A torrent's own names are never used, since they can lead out of the folder.
 * No absolute path, `..`, backslash, control character, hidden name, drive, device name, or a name that ends in a dot or a space. Symbolic links are the node's to check.
 */
export const relativePath = z
  .string()
  .check(z.maxLength(1_000), z.refine(isSafe, 'must be a relative path without special names'));

function isSafe(path: string): boolean {
  return !/^[A-Za-z]:/.test(path) && path.split('/').every(isSafeName);
}

function isSafeName(name: string): boolean {
  if (name === '' || name.startsWith('.') || /[. ]$/.test(name) || DEVICE_NAME.test(name)) return false;
  // 255 bytes: the longest name of ext4, btrfs and exFAT.
  return !/[\p{Cc}\\]/u.test(name) && encoder.encode(name).byteLength <= 255;
}

/** A BitTorrent v1 info hash. webtorrent knows no v2. */
export const infoHash = z.string().check(z.regex(/^[0-9a-f]{40}$/, 'must be 40 lower-case hexadecimal digits'));

const sha256 = z.string().check(z.regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hexadecimal digits'));

/** Anything but http(s) would be read by webtorrent as a file on the node's own disk. */
const httpUrl = z.string().check(z.maxLength(2_000), z.regex(/^https?:\/\/[^\s]+$/, 'must be an http or https URL'));

const manifestFile = z.object({
  path: relativePath,
  size: byteCount,
  /** Of the whole file. Pieces are SHA-1, and "done" of a torrent is no proof; null where nobody has hashed it yet. */
  sha256: z.nullable(sha256),
});

/** One thing to have: a film, an episode, a folder. */
export const manifestItem = z
  .object({
    id: z.string().check(z.minLength(1), z.maxLength(128)),
    title: z.string().check(z.minLength(1), z.maxLength(300)),
    info_hash: infoHash,
    files: z.array(manifestFile).check(z.minLength(1), z.maxLength(2_000)),
    sources: z.object({
      /** The .torrent file, from the controller. */
      torrent_url: z.nullable(httpUrl),
      magnet: z.nullable(z.string().check(z.maxLength(4_000), z.regex(/^magnet:\?/, 'must be a magnet link'))),
      /** The same bytes by HTTP; asked where no peer is near. */
      web_seeds: z.array(httpUrl).check(z.maxLength(8)),
    }),
  })
  .check(
    z.refine(({ sources }) => sources.torrent_url !== null || sources.magnet !== null, {
      path: ['sources'],
      message: 'needs torrent_url or magnet',
    }),
    z.refine(({ sources, info_hash }) => sources.magnet === null || namesHash(sources.magnet, info_hash), {
      path: ['sources', 'magnet'],
      message: 'is not of info_hash',
    }),
  );
export type ManifestItem = z.infer<typeof manifestItem>;

const namesHash = (magnet: string, hash: string): boolean =>
  magnet
    .slice('magnet:?'.length)
    .split('&')
    .some((pair) => pair.toLowerCase() === `xt=urn:btih:${hash}`);
