// Pure: which download clients move something, with a memory, so that their shares do not flap.
import { netBps } from './torrent-shares.ts';

export type ClientUse = {
  readonly client: string;
  readonly usedBps: number;
  readonly ceilingBps: number;
};

/** By client: since when it has been quiet, in steady ms; null while it is not. Who is not in it has been at rest all along. */
export type Activity = ReadonlyMap<string, number | null>;

/** Where even the net is large. */
const BUSY_BPS = 128_000;
/**
 * Torrents come and go in bursts; who was busy stays so for this long. With 60 s, four clients that send each minute and a bit
 * had limits written 200 times an hour; so it is less than once in a write interval.
 */
const REST_AFTER_MS = 180_000;

/** `totalBps` is for all of them together, Infinity where nothing limits them. A client that wants more than its net uses most of it, and is busy. */
export function nextActivity(before: Activity, totalBps: number, uses: readonly ClientUse[], now: number): Activity {
  const net = netBps(totalBps, uses.length);
  const known = uses.map(({ client, usedBps, ceilingBps }): readonly [string, number | null] | null => {
    if (usedBps > Math.min(BUSY_BPS, Math.min(net, ceilingBps) / 2)) return [client, null];
    const since = before.get(client);
    return since === undefined || (since !== null && now - since >= REST_AFTER_MS) ? null : [client, since ?? now];
  });
  return new Map(known.filter((entry) => entry !== null));
}
