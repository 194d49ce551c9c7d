// Pure: what is seeded, and the item that a group has of it.
import { type ManifestItem, nameKey } from '@headgate/protocol';

/** Where it goes in a group: the path below a node's library. */
export type SeedPlace = { readonly group: string; readonly path: string; readonly title: string };

export type SeedFile = { readonly path: string; readonly size: number; readonly sha256: string; readonly mtimeMs: number };

/** What hashing found. `torrent`: bytes of a private .torrent. */
export type SeedContent = {
  readonly infoHash: string;
  readonly isFolder: boolean;
  /** In the order of the torrent. */
  readonly files: readonly SeedFile[];
  readonly torrent: Uint8Array;
};

/**
 * `pending`: waits, or is being hashed · `active`: seeded and listed · `failed`: what lies there cannot be shared, or is not any more what was hashed. `size` and
 * `mtimeMs` tell whether it is the same still.
 */
export type Seed = {
  readonly id: string;
  /** Real and absolute. */
  readonly path: string;
  readonly size: number;
  readonly mtimeMs: number;
  readonly state: 'pending' | 'active' | 'failed';
  /** A sentence; null where all is well. */
  readonly problem: string | null;
  readonly places: readonly SeedPlace[];
  readonly content: SeedContent | null;
  /** UTC ms. */
  readonly createdAt: number;
};

export const magnetOf = (infoHash: string, title: string): string =>
  `magnet:?xt=urn:btih:${infoHash}&dn=${encodeURIComponent(title.toWellFormed())}`;

/** The manifest's entry. */
export function itemOf({ infoHash, files, isFolder }: SeedContent, { path, title }: SeedPlace): ManifestItem {
  const size = files.reduce((sum, file) => sum + file.size, 0);
  const named = { title, torrent: magnetOf(infoHash, title), path, size, info_hash: infoHash };
  if (isFolder) return { ...named, files: files.map((file) => ({ path: file.path, size: file.size, sha256: file.sha256 })) };
  return { ...named, ...(files[0] === undefined ? {} : { sha256: files[0].sha256 }) };
}

/** What goes to the same path takes its place and keeps its tags; else it comes last. Null where it stands there as it is. */
export function withItem(items: readonly ManifestItem[], item: ManifestItem): readonly ManifestItem[] | null {
  const at = items.findIndex(({ path }) => nameKey(path) === nameKey(item.path));
  const before = items[at];
  if (before === undefined) return [...items, item];
  const next = before.tags === undefined ? item : { ...item, tags: before.tags };
  return JSON.stringify(next) === JSON.stringify(before) ? null : items.with(at, next);
}

/** The places of both; what was asked for later holds. */
export function mergePlaces(before: readonly SeedPlace[], more: readonly SeedPlace[]): readonly SeedPlace[] {
  const key = ({ group, path }: SeedPlace): string => `${group}/${nameKey(path)}`;
  const places = new Map([...before, ...more].map((place) => [key(place), place]));
  return [...places.values()];
}
