// One item from peers: its bytes into staging, with sha256 right behind them.
import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '@headgate/agent-router/agent-ground';
import { AgentError } from '../errors.ts';
import type { Hasher } from '../library/hasher.ts';
import type { LibraryPaths } from '../library/library-paths.ts';
import type { WantedFile } from '../library/wanted.ts';
import { readTorrent } from '../torrent/read-torrent.ts';
import type { TorrentEngine, TorrentState } from '../torrent/torrent-engine.ts';
import type { Fetching, ItemWork, Progress } from './get-item.ts';
import { createHashTrail, type HashTrail } from './hash-trail.ts';

export type SwarmDownloadDeps = {
  readonly engine: TorrentEngine;
  readonly hasher: Hasher;
  readonly paths: LibraryPaths;
  /** Without a peer. */
  readonly patienceMs: number;
  /** With peers that bring nothing. */
  readonly stallMs: number;
  readonly clock: Clock;
};
/** @property files the item's, in the torrent's order. */
export type FetchedTorrent = {
  readonly bytes: Uint8Array;
  readonly files: readonly WantedFile[];
  readonly announce: readonly string[];
};
type Order = { readonly work: ItemWork; readonly fetching: Fetching; readonly torrent: () => Promise<FetchedTorrent> };
type Staged = { readonly file: WantedFile; readonly path: string; readonly size: number };

const LOOK_MS = 250;
/** Written to the disk meanwhile, so that little is left for the end. */
const SYNC_EACH_BYTES = 64 * 1024 * 1024;

/** By path: where each file lies, verified. @throws AgentError `bytes_wrong` after what came is away, `timeout` where peers do not bring it, or what the torrent process says */
export async function downloadBySwarm(
  deps: SwarmDownloadDeps,
  { work, fetching, torrent }: Order,
): Promise<ReadonlyMap<string, string>> {
  const { engine, hasher, paths } = deps;
  const { progress, signal } = fetching;
  const { infoHash, key, files } = work.item;
  // A torrent comes whole: what is there already would come again.
  if (infoHash === null || work.files.length !== files.length)
    throw new AgentError('not_allowed', 'a part of it is there: only the rest is wanted');
  const { bytes, files: ordered, announce } = await torrent();
  const folder = join(paths.staging, `${key}-swarm`);
  const names = ordered.map((file) => `t${files.indexOf(file)}`);
  const sizes = sizesOf(bytes);
  const staged = ordered.map((file, at): Staged => ({ file, path: join(folder, names[at] ?? ''), size: sizes[at] ?? 0 }));
  using trail = createHashTrail(
    hasher,
    staged.map(({ path, size, file }) => ({ path, size, isHashed: file.sha256 !== null })),
  );
  let sums: readonly (string | null)[];
  try {
    await engine.add({ infoHash, torrent: bytes, folder, files: names, peers: [], announce }, signal);
    await using disk = keepSynced(staged);
    await arrived(deps, infoHash, { progress, follow: (done) => followed(done, trail, disk) }, signal);
    progress.verifying();
    sums = await trail.finish(signal);
  } finally {
    await engine.remove(infoHash);
  }
  const wrong = staged.find(({ file }, at) => file.sha256 !== null && file.sha256 !== sums[at]);
  if (wrong === undefined) return new Map(staged.map(({ file, path }) => [file.path, path]));
  await rm(folder, { recursive: true, force: true });
  throw new AgentError('bytes_wrong', `what peers gave has the sha256 ${sums[staged.indexOf(wrong)]}, not ${wrong.file.sha256}`);
}

const sizesOf = (torrent: Uint8Array): readonly number[] => {
  const read = readTorrent(torrent);
  return typeof read === 'string' ? [] : read.sizes;
};

type Watching = { readonly progress: Progress; readonly follow: (bytesInOrder: number) => void };

function followed(bytesInOrder: number, trail: HashTrail, disk: Synced): void {
  trail.follow(bytesInOrder);
  disk.reached(bytesInOrder);
}

/** Problems that may pass are waited for: a tracker that is away may come back, and there may be peers without it. @throws AgentError */
async function arrived(
  { engine, patienceMs, stallMs, clock }: SwarmDownloadDeps,
  infoHash: string,
  { progress, follow }: Watching,
  signal: AbortSignal,
): Promise<void> {
  let most = 0;
  let movedAtMs = clock.monotonic();
  for (;;) {
    const changed = new AbortController();
    const unlisten = engine.onChange(() => changed.abort());
    try {
      const now = engine.states().find((one: TorrentState) => one.infoHash === infoHash);
      if (now?.bytesTotal != null) follow(now.isDone ? now.bytesTotal : now.bytesInOrder);
      if (now?.isDone === true) return progress.bytes(now.bytesDone);
      if (now?.isFinal === true) throw new AgentError('bad_answer', now.problem ?? 'the torrent process cannot load it');
      const done = now?.bytesDone ?? 0;
      if (done > most) movedAtMs = clock.monotonic();
      most = Math.max(most, done);
      progress.bytes(done);
      const quietMs = clock.monotonic() - movedAtMs;
      if ((now?.peers ?? 0) === 0 && quietMs >= patienceMs) throw new AgentError('timeout', now?.problem ?? 'no peer has it');
      if (quietMs >= stallMs) throw new AgentError('timeout', now?.problem ?? 'its peers give nothing');
      await clock.sleep(LOOK_MS, AbortSignal.any([signal, changed.signal])).catch(() => {});
      signal.throwIfAborted();
    } finally {
      unlisten();
    }
  }
}

type Synced = AsyncDisposable & { readonly reached: (bytesInOrder: number) => void };

/** Without this the whole of it would go to the disk at the end, when it is to be placed. */
function keepSynced(staged: readonly Staged[]): Synced {
  const starts = staged.map((_, at) => staged.slice(0, at).reduce((sum, { size }) => sum + size, 0));
  let synced = 0;
  let running: Promise<void> | null = null;
  const sync = async (from: number, to: number): Promise<void> => {
    for (const [at, { path, size }] of staged.entries()) {
      const start = starts[at] ?? 0;
      if (start + size > from && start < to) await syncOne(path);
    }
  };
  return {
    reached(bytes) {
      if (running !== null || bytes - synced < SYNC_EACH_BYTES) return;
      const from = synced;
      synced = bytes;
      // A disk that fails says so when the file is placed.
      running = sync(from, bytes)
        .catch(() => {})
        .finally(() => {
          running = null;
        });
    },
    async [Symbol.asyncDispose]() {
      await running;
    },
  };
}

async function syncOne(path: string): Promise<void> {
  await using file: FileHandle = await open(path, 'r');
  await file.datasync();
}
