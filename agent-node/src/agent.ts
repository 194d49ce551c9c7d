// The node: manifests, library, downloads, wired. What runs when is in run-node.ts.
import type { Clock, Log } from '@headgate/agent-router/agent-ground';
import type { Config } from './config-schema.ts';
import { createDownloadQueue, type DownloadQueue } from './download/download-queue.ts';
import { createFailures } from './download/failures.ts';
import { createGetItem } from './download/get-item.ts';
import { createHttpDownload } from './download/http-download.ts';
import { createRateGate, type RateGate } from './download/rate-gate.ts';
import { roomProblem } from './download/room.ts';
import { createSwarm, type Swarm } from './download/swarm.ts';
import { type AskHttp, createHttp, openAgents } from './http.ts';
import { adoptFiles } from './library/adopt.ts';
import { createHasher, type Hasher } from './library/hasher.ts';
import { createLibraryKeeper, type LibraryKeeper } from './library/library-keeper.ts';
import { freeBytes, type LibraryPaths, libraryPaths, makeFolders, type Ownership } from './library/library-paths.ts';
import { lockLibrary } from './library/lock.ts';
import { openManifestFiles } from './library/manifest-files.ts';
import { type NodeState, openNodeState } from './library/node-state.ts';
import { createPlacer, type Placer } from './library/place-file.ts';
import type { ItemPlan } from './library/plan-library.ts';
import { createReconcile, type Reconcile, wantedItems } from './library/reconcile.ts';
import { tidyOwnFolders } from './library/tidy.ts';
import { type GroupFollower, type ManifestStore, openGroupFollower } from './manifest/group-follower.ts';
import { manifestSources } from './manifest/manifest-source.ts';
import { createItemBoard, type ItemBoard } from './report/item-board.ts';
import { giveBackAtRest } from './torrent/memory-at-rest.ts';
import { isIn, networksOf } from './torrent/networks.ts';
import type { TorrentEngine } from './torrent/torrent-engine.ts';

export type AgentDeps = {
  readonly config: Config;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  readonly dryRun: boolean;
  /** Null: all comes from the web seed. */
  readonly engine: TorrentEngine | null;
};
export type Agent = AsyncDisposable & {
  readonly followers: readonly GroupFollower[];
  readonly keeper: LibraryKeeper;
  readonly reconcile: Reconcile;
  readonly queue: DownloadQueue;
  readonly board: ItemBoard;
  readonly gate: RateGate;
  readonly state: NodeState;
  readonly http: AskHttp;
  readonly paths: LibraryPaths;
  readonly freeBytes: () => Promise<number>;
  /** What lies in the library is given to others. */
  readonly seed: (signal: AbortSignal) => Promise<void>;
  /** Paths that came or went since the last call. */
  readonly takeChanged: () => readonly string[];
};

const GIGA = 1_000_000_000;
const DAY_MS = 86_400_000;

/** @throws AgentError `storage_failed` where the library cannot be used */
export async function openAgent(deps: AgentDeps): Promise<Agent> {
  const { config, clock, log, dryRun } = deps;
  const stack = new AsyncDisposableStack();
  const paths = libraryPaths(config.library, config.state_folder);
  await makeFolders(paths);
  if (!dryRun) stack.use(await lockLibrary(paths.state));
  const agents = openAgents(config.manifests.ca);
  stack.defer(() => [agents.http, agents.https].forEach((one) => void one.destroy()));
  const http = createHttp(agents);
  const state = await openNodeState(paths.state, log);
  const store = openManifestFiles(paths.state);
  const followers = await openFollowers(deps, http, dryRun ? { ...store, write: async () => {} } : store);
  const hasher = stack.use(createHasher());
  const board = createItemBoard();
  const placer = createPlacer(paths, ownership(config), clock.now);
  const graceMs = config.trash.days * DAY_MS;
  const keeper = createLibraryKeeper({
    root: paths.root,
    confirmedFolder: paths.state,
    state,
    placer,
    graceMs,
    now: clock.now,
    log,
    dryRun,
  });
  const changed = new Set<string>();
  const onChanged = (found: readonly string[]): void => found.forEach((path) => void changed.add(path));
  const ground = { ...deps, http, hasher, paths, placer, state, board, gate: createRateGate(clock, freeIn(config)), onChanged };
  const swarm = openSwarm(ground);
  const queue = openQueue(ground, swarm);
  stack.defer(() => queue.end());
  const adopt = (plan: ItemPlan, signal: AbortSignal) => adoptFiles({ root: paths.root, hasher, state, log }, plan, signal);
  const { select } = config;
  const tidy = (keys: ReadonlySet<string>): Promise<void> => tidyOwnFolders(paths, keys);
  return {
    ...{ followers, keeper, queue, board, gate: ground.gate, state, http, paths },
    reconcile: createReconcile({ followers, select, keeper, adopt, queue, board, state, tidy, onChanged }),
    freeBytes: () => freeBytes(paths.root),
    async seed(signal) {
      const works = followers.flatMap((one) =>
        wantedItems([one], select).map((item) => ({ item, files: item.files, source: one.source })),
      );
      if (config.torrent?.seed === true) await swarm?.seed(works, signal);
    },
    takeChanged() {
      const taken = [...changed];
      changed.clear();
      return taken;
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** Whether an address is of this site. */
function freeIn({ rates }: Config): (address: string) => boolean {
  const networks = networksOf(rates.free_networks);
  return (address) => isIn(networks, address);
}

type Ground = AgentDeps & {
  readonly http: AskHttp;
  readonly hasher: Hasher;
  readonly paths: LibraryPaths;
  readonly placer: Placer;
  readonly state: NodeState;
  readonly board: ItemBoard;
  readonly gate: RateGate;
  readonly onChanged: (paths: readonly string[]) => void;
};

function openSwarm({ config, engine, http, hasher, paths, state, clock, log }: Ground): Swarm | null {
  const { allow, torrent, download } = config;
  if (engine === null || torrent === undefined) return null;
  const [patienceMs, stallMs] = [torrent.patience_seconds * 1000, download.stall_seconds * 1000];
  return createSwarm({ engine, http, hasher, paths, state, allow, patienceMs, stallMs, clock, log });
}

function openQueue(ground: Ground, swarm: Swarm | null): DownloadQueue {
  const { config, hasher, paths, placer, state, board, gate, onChanged, clock, random, log } = ground;
  const { parallel, attempts, connections, stall_seconds } = config.download;
  const getItem = createGetItem({
    ...{ paths, placer, state, allow: config.allow, connections, stallMs: stall_seconds * 1000 },
    download: createHttpDownload({ ca: config.manifests.ca, hasher, gate }),
    torrent: swarm?.download ?? null,
  });
  const memory = giveBackAtRest(() => queue.isIdle());
  const queue = createDownloadQueue({
    ...{ parallel, attempts, getItem, board, clock, log },
    roomProblem: async (bytes, comingBytes) => roomProblem(bytes, { ...(await room(config, paths, state)), comingBytes }),
    failures: createFailures({ state, board, clock, random, log }),
    onPlaced(files) {
      onChanged(files.map(({ path }) => path));
      memory.busy();
    },
  });
  return queue;
}

function openFollowers(
  { config, clock, random, log }: AgentDeps,
  http: AskHttp,
  store: ManifestStore,
): Promise<readonly GroupFollower[]> {
  const { attempts, public_key } = config.manifests;
  const deps = { http, store, publicKey: public_key ?? null, attempts, clock, random, log };
  return Promise.all(manifestSources(config.manifests).map((source) => openGroupFollower({ source, ...deps })));
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
