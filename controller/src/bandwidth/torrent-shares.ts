// Pure: the torrents' part of the line among the clients that share it, one direction at a time.
import { fillByWeight } from './fill-by-weight.ts';

export type TorrentShare = {
  readonly client: string;
  /** What the user had set for the speed mode that is active; Infinity where nothing. A share is never looser. */
  readonly ceilingBps: number;
  /** Fixed limit while someone watches, from the configuration; null shares the budget. */
  readonly fixedBps: number | null;
  readonly weight: number;
  /** It moves something. Who does not keeps a small net only, so that the others have the rest. */
  readonly busy: boolean;
};

/** Below this a torrent client cannot keep its connections; also keeps every share above 0, which would be "no limit". */
const LEAST_BPS = 64_000;
/** What somebody typed in may be less, but never 0. */
const LEAST_FIXED_BPS = 1;
/** Of the total, for a client at rest: enough to be seen wanting more. */
const NET_SHARE = 0.05;
const ALL_NETS_SHARE = 0.25;

/** What a client at rest may use, where so many rest. */
export const netBps = (totalBps: number, resting: number): number =>
  Math.max(LEAST_FIXED_BPS, Math.min(Math.max(LEAST_BPS, totalBps * NET_SHARE), (totalBps * ALL_NETS_SHARE) / resting));

/** Parts of `totalBps` by weight: busy clients first, beside a net for each that rests. Where all are alike, by weight alone. */
export function shareTorrents(totalBps: number, clients: readonly TorrentShare[]): ReadonlyMap<string, number> {
  const shares = new Map<string, number>();
  let left = totalBps;
  for (const { client, fixedBps, ceilingBps } of clients) {
    if (fixedBps === null) continue;
    const share = Math.max(LEAST_FIXED_BPS, Math.min(fixedBps, ceilingBps));
    shares.set(client, share);
    left = Math.max(0, left - share);
  }
  const open = clients.filter(({ fixedBps }) => fixedBps === null);
  const rest = open.some(({ busy }) => busy) ? open.filter(({ busy }) => !busy) : [];
  const nets = rest.map(({ ceilingBps }) => Math.min(ceilingBps, netBps(left, rest.length)));
  left -= sum(nets);
  const first = open.filter((one) => !rest.includes(one));
  const parts = fillByWeight(
    left,
    first.map(({ weight, ceilingBps }) => ({ weight, least: LEAST_BPS, most: ceilingBps })),
  );
  left -= sum(parts);
  // Busy clients that their users keep small leave something for those at rest.
  const more = fillByWeight(
    Math.max(0, left),
    rest.map(({ weight, ceilingBps }, i) => ({ weight, least: 0, most: ceilingBps - (nets[i] ?? 0) })),
  );
  for (const [i, { client }] of first.entries()) shares.set(client, whole(parts[i] ?? 0));
  for (const [i, { client }] of rest.entries()) shares.set(client, whole((nets[i] ?? 0) + (more[i] ?? 0)));
  return shares;
}

const sum = (rates: readonly number[]): number => rates.reduce((all, bps) => all + bps, 0);
const whole = (bps: number): number => Math.max(LEAST_FIXED_BPS, Math.floor(bps));
