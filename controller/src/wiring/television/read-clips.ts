// Reads the folder of clips as a library: each video file is an item, looked at once until it changes.
import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { join, parse, relative } from 'node:path';
import type { CatalogueItem } from '../../channels/catalogue-item.ts';
import { CLIPS_FOLDER } from '../../channels/clips-folder.ts';
import { ControllerError, isAbort, messageOf } from '../../errors.ts';
import type { MediaInfo } from '../../on-air/media-info.ts';

export type ProbeFile = (path: string, signal: AbortSignal) => Promise<MediaInfo>;

const VIDEO = /\.(?:avi|m2ts|m4v|mkv|mov|mp4|mpe?g|ts|webm)$/i;
/** More is a library: a media server should have it. */
const MAX_FILES = 2_000;

/** @returns pages of clips, by path. The generator throws ControllerError upstream_failed where the folder cannot be read. */
export function createClipsReader(folder: string, probe: ProbeFile) {
  const seen = new Map<string, { readonly version: string; readonly item: CatalogueItem | null }>();
  const look = async (path: string, signal: AbortSignal): Promise<CatalogueItem | null> => {
    const { size, mtimeMs } = await stat(path);
    const version = `${size}-${mtimeMs}`;
    const known = seen.get(path);
    if (known?.version === version) return known.item;
    const item = await itemOf(folder, path, probe, signal).catch((error: unknown) => {
      if (isAbort(error)) throw error;
      return null; // no video, whatever its name says
    });
    seen.set(path, { version, item });
    return item;
  };
  return async function* read(signal: AbortSignal): AsyncGenerator<readonly CatalogueItem[]> {
    const paths = await filesIn(folder);
    for (const path of seen.keys()) if (!paths.includes(path)) seen.delete(path);
    for (const path of paths) {
      // One that just went is no clip.
      const item = await look(path, signal).catch((error: unknown) => {
        if (isAbort(error)) throw error;
        return null;
      });
      if (item !== null) yield [item];
    }
  };
}

async function filesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    throw new ControllerError('upstream_failed', `channels.commercials_path: ${messageOf(error)}`, { cause: error });
  });
  const videos = entries.filter((entry) => entry.isFile() && VIDEO.test(entry.name));
  return videos
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .slice(0, MAX_FILES);
}

/** Null for what has no picture or no length. */
async function itemOf(folder: string, path: string, probe: ProbeFile, signal: AbortSignal): Promise<CatalogueItem | null> {
  const { video, durationMs } = await probe(path, signal);
  if (video === null || durationMs === null) return null;
  const { server, id: libraryId } = CLIPS_FOLDER;
  return {
    ...{ server, libraryId, path, durationMs },
    id: createHash('sha256').update(relative(folder, path)).digest('hex').slice(0, 32),
    kind: 'video',
    title: parse(path).name,
    ...{ series: null, season: null, episode: null, genres: [], tags: [], studios: [], year: null },
    ...{ rating: null, ratingScore: null, overview: null, communityRating: null, image: null },
  };
}
