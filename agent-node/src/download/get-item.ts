// One item: its bytes into staging from the best source, verified, then into the library.
import { rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { AgentError, messageOf } from '../errors.ts';
import type { LibraryPaths } from '../library/library-paths.ts';
import { newlyPlaced } from '../library/newly-placed.ts';
import type { NodeState, PlacedFile } from '../library/node-state.ts';
import type { Placer } from '../library/place-file.ts';
import type { WantedFile, WantedItem } from '../library/wanted.ts';
import { tokenHeader } from '../manifest/manifest-source.ts';
import { chooseSources, type SourceSettings, type Sources } from './choose-source.ts';
import type { HttpDownload } from './http-download.ts';

export type ItemWork = {
  readonly item: WantedItem;
  /** Those of its files that are to come. */
  readonly files: readonly WantedFile[];
  readonly source: Pick<SourceSettings, 'origin'> & { readonly token: string | null };
};
export type Progress = { readonly bytes: (done: number) => void; readonly verifying: () => void };
/** By the torrent process: answers with the staged file of each of `files`, verified, or throws. */
export type Fetching = { readonly progress: Progress; readonly signal: AbortSignal };
export type TorrentDownload = (
  work: ItemWork,
  source: NonNullable<Sources['torrent']>,
  fetching: Fetching,
) => Promise<ReadonlyMap<string, string>>;
export type GetItem = (work: ItemWork, progress: Progress, signal: AbortSignal) => Promise<readonly PlacedFile[]>;

export type GetItemDeps = {
  readonly paths: LibraryPaths;
  readonly placer: Placer;
  readonly state: NodeState;
  readonly download: HttpDownload;
  /** Null: no torrent process. */
  readonly torrent: TorrentDownload | null;
  readonly allow: Pick<SourceSettings, 'hosts' | 'trackers'>;
  readonly connections: number;
  readonly stallMs: number;
};

/** Resolves once all files are in the library and in the record. @throws AgentError; `bytes_wrong` after the bytes went into quarantine */
export function createGetItem(deps: GetItemDeps): GetItem {
  const { paths, placer, state, torrent, allow } = deps;
  return async (work, progress, signal) => {
    const { item, files, source } = work;
    for (const { path } of files) await placer.check(path);
    const sources = chooseSources(item, { ...source, ...allow, hasEngine: torrent !== null });
    const staged = await fetchStaged(deps, work, sources, { progress, signal });
    const placed: PlacedFile[] = [];
    for (const file of files) {
      const from = staged.get(file.path);
      if (from === undefined) throw new AgentError('storage_failed', `${file.path} is not in staging`);
      const one = newlyPlaced(item, file, await placer.place(from, file.path));
      placed.push(one);
      await state.put(one);
    }
    for (const folder of [item.key, `${item.key}-swarm`]) await rm(join(paths.staging, folder), { recursive: true, force: true });
    return placed;
  };
}

/** By path: where it lies. */
type Staged = ReadonlyMap<string, string>;

async function fetchStaged(deps: GetItemDeps, work: ItemWork, sources: Sources, { progress, signal }: Fetching): Promise<Staged> {
  let fromPeers: unknown = null;
  if (sources.torrent !== null && deps.torrent !== null) {
    try {
      return await deps.torrent(work, sources.torrent, { progress, signal });
    } catch (error) {
      signal.throwIfAborted();
      fromPeers = error;
    }
  }
  if (sources.webSeed === null)
    throw new AgentError(
      'not_allowed',
      sources.leftOut ?? sentence(fromPeers) ?? 'it can be had by a torrent only, and there is no torrent process',
    );
  try {
    return await byWebSeed(deps, work, sources.webSeed, { progress, signal });
  } catch (error) {
    // Nobody here has it, or not so that it can be verified, and those who have may not be asked: that is the reason to tell.
    if (error instanceof AgentError && ['not_found', 'not_allowed'].includes(error.code) && sources.leftOut !== null)
      throw new AgentError('not_allowed', sources.leftOut, { cause: error });
    throw error;
  }
}

const sentence = (error: unknown): string | null => (error === null ? null : messageOf(error));

async function byWebSeed(
  deps: GetItemDeps,
  work: ItemWork,
  base: string,
  { progress, signal }: Fetching,
): Promise<ReadonlyMap<string, string>> {
  const { paths, download, connections, stallMs } = deps;
  const { item, files, source } = work;
  const staged = new Map<string, string>();
  let before = 0;
  for (const file of files) {
    const { size, sha256 } = file;
    if (sha256 === null || size === null)
      throw new AgentError('not_allowed', 'it has no sha256 and size: what came by HTTP could not be verified');
    const part = join(paths.staging, item.key, `f${item.files.indexOf(file)}`);
    const url = base + file.seedPath.split('/').map(encodeURIComponent).join('/');
    const onProgress = (done: number): void => progress.bytes(before + done);
    const order = {
      url,
      headers: tokenHeader(source.token),
      size,
      sha256,
      part,
      connections,
      stallMs,
      onProgress,
      onWhole: progress.verifying,
    };
    await download(order, signal).catch((error: unknown) => aside(error, part, paths, item.key));
    staged.set(file.path, part);
    before += size;
  }
  return staged;
}

/** Wrong bytes go where Jellyfin does not look, for a person; one file per item, and staging begins anew. */
async function aside(error: unknown, part: string, paths: LibraryPaths, key: string): Promise<never> {
  if (!(error instanceof AgentError && error.code === 'bytes_wrong')) throw error;
  await rename(part, join(paths.quarantine, `${key}-${basename(part)}`));
  await rm(join(paths.staging, key), { recursive: true, force: true });
  throw error;
}
