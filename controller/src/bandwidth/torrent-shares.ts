// Pure: the torrents' part of the uplink among the clients that share it.

export type TorrentShare = {
  readonly client: string;
  /** What the user had set for the speed mode that is active; Infinity where nothing. A share is never looser. */
  readonly ceilingBps: number;
  /** Fixed limit while someone watches, from the configuration; null shares the budget. */
  readonly fixedBps: number | null;
};

/** Below this a torrent client cannot keep its connections; also keeps every share above 0, which would be "no limit". */
const LEAST_BPS = 64_000;
/** What somebody typed in may be less, but never 0. */
const LEAST_FIXED_BPS = 1;

/** Equal parts of `totalBps`; what a client may not use by its own ceiling goes to the others. */
export function shareTorrents(totalBps: number, clients: readonly TorrentShare[]): ReadonlyMap<string, number> {
  const shares = new Map<string, number>();
  let left = totalBps;
  for (const { client, fixedBps, ceilingBps } of clients) {
    if (fixedBps === null) continue;
    const share = Math.max(LEAST_FIXED_BPS, Math.min(fixedBps, ceilingBps));
    shares.set(client, share);
    left = Math.max(0, left - share);
  }
  const open = clients.filter(({ fixedBps }) => fixedBps === null).sort((a, b) => a.ceilingBps - b.ceilingBps);
  for (const [i, { client, ceilingBps }] of open.entries()) {
    const share = Math.min(ceilingBps, Math.max(LEAST_BPS, left / (open.length - i)));
    shares.set(client, Math.floor(share));
    left -= share;
  }
  return shares;
}
