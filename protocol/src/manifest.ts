// Pure: what a group shares with its nodes: items with their files and hashes, signed as a whole.
import * as z from 'zod/mini';
import { topicName } from './ids.ts';
import { byteCount, moment } from './units.ts';

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

/** Anything but http(s) and magnet links would be read by webtorrent as a file on the node's own disk. */
const torrent = z
  .string()
  .check(z.maxLength(4_000), z.regex(/^(https?:\/\/[^\s]+|magnet:\?[^\s]+)$/, 'must be a magnet link, or an http or https URL'));

const manifestFile = z.object({ path: relativePath, size: byteCount, sha256 });

/** The name of a group: a file name as well, hence short and plain. */
export const groupName = topicName;

/**
 * One thing to have: a film, an episode, a folder. `title`, `torrent`, `path` and `sha256` are what "Decentralized Media Sync" reads and writes; its items have
 * no more than these.
 */
export const manifestItem = z
  .object({
    title: z.string().check(z.minLength(1), z.maxLength(300)),
    torrent,
    /** Of the file, or of the folder that `files` lie in; below the node's library. */
    path: relativePath,
    /** Of the whole file. Pieces are SHA-1, and "done" of a torrent is no proof. Of a folder each file has its own. */
    sha256: z.optional(sha256),
    size: z.optional(byteCount),
    info_hash: z.optional(infoHash),
    /** Of a folder: all that is in it, below `path`. */
    files: z.optional(z.array(manifestFile).check(z.minLength(1), z.maxLength(2_000))),
    /** For those who want a part of it only. */
    tags: z.optional(z.array(z.string().check(z.minLength(1), z.maxLength(64))).check(z.maxLength(32))),
  })
  .check(
    z.refine(({ torrent: source, info_hash: hash }) => hash === undefined || namesHash(source, hash), {
      path: ['torrent'],
      message: 'is not of info_hash',
    }),
    z.refine(({ files = [] }) => areUnique(files.map(({ path }) => path)), {
      path: ['files'],
      message: 'a path stands there twice',
    }),
  );
export type ManifestItem = z.infer<typeof manifestItem>;

const signature = z.object({
  algorithm: z.literal('ed25519'),
  /** The raw public key, 32 bytes in base64. */
  key: z.string().check(z.regex(/^[A-Za-z0-9+/]{43}=$/, 'must be 32 bytes in base64')),
  /** Of `signedText`, 64 bytes in base64. */
  value: z.string().check(z.regex(/^[A-Za-z0-9+/]{86}==$/, 'must be 64 bytes in base64')),
});

/** What a group shares, `GET /manifest/<group>.json`. Those of the seed have neither version nor signature. */
export const groupManifest = z.object({
  group: groupName,
  /** Each later one is greater. */
  version: z.optional(z.int().check(z.gte(1))),
  issued_at: z.optional(moment),
  items: z.array(manifestItem).check(
    z.maxLength(2_000),
    z.refine((items) => areUnique(items.map(({ path }) => path)), 'a path stands there twice'),
  ),
  signature: z.optional(signature),
});
export type GroupManifest = z.infer<typeof groupManifest>;

/** Retained, on change: nodes fetch what is new at once instead of at their next poll. */
export const groupState = z.object({
  version: z.int().check(z.gte(1)),
  at: moment,
  items: z.int().check(z.nonnegative()),
});
export type GroupState = z.infer<typeof groupState>;

/**
 * What a signature is of: the whole document without `signature`, names of each object in the order of their code units, no white space. Also what this version
 * does not know is part of it.
 */
export function signedText(document: Readonly<Record<string, unknown>>): string {
  const { signature: _signature, ...rest } = document;
  return ordered(rest);
}

function ordered(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(ordered).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const pairs = Object.entries(value).filter(([, one]) => one !== undefined);
  return `{${pairs
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, one]) => `${JSON.stringify(name)}:${ordered(one)}`)
    .join(',')}}`;
}

/** A link to a .torrent file says it only inside. */
const namesHash = (source: string, hash: string): boolean =>
  !source.startsWith('magnet:?') ||
  source
    .slice('magnet:?'.length)
    .split('&')
    .some((pair) => pair.toLowerCase() === `xt=urn:btih:${hash}`);

/** Case counts for nothing: exFAT and a Mac would make one file of two. */
/** The same for names that some file system takes for one: by case, or by how an accent is written. */
export const nameKey = (path: string): string => path.normalize('NFC').toLowerCase();

const areUnique = (names: readonly string[]): boolean => new Set(names.map(nameKey)).size === names.length;
