// Pure: when a value was set, so that any two settings of one value have an order that is the same everywhere.

/** `ms`: UTC by our clock, the setting server's error taken off. `count` orders what follows from one another within one ms. `origin`: the server's name, or what a person did here. */
export type HybridTime = { readonly ms: number; readonly count: number; readonly origin: string };

/** Below 0 where `a` is older. */
export const compareTimes = (a: HybridTime, b: HybridTime): number =>
  a.ms - b.ms || a.count - b.count || (a.origin < b.origin ? -1 : a.origin > b.origin ? 1 : 0);

/** For a setting by somebody who saw what was set at `seen`: later than it, whatever the clocks say. */
export const timeAfter = (seen: HybridTime, ms: number, origin: string): HybridTime =>
  ms > seen.ms ? { ms, count: 0, origin } : { ms: seen.ms, count: seen.count + 1, origin };
