// Pure: an allocator's shares made fit: within each viewer's min and max, boosts first, whole steps, and what does not fit is told.
import type { Allocator, Claim } from './allocators/allocator.ts';

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
  const fixed = new Map<string, number>();
  for (const claim of claims) {
    const boost = boosts.get(claim.viewer);
    if (boost) fixed.set(claim.viewer, boostedCap(claim, boost.bps, { availableBps, claims }));
  }
  let open = claims.filter(({ viewer }) => !fixed.has(viewer));
  // Whoever falls outside min and max is fixed there, and the rest is shared anew: so the sum fits wherever the minimums do.
  while (open.length > 0) {
    const shares = allocator(Math.max(0, availableBps - taken(claims, fixed)), open);
    const below = open.filter((claim) => (shares.get(claim.viewer) ?? 0) < claim.minBps);
    const above = open.filter((claim) => (shares.get(claim.viewer) ?? 0) > claim.maxBps);
    const outside = below.length > 0 ? below : above;
    for (const claim of outside.length > 0 ? outside : open)
      fixed.set(claim.viewer, clampCap(shares.get(claim.viewer) ?? 0, claim));
    open = outside.length > 0 ? open.filter(({ viewer }) => !fixed.has(viewer)) : [];
  }
  // A boost goes beyond the viewer's own maximum: that is what it is for.
  const caps = new Map(
    claims.map((claim) => {
      const cap = fixed.get(claim.viewer) ?? claim.minBps;
      return [claim.viewer, wholeSteps(cap, { minBps: claim.minBps, maxBps: Math.max(cap, claim.maxBps) }, stepBps)];
    }),
  );
  return { caps, overCommitmentBps: Math.max(0, Math.round(taken(claims, caps) - availableBps)) };
}

/** Down to a whole step, but never below the minimum and never 0: 0 is "no limit" at every neighbour. */
export function wholeSteps(bps: number, limits: { readonly minBps: number; readonly maxBps: number }, stepBps: number): number {
  const stepped = Math.floor(clampCap(bps, limits) / stepBps) * stepBps;
  return Math.max(1, Math.round(Math.max(stepped, Math.min(limits.minBps, limits.maxBps))));
}

const clampCap = (bps: number, { minBps, maxBps }: { readonly minBps: number; readonly maxBps: number }): number =>
  Math.min(MOST_CAP_BPS, maxBps, Math.max(minBps, Number.isFinite(bps) ? bps : minBps));

const taken = (claims: readonly Claim[], caps: ReadonlyMap<string, number>): number =>
  claims.reduce((sum, { viewer }) => sum + (caps.get(viewer) ?? 0), 0);

function boostedCap(
  claim: Claim,
  bps: number | null,
  all: { readonly availableBps: number; readonly claims: readonly Claim[] },
): number {
  const others = all.claims.filter(({ viewer }) => viewer !== claim.viewer).reduce((sum, { minBps }) => sum + minBps, 0);
  const own = all.claims.filter(({ viewer }) => viewer === claim.viewer).length;
  const fits = Math.max(claim.minBps, (all.availableBps - others) / own);
  return Math.min(bps ?? MOST_CAP_BPS, fits, MOST_CAP_BPS);
}
