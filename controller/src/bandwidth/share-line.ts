// Pure: caps shared by what they draw of the line, where players are known to draw more than a cap says.
import { type Allocation, type AllocationInput, allocateCaps, wholeSteps } from './allocate-caps.ts';
import type { Allocator } from './allocators/allocator.ts';
import type { WatchedStream } from './watched-streams.ts';

/** As `allocateCaps`. @param overheads what each viewer's streams draw, by what a cap would say; 1 where nothing was learned */
export function shareLine(allocator: Allocator, input: AllocationInput, overheads: ReadonlyMap<string, number>): Allocation {
  if (overheads.size === 0) return allocateCaps(allocator, input);
  const { claims, boosts, stepBps } = input;
  const of = (viewer: string): number => overheads.get(viewer) ?? 1;
  const shared = allocateCaps(allocator, {
    ...input,
    claims: claims.map((claim) => ({
      ...claim,
      demandBps: claim.demandBps * of(claim.viewer),
      minBps: claim.minBps * of(claim.viewer),
      maxBps: claim.maxBps * of(claim.viewer),
    })),
    boosts: new Map([...boosts].map(([viewer, { bps }]) => [viewer, { bps: bps === null ? null : bps * of(viewer) }])),
  });
  const caps = claims.flatMap(({ viewer, minBps, maxBps }) => {
    const bps = shared.caps.get(viewer);
    const most = boosts.has(viewer) ? Number.POSITIVE_INFINITY : maxBps;
    return bps === undefined ? [] : [[viewer, wholeSteps(bps / of(viewer), { minBps, maxBps: most }, stepBps)] as const];
  });
  return { ...shared, caps: new Map(caps) };
}

/** The most of each viewer's streams, where that is more than they say. */
export function overheadsOf(streams: readonly WatchedStream[]): ReadonlyMap<string, number> {
  const most = new Map<string, number>();
  for (const { viewer, wireBps, demand } of streams)
    if (wireBps > demand.bps && demand.bps > 0) most.set(viewer, Math.max(most.get(viewer) ?? 1, wireBps / demand.bps));
  return most;
}
