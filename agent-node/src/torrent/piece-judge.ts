// Who sends bytes that are not the torrent's is heard no more. webtorrent itself throws such a piece away and asks the same peer again, for ever.
import type { Torrent, Wire } from 'webtorrent';

/** A piece of one peer alone that is wrong takes two, one that is right gives one; who is so low is banned. A line can drop a byte, a liar never ends. */
const WRONG = -2;
const RIGHT = 1;
const BEST = 4;
const BANNED = -6;
const MOST_KNOWN = 2_000;

export type PieceJudge = {
  /** To be called once for each torrent, before it has peers. */
  watch(torrent: Torrent): void;
};

/** @property suspects of one piece: who was asked for some of it. @property owners of those that were wrong by several: the next time one peer gives all of it. */
type Piece = { readonly suspects: Set<Wire>; owner: Wire | null; isOwned: boolean; before: readonly string[] };

/** Over all torrents of the process, for as long as it lives. */
export function judgePieces(): PieceJudge {
  const standing = new Map<string, number>();
  const isBanned = (peer: string): boolean => (standing.get(peer) ?? 0) <= BANNED;
  const mark = (peer: string, change: number): void => {
    const next = Math.min(BEST, (standing.get(peer) ?? 0) + change);
    standing.delete(peer);
    standing.set(peer, next);
    const [oldest] = standing.keys();
    if (standing.size > MOST_KNOWN && oldest !== undefined) standing.delete(oldest);
  };
  return {
    watch(torrent) {
      const wires = new Set<Wire>();
      const judge = (peer: string, change: number): void => {
        if (isBanned(peer)) return;
        mark(peer, change);
        if (!isBanned(peer)) return;
        for (const wire of [...wires]) if (peerOf(wire) === peer) wire.destroy();
      };
      torrent.on('wire', (wire: Wire) => {
        if (isBanned(peerOf(wire))) return wire.destroy();
        wires.add(wire);
        wire.once('close', () => wires.delete(wire));
      });
      const add = torrent.addPeer.bind(torrent);
      torrent.addPeer = (address, source) => !isBanned(address) && add(address, source);
      followPieces(torrent, judge);
    },
  };
}

function followPieces(torrent: Torrent, judge: (peer: string, change: number) => void): void {
  const pieces = new Map<number, Piece>();
  const request = torrent._request.bind(torrent);
  torrent._request = (wire, index, hotswap) => {
    const piece = pieces.get(index) ?? { suspects: new Set(), owner: null, isOwned: false, before: [] };
    if (piece.owner?.destroyed === true) piece.owner = null;
    if (piece.owner !== null && piece.owner !== wire) return false;
    if (!request(wire, index, hotswap)) return false;
    // What the one before gave of it, if it has gone, is in there still: then again nobody is judged.
    if (piece.isOwned) piece.owner = wire;
    piece.suspects.add(wire);
    pieces.set(index, piece);
    return true;
  };
  torrent.on('verified', (index: number) => {
    const piece = pieces.get(index);
    pieces.delete(index);
    const [only, ...others] = piece?.suspects ?? [];
    if (piece === undefined || only === undefined || others.length > 0) return;
    judge(peerOf(only), RIGHT);
    // Two gave it together and it was wrong; one alone, and it is right.
    const [other, ...more] = piece.before.filter((peer) => peer !== peerOf(only));
    if (other !== undefined && more.length === 0) judge(other, WRONG);
  });
  torrent.on('warning', (error: Error) => {
    const index = Number(/^Piece (\d+) failed verification$/.exec(error.message)?.[1]);
    const piece = pieces.get(index);
    if (piece === undefined) return;
    const suspects = [...new Set([...piece.suspects].map(peerOf))];
    pieces.set(index, { suspects: new Set(), owner: null, isOwned: true, before: suspects });
    if (suspects.length === 1) judge(suspects[0] ?? '', WRONG);
  });
}

/** Who comes in has another port each time. */
const peerOf = (wire: Wire): string =>
  wire.type === 'tcpIncoming' ? `from ${wire.remoteAddress}` : `${wire.remoteAddress}:${wire.remotePort}`;
