// The node: manifests, library, downloads, wired. What runs when is in run-node.ts.
import type { Clock } from './clock.ts';
import type { Config } from './config-schema.ts';
import { createDownloadQueue, type DownloadQueue } from './download/download-queue.ts';
import { createFailures } from './download/failures.ts';
import { createGetItem, type TorrentDownload } from './download/get-item.ts';
import { createHttpDownload } from './download/http-download.ts';
import { createRateGate, type RateGate } from './download/rate-gate.ts';
import { roomProblem } from './download/room.ts';
import { type AskHttp, createHttp, openAgents } from './http.ts';
import { adoptFiles } from './library/adopt.ts';
import { createHasher } from './library/hasher.ts';
import { createLibraryKeeper } from './library/library-keeper.ts';
import { freeBytes, type LibraryPaths, libraryPaths, makeFolders, type Ownership } from './library/library-paths.ts';
import { openManifestFiles } from './library/manifest-files.ts';
import { type NodeState, openNodeState } from './library/node-state.ts';
import { createPlacer } from './library/place-file.ts';
import { createReconcile, type Reconcile } from './library/reconcile.ts';
import type { Log } from './log.ts';
import { type GroupFollower, type ManifestStore, openGroupFollower } from './manifest/group-follower.ts';
import { manifestSources } from './manifest/manifest-source.ts';
import { createItemBoard, type ItemBoard } from './report/item-board.ts';

export type AgentDeps = {
  readonly config: Config;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  readonly dryRun: boolean;
};
export type Agent = AsyncDisposable & {
  readonly followers: readonly GroupFollower[];
  readonly reconcile: Reconcile;
  readonly queue: DownloadQueue;
  readonly board: ItemBoard;
  readonly gate: RateGate;
  readonly state: NodeState;
  readonly http: AskHttp;
  readonly paths: LibraryPaths;
  readonly freeBytes: () => Promise<number>;
  /** Paths that came or went since the last call. */
  readonly takeChanged: () => readonly string[];
};

const GIGA = 1_000_000_000;
const DAY_MS = 86_400_000;

/** @throws AgentError `storage_failed` where the library cannot be used */
export async function openAgent(
  { config, clock, random, log, dryRun }: AgentDeps,
  torrent: TorrentDownload | null,
): Promise<Agent> {
  const stack = new AsyncDisposableStack();
  const { download } = config;
  const paths = libraryPaths(config.library, config.state_folder);
  await makeFolders(paths);
  const agents = openAgents(config.manifests.ca);
  stack.defer(() => [agents.http, agents.https].forEach((one) => void one.destroy()));
  const http = createHttp(agents);
  const state = await openNodeState(paths.state, log);
  const followers = await openFollowers(config, http, openManifestFiles(paths.state), { clock, random, log });
  const hasher = stack.use(createHasher());
  const gate = createRateGate(clock);
  const board = createItemBoard();
  const placer = createPlacer(paths, ownership(config), clock.now);
  const keeper = createLibraryKeeper({
    root: paths.root,
    state,
    placer,
    graceMs: config.trash.days * DAY_MS,
    now: clock.now,
    log,
    dryRun,
  });
  const changed = new Set<string>();
  const onChanged = (found: readonly string[]): void => found.forEach((path) => void changed.add(path));
  const queue = createDownloadQueue({
    parallel: download.parallel,
    attempts: download.attempts,
    getItem: createGetItem({
      paths,
      placer,
      state,
      download: createHttpDownload({ agents, hasher, gate }),
      torrent,
      allow: config.allow,
      connections: download.connections,
      stallMs: download.stall_seconds * 1000,
    }),
    roomProblem: async (bytes, comingBytes) => roomProblem(bytes, { ...(await room(config, paths, state)), comingBytes }),
    failures: createFailures({ state, board, clock, random, log }),
    board,
    onPlaced: (files) => onChanged(files.map(({ path }) => path)),
    clock,
    log,
  });
  stack.defer(() => queue.end());
  const reconcile = createReconcile({
    followers,
    select: config.select,
    keeper,
    adopt: (plan, signal) => adoptFiles({ root: paths.root, hasher, state, log }, plan, signal),
    queue,
    board,
    state,
    onChanged,
  });
  return {
    ...{ followers, reconcile, queue, board, gate, state, http, paths },
    freeBytes: () => freeBytes(paths.root),
    takeChanged() {
      const taken = [...changed];
      changed.clear();
      return taken;
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

function openFollowers(
  { manifests }: Config,
  http: AskHttp,
  store: ManifestStore,
  deps: Pick<AgentDeps, 'clock' | 'random' | 'log'>,
): Promise<readonly GroupFollower[]> {
  const { attempts, public_key } = manifests;
  const opened = manifestSources(manifests).map((source) =>
    openGroupFollower({ source, http, store, publicKey: public_key ?? null, attempts, ...deps }),
  );
  return Promise.all(opened);
}

async function room({ download }: Config, paths: LibraryPaths, state: NodeState) {
  return {
    freeBytes: await freeBytes(paths.root),
    placedBytes: state.placed().reduce((sum, { size }) => sum + size, 0),
    minFreeBytes: download.min_free_gb * GIGA,
    quotaBytes: download.quota_gb === undefined ? null : download.quota_gb * GIGA,
  };
}

function ownership({ files: { mode, folder_mode, owner } }: Config): Ownership {
  const octal = (text: string | undefined): number | null => (text === undefined ? null : Number.parseInt(text, 8));
  const [user, group] = owner?.split(':').map(Number) ?? [];
  return {
    fileMode: octal(mode),
    folderMode: octal(folder_mode),
    owner: user === undefined || group === undefined ? null : [user, group],
  };
}
