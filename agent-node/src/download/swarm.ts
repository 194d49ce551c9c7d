// The torrent process as this node uses it: gets items from peers, and gives to others what lies in the library.
import type { Log } from '@headgate/agent-router/agent-ground';
import { AgentError, messageOf } from '../errors.ts';
import type { AskHttp } from '../http.ts';
import type { NodeState } from '../library/node-state.ts';
import type { WantedItem } from '../library/wanted.ts';
import { tokenHeader } from '../manifest/manifest-source.ts';
import { MAX_TORRENT_BYTES } from '../torrent/read-torrent.ts';
import { chooseSources, type SourceSettings, type Sources, trackerOf } from './choose-source.ts';
import type { ItemWork, TorrentDownload } from './get-item.ts';
import { downloadBySwarm, type FetchedTorrent, type SwarmDownloadDeps } from './swarm-download.ts';
import { announceOf, filesInOrder } from './torrent-file.ts';

export type SwarmDeps = SwarmDownloadDeps & {
  readonly http: AskHttp;
  readonly state: NodeState;
  readonly allow: Pick<SourceSettings, 'hosts' | 'trackers'>;
  readonly log: Log;
};
export type Swarm = {
  readonly download: TorrentDownload;
  /** The whole wish: these placed items are given to others, no other. */
  readonly seed: (works: readonly ItemWork[], signal: AbortSignal) => Promise<void>;
};

const FETCH_MS = 30_000;

export function createSwarm(deps: SwarmDeps): Swarm {
  const { engine, state, log } = deps;
  const seeded = new Map<string, string>();
  return {
    download: (work, source, fetching) =>
      downloadBySwarm(deps, { work, fetching, torrent: () => fetchTorrent(deps, work, source, fetching.signal) }),
    async seed(works, signal) {
      const wanted = new Map(works.flatMap((work) => (work.item.infoHash === null ? [] : [[work.item.infoHash, work] as const])));
      for (const infoHash of [...seeded.keys()]) {
        if (wanted.has(infoHash)) continue;
        seeded.delete(infoHash);
        await engine.remove(infoHash);
      }
      for (const [infoHash, work] of wanted) {
        const placed = placedFiles(state, work.item);
        const stands = JSON.stringify(placed);
        if (placed === null || seeded.get(infoHash) === stands) continue;
        try {
          await seedItem(deps, infoHash, work, signal);
          seeded.set(infoHash, stands);
        } catch (error) {
          signal.throwIfAborted();
          log.warn({ path: work.item.path, problem: messageOf(error) }, 'it is not given to others');
        }
      }
    },
  };
}

/** Null where one of them is not there. */
function placedFiles(state: NodeState, { files }: WantedItem) {
  const byPath = new Map(state.placed().map((one) => [one.path, one]));
  const placed = files.flatMap(({ path }) => byPath.get(path) ?? []);
  return placed.length === files.length ? placed.map(({ path, size, mtimeMs }) => ({ path, size, mtimeMs })) : null;
}

/** From where it lies: nothing is there twice, and where size and time stand nothing is read again. */
async function seedItem(deps: SwarmDeps, infoHash: string, work: ItemWork, signal: AbortSignal): Promise<void> {
  const { engine, paths, state, allow } = deps;
  const sources = chooseSources(work.item, { ...work.source, ...allow, hasEngine: true });
  if (sources.torrent === null) return;
  const { bytes, files, announce } = await fetchTorrent(deps, work, sources.torrent, signal);
  const placed = new Map(state.placed().map((one) => [one.path, one]));
  const stamps = files.flatMap(({ path }) => {
    const one = placed.get(path);
    return one === undefined ? [] : [{ size: one.size, mtimeMs: one.mtimeMs }];
  });
  const order = {
    infoHash,
    torrent: bytes,
    folder: paths.root,
    files: files.map(({ path }) => path),
    peers: [],
    announce,
    readOnly: true,
  };
  await engine.add({ ...order, ...(stamps.length === files.length ? { stamps } : {}) }, signal);
}

/** Asked for only where it may be: redirects to elsewhere are not followed, and a token goes to our own host alone. */
async function fetchTorrent(
  { http, allow }: SwarmDeps,
  { item, source }: ItemWork,
  { url, isOwn, announce }: NonNullable<Sources['torrent']>,
  signal: AbortSignal,
): Promise<FetchedTorrent> {
  const headers = isOwn ? tokenHeader(source.token) : {};
  const answer = await http({ url, headers, mostBytes: MAX_TORRENT_BYTES, deadlineMs: FETCH_MS }, signal);
  if (answer.status !== 200) throw new AgentError('not_found', `there is no .torrent file of it: ${answer.status}`);
  const bytes = new Uint8Array(answer.body);
  const files = filesInOrder(bytes, item);
  if (typeof files === 'string') throw new AgentError('bad_answer', `its .torrent file ${files}`);
  const named = trackerOf(announceOf(bytes), { origin: isOwn ? source.origin : null, trackers: allow.trackers });
  return { bytes, files, announce: named === null ? announce : [...new Set([named, ...announce])] };
}
