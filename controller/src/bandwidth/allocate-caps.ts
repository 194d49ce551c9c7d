// Pure: an allocator's shares made fit: within each viewer's min and max, boosts first, whole steps, and what does not fit is told.
import type { Allocator, Claim } from './allocators/allocator.ts';
import { equal } from './allocators/equal.ts';

/** Jellyfin's field is int32; a little below it, in whole steps. */
export const MOST_CAP_BPS = 2_147_000_000;

export type Boosts = ReadonlyMap<string, { readonly bps: number | null }>;
export type Allocation = {
  /** Limit per stream by viewer; always above 0. */
  readonly caps: ReadonlyMap<string, number>;
  /** By how much the caps of all streams together exceed what is available: only where the minimums do not fit. */
  readonly overCommitmentBps: number;
};

export type AllocationInput = {
  readonly availableBps: number;
  readonly claims: readonly Claim[];
  readonly boosts: Boosts;
  readonly stepBps: number;
};

export function allocateCaps(allocator: Allocator, { availableBps, claims, boosts, stepBps }: AllocationInput): Allocation {
  // A boost goes beyond the viewer's own maximum: that is what it is for.
  const bounded = claims.map((claim) => {
    const boost = boosts.get(claim.viewer);
    return boost ? { ...claim, maxBps: Math.max(claim.minBps, boost.bps ?? MOST_CAP_BPS) } : claim;
  });
  const [raised, others] = [
    bounded.filter(({ viewer }) => boosts.has(viewer)),
    bounded.filter(({ viewer }) => !boosts.has(viewer)),
  ];
  const least = others.reduce((sum, { minBps }) => sum + minBps, 0);
  const first = fitShares(equal, availableBps - least, raised);
  const rest = fitShares(allocator, availableBps - taken(raised, first), others);
  const caps = new Map(
    bounded.map((claim) => {
      const cap = first.get(claim.viewer) ?? rest.get(claim.viewer) ?? claim.minBps;
      return [claim.viewer, wholeSteps(cap, claim, stepBps)];
    }),
  );
  return { caps, overCommitmentBps: Math.max(0, Math.round(taken(claims, caps) - availableBps)) };
}

/**
 * Whoever falls outside min and max is fixed there, and the rest is shared anew: so the sum fits wherever the minimums do.
 * Which side is fixed first is decided as in CSS flexbox (css-flexbox-1 §9.7): the one that outweighs the other.
 */
function fitShares(allocator: Allocator, availableBps: number, claims: readonly Claim[]): ReadonlyMap<string, number> {
  const fixed = new Map<string, number>();
  let open = claims;
  while (open.length > 0) {
    const shares = allocator(Math.max(0, availableBps - taken(claims, fixed)), open);
    const wished = open.map((claim) => ({ claim, share: finite(shares.get(claim.viewer)) }));
    const violation = wished.reduce((sum, { claim, share }) => sum + clampCap(share, claim) - share, 0);
    const outside = wished.filter(({ claim, share }) => (violation > 0 ? share < claim.minBps : share > claim.maxBps));
    const done = violation === 0 || outside.length === 0;
    for (const { claim, share } of done ? wished : outside) fixed.set(claim.viewer, clampCap(share, claim));
    open = done ? [] : open.filter(({ viewer }) => !fixed.has(viewer));
  }
  return fixed;
}

const finite = (bps: number | undefined): number => (bps !== undefined && Number.isFinite(bps) ? bps : 0);

/** Down to a whole step, but never below the minimum and never 0: 0 is "no limit" at every neighbour. */
export function wholeSteps(bps: number, limits: { readonly minBps: number; readonly maxBps: number }, stepBps: number): number {
  const stepped = Math.floor(clampCap(bps, limits) / stepBps) * stepBps;
  return Math.max(1, Math.round(Math.max(stepped, Math.min(limits.minBps, limits.maxBps))));
}

const clampCap = (bps: number, { minBps, maxBps }: { readonly minBps: number; readonly maxBps: number }): number =>
  Math.min(MOST_CAP_BPS, maxBps, Math.max(minBps, Number.isFinite(bps) ? bps : minBps));

const taken = (claims: readonly Claim[], caps: ReadonlyMap<string, number>): number =>
  claims.reduce((sum, { viewer }) => sum + (caps.get(viewer) ?? 0), 0);
