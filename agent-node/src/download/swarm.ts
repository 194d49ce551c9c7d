// The torrent process as this node uses it: gets items from peers, and gives to others what lies in the library.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock, Log } from '@headgate/agent-router/agent-ground';
import { AgentError, messageOf } from '../errors.ts';
import type { AskHttp } from '../http.ts';
import type { Hasher } from '../library/hasher.ts';
import type { LibraryPaths } from '../library/library-paths.ts';
import type { NodeState } from '../library/node-state.ts';
import type { WantedFile, WantedItem } from '../library/wanted.ts';
import { tokenHeader } from '../manifest/manifest-source.ts';
import { MAX_TORRENT_BYTES } from '../torrent/read-torrent.ts';
import type { TorrentEngine, TorrentState } from '../torrent/torrent-engine.ts';
import { chooseSources, type SourceSettings, type Sources } from './choose-source.ts';
import type { Fetching, ItemWork, Progress, TorrentDownload } from './get-item.ts';
import { announceOf, filesInOrder } from './torrent-file.ts';

export type SwarmDeps = {
  readonly engine: TorrentEngine;
  readonly http: AskHttp;
  readonly hasher: Hasher;
  readonly paths: LibraryPaths;
  readonly state: NodeState;
  readonly allow: Pick<SourceSettings, 'hosts' | 'trackers'>;
  readonly patienceMs: number;
  readonly stallMs: number;
  readonly clock: Clock;
  readonly log: Log;
};
export type Swarm = {
  readonly download: TorrentDownload;
  /** The whole wish: these placed items are given to others, no other. */
  readonly seed: (works: readonly ItemWork[], signal: AbortSignal) => Promise<void>;
};
type Torrent = { readonly bytes: Uint8Array; readonly files: readonly WantedFile[]; readonly announce: readonly string[] };

const FETCH_MS = 30_000;

export function createSwarm(deps: SwarmDeps): Swarm {
  const { engine, state, log } = deps;
  const seeded = new Map<string, string>();
  return {
    download: (work, source, fetching) => download(deps, work, source, fetching),
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

async function download(
  deps: SwarmDeps,
  work: ItemWork,
  source: NonNullable<Sources['torrent']>,
  { progress, signal }: Fetching,
): Promise<ReadonlyMap<string, string>> {
  const { engine, hasher, paths } = deps;
  const { item } = work;
  const { infoHash } = item;
  // A torrent comes whole: what is there already would come again.
  if (infoHash === null || work.files.length !== item.files.length)
    throw new AgentError('not_allowed', 'a part of it is there: only the rest is wanted');
  const torrent = await fetchTorrent(deps, work, source, signal);
  const folder = join(paths.staging, `${item.key}-swarm`);
  const names = torrent.files.map((file) => `t${item.files.indexOf(file)}`);
  const staged = new Map(torrent.files.map((file, index) => [file.path, join(folder, names[index] ?? '')]));
  try {
    await engine.add({ infoHash, torrent: torrent.bytes, folder, files: names, peers: [], announce: torrent.announce }, signal);
    await arrived(deps, infoHash, progress, signal);
  } finally {
    await engine.remove(infoHash);
  }
  progress.verifying();
  for (const file of torrent.files) {
    const path = staged.get(file.path) ?? '';
    if (file.sha256 === null) continue;
    const hashing = hasher.open(path);
    const found = await hashing.digest(file.size ?? 0, signal).finally(() => hashing.close());
    if (found === file.sha256) continue;
    await rm(folder, { recursive: true, force: true });
    throw new AgentError('bytes_wrong', `what peers gave has the sha256 ${found}, not ${file.sha256}`);
  }
  return staged;
}

/** @throws AgentError `timeout` where no peer is found within the patience, or nothing more comes */
async function arrived(
  { engine, patienceMs, stallMs, clock }: SwarmDeps,
  infoHash: string,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const sinceMs = clock.monotonic();
  let most = 0;
  let movedAtMs = sinceMs;
  for (;;) {
    const now = engine.states().find((one: TorrentState) => one.infoHash === infoHash);
    if (now?.isDone === true) return;
    if (now?.problem != null) throw new AgentError('bad_answer', now.problem);
    const done = now?.bytesDone ?? 0;
    if (done > most) movedAtMs = clock.monotonic();
    most = Math.max(most, done);
    progress.bytes(done);
    const quietMs = clock.monotonic() - movedAtMs;
    if ((now?.peers ?? 0) === 0 && quietMs >= patienceMs) throw new AgentError('timeout', 'no peer has it');
    if (quietMs >= stallMs) throw new AgentError('timeout', 'its peers give nothing');
    await clock.sleep(250, signal);
  }
}

/** Asked for only where it may be: redirects to elsewhere are not followed, and a token goes to our own host alone. */
async function fetchTorrent(
  { http, allow }: SwarmDeps,
  { item, source }: ItemWork,
  { url, isOwn, announce }: NonNullable<Sources['torrent']>,
  signal: AbortSignal,
): Promise<Torrent> {
  const headers = isOwn ? tokenHeader(source.token) : {};
  const answer = await http({ url, headers, mostBytes: MAX_TORRENT_BYTES, deadlineMs: FETCH_MS }, signal);
  if (answer.status !== 200) throw new AgentError('not_found', `there is no .torrent file of it: ${answer.status}`);
  const bytes = new Uint8Array(answer.body);
  const files = filesInOrder(bytes, item);
  if (typeof files === 'string') throw new AgentError('bad_answer', `its .torrent file ${files}`);
  const named = announceOf(bytes);
  const isTaken =
    named !== null &&
    URL.canParse(named) &&
    (new URL(named).origin === source.origin || allow.trackers.includes(new URL(named).host));
  return { bytes, files, announce: isTaken ? [...new Set([named, ...announce])] : announce };
}
