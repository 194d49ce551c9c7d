// One torrent of the torrent process, with what is known of it beside what webtorrent knows: its problems, and when it asks again.
import type { Torrent } from 'webtorrent';
import type { TorrentOrder, TorrentState } from './torrent-engine.ts';

const LOOKS_FOR_PEERS_MS = 15_000;
/** A tracker that was not there is asked again so soon, then after twice as long each time. webtorrent would wait for a quarter of an hour. */
const ASKS_AGAIN_MS = 5_000;
const MOST_DOUBLINGS = 7;
/** Fewer are told by nobody: a line can drop a byte. */
const MANY_WRONG = 3;

/** `wrong`: pieces whose bytes were not the torrent's. */
export type Held = {
  readonly torrent: Torrent;
  readonly order: TorrentOrder;
  problem: string | null;
  trackerProblem: string | null;
  wrong: number;
  /** How often its tracker was not there, and when it and the peers are asked again. */
  refusals: number;
  trackerAtMs: number;
  peersAtMs: number;
  inOrder: number;
};

export const heldTorrent = (torrent: Torrent, order: TorrentOrder): Held => ({
  ...{ torrent, order, problem: null, trackerProblem: null, wrong: 0, refusals: 0, trackerAtMs: 0, peersAtMs: 0, inOrder: 0 },
});

/** webtorrent gives a peer up after four tries in half a minute. */
export function lookForPeers(held: Iterable<Held>): void {
  const now = performance.now();
  for (const one of held) {
    const { torrent, order } = one;
    if (torrent.destroyed || !torrent.ready) continue;
    if (one.trackerProblem !== null && now >= one.trackerAtMs) torrent.discovery?.tracker?.update();
    if (torrent.done || torrent.numPeers > 0 || now < one.peersAtMs) continue;
    one.peersAtMs = now + LOOKS_FOR_PEERS_MS;
    for (const peer of order.peers) torrent.addPeer(peer);
  }
}

/** By its tracker, or on the way there. */
export function refused(held: Held, message: string): void {
  held.trackerProblem = withoutSecrets(message);
  held.trackerAtMs = performance.now() + ASKS_AGAIN_MS * 2 ** Math.min(held.refusals, MOST_DOUBLINGS);
  held.refusals += 1;
}

export function stateOf(held: Held): TorrentState {
  const { torrent, order, problem, trackerProblem, wrong } = held;
  const ended = torrent.destroyed || torrent.bitfield === undefined;
  while (!ended && held.inOrder < torrent.pieces.length && torrent.bitfield?.get(held.inOrder) === true) held.inOrder += 1;
  return {
    infoHash: order.infoHash,
    bytesDone: ended ? 0 : torrent.downloaded,
    bytesInOrder: ended ? 0 : Math.min(held.inOrder * torrent.pieceLength, torrent.length),
    bytesTotal: ended ? null : torrent.length,
    upBps: ended ? 0 : Math.round(torrent.uploadSpeed * 8),
    downBps: ended ? 0 : Math.round(torrent.downloadSpeed * 8),
    peers: torrent.destroyed ? 0 : torrent.numPeers,
    isDone: !ended && torrent.done,
    isFinal: problem !== null,
    problem:
      problem ??
      (wrong >= MANY_WRONG && !torrent.done ? `Peers sent ${wrong} pieces that are not the torrent's` : trackerProblem),
  };
}

/** A tracker's URL has a passkey. */
export const withoutSecrets = (message: string): string =>
  message.replace(/\b(https?|udp):\/\/[^\s"')]+/g, originOf).slice(0, 1_000);

const originOf = (url: string): string => (URL.canParse(url) ? `${new URL(url).protocol}//${new URL(url).host}` : 'its tracker');
