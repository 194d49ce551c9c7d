// Pure: the record of a file that has just come to its place.
import type { PlacedFile } from './node-state.ts';
import type { WantedFile, WantedItem } from './wanted.ts';

/** It stays, and the media server has not heard of it. @param stamp of the file as it lies there */
export const newlyPlaced = (
  { group, path: item, infoHash }: WantedItem,
  { path, sha256 }: WantedFile,
  { size, mtimeMs }: Pick<PlacedFile, 'size' | 'mtimeMs'>,
): PlacedFile => ({ path, size, mtimeMs, sha256, group, item, infoHash, leavingSinceMs: null, isUntold: true });
