// What webtorrent lacks: it reads and queues the answer to every request at once, however slowly the peer takes them. Here requests wait instead: for room
// towards their peer and, but in free networks, for the upload limit. Facts: 1,139 MB resident without, after 1 GiB to a Transmission.
import type { ThrottleGroup, Torrent, Wire } from 'webtorrent';
import { freeDownloads } from './free-downloads.ts';
import { isIn, type Networks, networksOf } from './networks.ts';
import { openSentRate } from './sent-rate.ts';
import type { TorrentRates } from './torrent-engine.ts';
import { openUploadBudget, type UploadBudget } from './upload-budget.ts';

/**
 * Requests that a peer is asked to have open at most (BEP 10). They wait here as a few words each. Transmission 3.00 sends new ones once a second, and with
 * 250 open took 275 s for a GiB.
 */
const ASKED_OPEN = 5_000;
/** Who has more open than this ignores what was asked, and wastes our memory. */
const MOST_OPEN = 10_000;
/** What we have open at a peer: 4 MiB of blocks, enough for 300 Mbit/s at 100 ms. webtorrent's measure, a second at full speed, is 200 MB in a LAN. */
const OWN_OPEN = 250;
/** Bytes queued towards one peer. */
const ROOM_BYTES = 512 * 1024;
const TICK_MS = 50;

type Answer = (error: Error | null, bytes?: Uint8Array) => void;
type Request = { readonly index: number; readonly offset: number; readonly length: number; readonly answer: Answer };
/** `pass` hands a request on to webtorrent. `reading`: bytes that are on their way from the disk. */
type Peer = {
  readonly wire: Wire;
  readonly pass: (request: Request) => void;
  readonly has: (piece: number) => boolean;
  readonly free: boolean;
  readonly waiting: Request[];
  reading: number;
};
type Ground = {
  readonly peers: Set<Peer>;
  readonly free: Networks;
  readonly budget: UploadBudget;
  isPaused: boolean;
  /** Bytes that went to peers that are not in a free network. */
  sentAway: number;
};

export type Replies = {
  /** To be called once for each torrent, before it has peers. */
  watch(torrent: Torrent): void;
  /** bit/s, over all peers that are not in a free network; null: no limit, 0: nothing. `isPaused`: nothing to anybody. */
  limit(upBps: number | null, isPaused: boolean): void;
  /** No download limit holds for those networks, but while `isPaused`. To be called before there are connections. */
  freeDownloads(group: ThrottleGroup): void;
  /** Of those peers. */
  rates(): TorrentRates;
  [Symbol.dispose](): void;
};

/** @param freeNetworks as `networksOf` takes them. @throws EngineError where one is none. */
export function boundReplies(freeNetworks: readonly string[]): Replies {
  const ground: Ground = {
    peers: new Set(),
    free: networksOf(freeNetworks),
    budget: openUploadBudget(),
    isPaused: false,
    sentAway: 0,
  };
  const rateOf = openSentRate();
  const drainAll = (): void => {
    for (const peer of [...ground.peers]) {
      if (!drain(peer, ground)) continue;
      // Who was served goes last the next time: a small budget is everybody's.
      ground.peers.delete(peer);
      ground.peers.add(peer);
    }
  };
  const timer = setInterval(drainAll, TICK_MS);
  return {
    watch(torrent) {
      torrent.on('wire', (wire: Wire) => bound(wire, torrent, ground));
      // Bytes have left: perhaps there is room again.
      torrent.on('upload', drainAll);
    },
    limit(upBps, isPaused) {
      ground.budget.set(upBps);
      ground.isPaused = isPaused;
    },
    freeDownloads: (group) => freeDownloads(group, ground.free, () => ground.isPaused),
    rates() {
      const away = [...ground.peers].filter((peer) => !peer.free);
      const bytesPerS = away.reduce((sum, { wire }) => sum + wire.downloadSpeed(), 0);
      return { upBps: rateOf(ground.sentAway), downBps: Math.round(bytesPerS * 8) };
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

function bound(wire: Wire, torrent: Torrent, ground: Ground): void {
  const { peers, free } = ground;
  const emit = wire.emit.bind(wire);
  const peer: Peer = {
    wire,
    pass: ({ index, offset, length, answer }) => void emit('request', index, offset, length, answer),
    has: (piece) => torrent.bitfield?.get(piece) === true,
    free: isIn(free, wire.remoteAddress ?? ''),
    waiting: [],
    reading: 0,
  };
  peers.add(peer);
  wire.once('close', () => peers.delete(peer));
  wire.extendedHandshake.reqq = ASKED_OPEN;
  wire.on('extended', (name: unknown) => {
    if (name !== 'handshake') return;
    const { reqq } = wire.peerExtendedHandshake;
    wire.peerExtendedHandshake.reqq = Math.min(OWN_OPEN, typeof reqq === 'number' && reqq > 0 ? reqq : OWN_OPEN);
  });
  wire.emit = (name: string | symbol, ...words: unknown[]): boolean => {
    if (name !== 'request') return emit(name, ...words);
    if (wire.peerRequests.length > MOST_OPEN) wire.destroy();
    else {
      const [index, offset, length, answer] = words as [number, number, number, Answer];
      peer.waiting.push({ index, offset, length, answer });
      drain(peer, ground);
    }
    return true;
  };
}

/** Answers whether anything went. */
function drain(peer: Peer, ground: Ground): boolean {
  if (ground.isPaused) return false;
  let count = 0;
  for (const request of peer.waiting) {
    if (peer.wire._readableState.buffered + peer.reading >= ROOM_BYTES) break;
    if (!peer.free && !ground.budget.take(request.length)) break;
    if (!peer.free) ground.sentAway += request.length;
    count += 1;
    pass(peer, request);
  }
  if (count > 0) peer.waiting.splice(0, count);
  return count > 0;
}

function pass(peer: Peer, request: Request): void {
  // webtorrent would never answer this one.
  if (!peer.has(request.index)) return;
  peer.reading += request.length;
  const answer: Answer = (error, bytes) => {
    peer.reading -= request.length;
    // A request that its peer has taken back meanwhile is dropped in there.
    request.answer(error, bytes);
  };
  peer.pass({ ...request, answer });
}
