// Pure: which WAN carries the home's traffic now. It follows a failover as soon as the router says so.
import type { WanLatest } from './wan-latest.ts';

/** A WAN that spoke this recently is alive. */
const FRESH_MS = 15_000;

/**
 * The router's own word first (up and primary); of several, or none, the one heard last.
 * A configured name (`router/wan` or `wan`) wins over all of that. Null where no router was ever heard.
 */
export function primaryWan(wans: readonly WanLatest[], now: number, wanted: string | null): WanLatest | null {
  const named = wans.filter(({ router, wan }) => wanted !== null && (wanted === wan || wanted === `${router}/${wan}`));
  const candidates = named.length > 0 ? named : wans.filter(({ link, throughput }) => link !== null || throughput !== null);
  return candidates.toSorted((a, b) => rank(b, now) - rank(a, now) || (b.heardAt ?? 0) - (a.heardAt ?? 0))[0] ?? null;
}

function rank({ link, heardAt }: WanLatest, now: number): number {
  const fresh = heardAt !== null && now - heardAt <= FRESH_MS ? 1 : 0;
  return (link?.up === true ? 4 : 0) + (link?.primary === true && link.up ? 2 : 0) + fresh;
}
