// A manifest's item as this node wants it: which files, where they come from, and why it is perhaps not wanted.
import { createHash } from 'node:crypto';
import { matchesGlob } from 'node:path/posix';
import type { ManifestItem } from '@headgate/protocol';
import type { Config } from '../config-schema.ts';

/** @property seedPath below `/web-seed/<info hash>/`. */
export type WantedFile = {
  readonly path: string;
  readonly size: number | null;
  readonly sha256: string | null;
  readonly seedPath: string;
};

/** @property key of its bytes, whatever they are called: the same over a rename. @property skip why this node does not want it, or null. */
export type WantedItem = {
  readonly group: string;
  readonly title: string;
  readonly path: string;
  readonly torrent: string;
  readonly infoHash: string | null;
  readonly key: string;
  readonly files: readonly WantedFile[];
  readonly size: number | null;
  readonly skip: string | null;
};

const GIGA = 1_000_000_000;

export function wantedItem(group: string, item: ManifestItem, select: Config['select']): WantedItem {
  const infoHash = item.info_hash ?? infoHashOf(item.torrent);
  const files = filesOf(item);
  const size = item.size ?? sumOf(files);
  const bytes = JSON.stringify([infoHash ?? item.torrent, files.map((file) => [file.sha256, file.size])]);
  const key = createHash('sha256').update(bytes).digest('hex').slice(0, 32);
  return {
    group,
    title: item.title,
    path: item.path,
    torrent: item.torrent,
    infoHash,
    key,
    files,
    size,
    skip: skipReason(item, size, select),
  };
}

function filesOf({ path, size, sha256, files }: ManifestItem): readonly WantedFile[] {
  if (files !== undefined)
    return files.map((file) => ({ path: `${path}/${file.path}`, size: file.size, sha256: file.sha256, seedPath: file.path }));
  return [{ path, size: size ?? null, sha256: sha256 ?? null, seedPath: path.split('/').at(-1) ?? path }];
}

const sumOf = (files: readonly WantedFile[]): number | null =>
  files.reduce<number | null>((sum, { size }) => (sum === null || size === null ? null : sum + size), 0);

/** Of a magnet link, hexadecimal or base32 (BEP 9), or of a link to one of our own .torrent files. */
function infoHashOf(torrent: string): string | null {
  const magnet = /[?&]xt=urn:btih:([0-9a-fA-F]{40}|[A-Za-z2-7]{32})(&|$)/.exec(torrent)?.[1];
  if (magnet !== undefined) return magnet.length === 40 ? magnet.toLowerCase() : hexOfBase32(magnet.toUpperCase());
  return /\/torrent\/([0-9a-f]{40})\.torrent$/.exec(torrent)?.[1] ?? null;
}

function hexOfBase32(text: string): string {
  const bits = [...text]
    .map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'))
    .join('');
  return (bits.match(/.{4}/g) ?? []).map((four) => Number.parseInt(four, 2).toString(16)).join('');
}

function skipReason({ path, tags = [] }: ManifestItem, size: number | null, select: Config['select']): string | null {
  if (select.tags.length > 0 && !tags.some((tag) => select.tags.includes(tag))) return 'not selected: it has none of the tags';
  if (select.paths.length > 0 && !select.paths.some((glob) => matchesGlob(path, glob))) return 'not selected by its path';
  const except = select.except.find((glob) => matchesGlob(path, glob));
  if (except !== undefined) return `not selected: ${except} is left out`;
  if (select.max_size_gb !== undefined && size !== null && size > select.max_size_gb * GIGA)
    return `not selected: ${(size / GIGA).toFixed(1)} GB are more than ${select.max_size_gb}`;
  return null;
}
