// The Jellyfins of the home as the channels feature sees them: items, bytes, pictures, and a look inside.
import { access, constants } from 'node:fs/promises';
import type { ReadLibrary } from '../../channels/catalogue.ts';
import { CLIPS_FOLDER } from '../../channels/clips-folder.ts';
import type { ReadImage } from '../../channels/guide/artwork.ts';
import type { BrowseServer } from '../../channels/jellyfin-api.ts';
import type { SourceOf } from '../../channels/plan-steps.ts';
import type { ProbedItem, ProbeItem } from '../../channels/probe-items.ts';
import type { Config } from '../../config/config-schema.ts';
import { ControllerError } from '../../errors.ts';
import type { Ffmpeg } from '../../ffmpeg/open-ffmpeg.ts';
import type { SourceProxy } from '../../live/source-proxy.ts';
import type { LibraryServer } from '../open-media-server.ts';
import { createClipsReader, type ProbeFile } from './read-clips.ts';

/** Wide enough for any screen's guide. */
const IMAGE_WIDTH = 800;

export type TelevisionSources = ReturnType<typeof televisionSources>;

/** @param probe looks into a file of the folder of clips */
export function televisionSources(
  libraryServers: readonly LibraryServer[],
  { pathMaps, commercialsPath }: Pick<Config['channels'], 'pathMaps' | 'commercialsPath'>,
  probe: ProbeFile,
) {
  const clips = commercialsPath === null ? null : createClipsReader(commercialsPath, probe);
  const byName = new Map(libraryServers.map((one) => [one.name, one]));
  const find = (server: string): LibraryServer => {
    const found = byName.get(server);
    if (found === undefined) throw new ControllerError('not_found', `there is no Jellyfin named "${server}" in media_servers`);
    return found;
  };
  const sourceOf: SourceOf = ({ server, id, path }) => {
    if (server === CLIPS_FOLDER.server) return { path: clips === null ? null : path, http: null };
    const found = byName.get(server);
    // A server that left the configuration: its items are swapped, and until then a card stands in.
    if (found === undefined) return { path: null, http: null };
    const { http } = found.library.sourceOf({ id, path });
    return { path: path === null ? null : mapped(path, server, pathMaps), http: { ...http, tls: found.tls } };
  };
  const readLibrary: ReadLibrary = (server, id, signal) =>
    clips !== null && server === CLIPS_FOLDER.server ? clips(signal) : find(server).library.catalogue(id, signal);
  const readImage: ReadImage = async ({ server, itemId, tag }, maxBytes, signal) => {
    const picture = await find(server).library.image({ itemId, tag, maxWidth: IMAGE_WIDTH }, signal);
    return picture === null || picture.bytes.byteLength > maxBytes ? null : picture.bytes;
  };
  return {
    names: [...byName.keys()],
    readLibrary,
    readImage,
    sourceOf,
    browse: new Map<string, BrowseServer>(libraryServers.map(({ name, library }) => [name, library])),
    /** As its server's own probe has it. */
    media: (item: ProbedItem, signal: AbortSignal) => find(item.server).library.media(item.id, signal),
  };
}

/** The longest map that fits, at a border of folders. */
function mapped(path: string, server: string, maps: Config['channels']['pathMaps']): string {
  const fits = maps
    .filter((map) => map.server === server && (path === map.from || path.startsWith(`${map.from.replace(/[/\\]+$/, '')}/`)))
    .sort((a, b) => b.from.length - a.from.length)[0];
  return fits === undefined ? path : fits.to.replace(/\/+$/, '') + path.slice(fits.from.replace(/[/\\]+$/, '').length);
}

export type ProbeDeps = {
  readonly sources: TelevisionSources;
  readonly ffmpeg: Pick<Ffmpeg, 'probeMedia' | 'measureGain'>;
  readonly proxy: SourceProxy;
};

/** Opens the very bytes that would air: the file where this machine has it, else the server's stream through a loopback address without its key. */
export const probeBy =
  ({ sources, ffmpeg, proxy }: ProbeDeps): ProbeItem =>
  async (item, signal) => {
    const { path, http } = sources.sourceOf(item);
    const local = path === null ? null : await readable(path);
    if (local === null && http === null)
      return bad(path === null ? `no server named "${item.server}"` : `${path} cannot be read`);
    if (local === null && !(await isThere(sources, item, signal))) return bad(GONE);
    using lease = local === null && http !== null ? proxy.lease(http) : null;
    const from = local ?? lease?.url ?? '';
    try {
      const media = await ffmpeg.probeMedia(from, signal);
      if (media.video === null) return bad('it has no picture');
      return { ok: true, problem: null, media, gainDb: await ffmpeg.measureGain(from, media, null, signal) };
    } catch (error) {
      if (!(error instanceof ControllerError)) throw error;
      // Of the file, unless the server went away meanwhile: then nothing can be said of it.
      return local === null && !(await isThere(sources, item, signal)) ? bad(GONE) : bad(error.message);
    }
  };

const GONE = 'its server does not have it any more';

/** @throws ControllerError where its server cannot be asked */
const isThere = async (sources: TelevisionSources, item: ProbedItem, signal: AbortSignal): Promise<boolean> =>
  await sources.media(item, signal).then(
    () => true,
    (error: unknown) => {
      if (error instanceof ControllerError && error.code === 'not_found') return false;
      throw error;
    },
  );

const bad = (problem: string) => ({ ok: false, problem, media: null, gainDb: 0 });

const readable = async (path: string): Promise<string | null> =>
  await access(path, constants.R_OK).then(
    () => path,
    () => null,
  );
