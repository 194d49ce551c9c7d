// Pure: which WAN carries the home's traffic now. It follows a failover as soon as the router says so.
import type { WanLatest } from './wan-latest.ts';

/** What the configuration names; null leaves it to the routers. */
export type WantedWan = { readonly router: string | null; readonly wan: string | null };

/** A WAN that spoke this recently is alive. */
const FRESH_MS = 15_000;

/**
 * The router's own word first (up and primary); of several, or none, the one heard last.
 * What the configuration names wins over all of that, as long as it was ever heard of. Null where no router was ever heard.
 */
export function primaryWan(wans: readonly WanLatest[], now: number, wanted: WantedWan): WanLatest | null {
  const heard = wans.filter(({ link, throughput }) => link !== null || throughput !== null);
  const named = heard.filter(({ router, wan }) => (wanted.router ?? router) === router && (wanted.wan ?? wan) === wan);
  const candidates = named.length > 0 ? named : heard;
  return candidates.toSorted((a, b) => rank(b, now) - rank(a, now) || (b.heardAt ?? 0) - (a.heardAt ?? 0))[0] ?? null;
}

function rank({ link, heardAt }: WanLatest, now: number): number {
  const fresh = heardAt !== null && now - heardAt <= FRESH_MS ? 1 : 0;
  return (link?.up === true ? 4 : 0) + (link?.primary === true && link.up ? 2 : 0) + fresh;
}
