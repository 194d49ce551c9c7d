// The torrents of the torrent process: webtorrent as facts/webtorrent.md says that it is safe, on our own files.
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import WebTorrent, { type ParsedTorrent } from 'webtorrent';
import { boundReplies, type Replies } from './bounded-replies.ts';
import { metainfoOf } from './check-order.ts';
import { EngineError } from './engine-error.ts';
import type { ToEngine } from './engine-messages.ts';
import { type Held, heldTorrent, lookForPeers, refused, stateOf, withoutSecrets } from './held-torrent.ts';
import { judgePieces, type PieceJudge } from './piece-judge.ts';
import { openPlacedFiles } from './placed-files.ts';
import { type Metainfo, pieceHashes } from './read-torrent.ts';
import { sha1 } from './sha1.ts';
import type { FileStamp, TorrentLimits, TorrentOrder, TorrentRates, TorrentState } from './torrent-engine.ts';

const LOOK_MS = 5_000;
/** Connections that others opened, over all torrents: each may take half a megabyte. */
const MOST_INCOMING = 200;

type Settings = Extract<ToEngine, { type: 'settings' }>;
type Hear = {
  /** All pieces passed, and the files are as the stamps say. */
  readonly whole: (infoHash: string, stamps: readonly FileStamp[]) => void;
  /** The client cannot go on. */
  readonly broken: (message: string) => void;
};
type Client = {
  readonly web: WebTorrent;
  readonly replies: Replies;
  readonly judge: PieceJudge;
  readonly held: Map<string, Held>;
  readonly hear: Hear;
};

export type EngineClient = {
  /** Takes the place of one with the same info hash. @throws EngineError */
  add(order: TorrentOrder): Promise<void>;
  remove(infoHash: string): Promise<void>;
  limit(limits: TorrentLimits): void;
  states(): readonly TorrentState[];
  /** Bytes come in that are still to be verified. */
  isLoading(): boolean;
  /** Of all that comes and goes, bit/s. */
  bps(): number;
  /** Of peers that are not in a free network. */
  rates(): TorrentRates;
  /** Says good-bye to the trackers. */
  end(): Promise<void>;
};

/** Resolves when it listens. @throws EngineError where it cannot. */
export async function openEngineClient(
  { address, port, freeNetworks, maxConnections, ca }: Settings,
  hear: Hear,
): Promise<EngineClient & { readonly listening: { readonly address: string; readonly port: number } }> {
  if (ca !== undefined) setDefaultCACertificates([...getCACertificates('default'), ca]);
  const replies = boundReplies(freeNetworks);
  const web = new WebTorrent({
    torrentPort: { port, host: address },
    // uTP never falls back to TCP, and the rest would tell strangers of us, or open the router.
    ...{ utp: false, dht: false, lsd: false, utPex: false, natUpnp: false, natPmp: false, webSeeds: false },
    secure: 1,
    maxConns: maxConnections,
    userAgent: 'Headgate',
    tracker: { wrtc: false },
  });
  web._connPool.tcpServer.maxConnections = MOST_INCOMING;
  await new Promise<void>((resolve, reject) => {
    web.once('listening', () => resolve());
    web.once('error', (cause: Error) =>
      reject(
        new EngineError('unavailable', `The torrent process cannot listen at ${address}:${port}: ${cause.message}`, { cause }),
      ),
    );
  });
  replies.freeDownloads(web.throttleGroups.down);
  web.on('error', (error: Error) => hear.broken(error.message));
  const client: Client = { web, replies, judge: judgePieces(), held: new Map(), hear };
  const timer = setInterval(() => lookForPeers(client.held.values()), LOOK_MS);
  return {
    listening: { address, port: web.address()?.port ?? port },
    add: (order) => add(client, order),
    remove: (infoHash) => remove(client, infoHash),
    limit({ upBps, downBps, isPaused = false }) {
      replies.limit(upBps, isPaused);
      web.throttleDownload(isPaused ? 0 : downBps === null ? -1 : Math.round(downBps / 8));
    },
    states: () => [...client.held.values()].map(stateOf),
    isLoading: () => [...client.held.values()].some(({ torrent }) => !torrent.done && torrent.downloadSpeed > 0),
    bps: () => Math.round((web.downloadSpeed + web.uploadSpeed) * 8),
    rates: replies.rates,
    async end() {
      clearInterval(timer);
      replies[Symbol.dispose]();
      await new Promise<void>((resolve) => web.destroy(resolve));
    },
  };
}

async function add(client: Client, order: TorrentOrder): Promise<void> {
  const metainfo = metainfoOf(order);
  const { infoHash } = order;
  await remove(client, infoHash);
  const files = order.files.map((path, index) => ({ path, size: metainfo.sizes[index] ?? 0 }));
  const readOnly = order.readOnly === true;
  const skipVerify = order.stamps !== undefined && (await standsAsStamped(order, order.stamps, metainfo.sizes));
  const store = await openPlacedFiles({ folder: order.folder, files, pieceLength: metainfo.pieceLength, readOnly });
  const torrent = client.web.add(parsedOf(metainfo, order), {
    preloadedStore: store,
    storeCacheSlots: 0,
    skipVerify,
    deselect: readOnly,
  });
  const held = heldTorrent(torrent, order);
  client.held.set(infoHash, held);
  client.replies.watch(torrent);
  client.judge.watch(torrent);
  torrent.on('error', (error: Error) => {
    held.problem = withoutSecrets(error.message);
  });
  torrent.on('warning', (error: Error) => {
    if (/failed verification/.test(error.message)) held.wrong += 1;
    else if (order.announce.length > 0) refused(held, error.message);
  });
  torrent.on('trackerAnnounce', () => {
    Object.assign(held, { trackerProblem: null, refusals: 0 });
  });
  torrent.on('ready', () => ready(held));
  torrent.on('done', () => void tellWhole(client, held));
}

function ready(held: Held): void {
  const { torrent, order } = held;
  if (order.readOnly === true && !torrent.done) {
    const missing = Array.from({ length: torrent.pieces.length }, (_, index) => index).filter(
      (index) => !torrent.bitfield?.get(index),
    );
    if (missing.length > 0)
      held.problem = `${missing.length} of ${torrent.pieces.length} pieces are not as they were: the files have changed`;
  }
  for (const peer of order.peers) torrent.addPeer(peer);
}

async function tellWhole({ hear }: Client, { torrent, order }: Held): Promise<void> {
  const stamps = await stampsOf(order).catch(() => null);
  if (stamps !== null && !torrent.destroyed) hear.whole(order.infoHash, stamps);
}

async function remove({ held }: Client, infoHash: string): Promise<void> {
  const known = held.get(infoHash);
  held.delete(infoHash);
  if (known === undefined || known.torrent.destroyed) return;
  await new Promise<void>((resolve) => known.torrent.destroy(() => resolve()));
}

/** Names are ours, trackers those of the order, and it is private whatever it says itself. */
function parsedOf(
  { info, sizes, size, pieceLength, pieces, infoBytes }: Metainfo,
  { infoHash, announce }: TorrentOrder,
): ParsedTorrent {
  let offset = 0;
  const files = sizes.map((length, index) => {
    const file = { path: `${index}`, name: `${index}`, length, offset };
    offset += length;
    return file;
  });
  return {
    ...{ infoHash, infoHashBuffer: new Uint8Array(sha1(infoBytes)), info, name: infoHash, private: true as const },
    ...{ announce: [...announce], urlList: [], files, length: size, pieceLength },
    lastPieceLength: size % pieceLength || pieceLength,
    pieces: pieceHashes(pieces),
  };
}

const stampsOf = ({ folder, files }: TorrentOrder): Promise<readonly FileStamp[]> =>
  Promise.all(
    files.map(async (path) => {
      const { size, mtimeMs } = await stat(join(folder, path));
      return { size, mtimeMs };
    }),
  );

async function standsAsStamped(order: TorrentOrder, stamps: readonly FileStamp[], sizes: readonly number[]): Promise<boolean> {
  const now = await stampsOf(order).catch(() => []);
  return (
    now.length === stamps.length &&
    now.every(
      ({ size, mtimeMs }, index) => size === sizes[index] && size === stamps[index]?.size && mtimeMs === stamps[index]?.mtimeMs,
    )
  );
}
