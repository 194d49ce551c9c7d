// Pure: each stream what it asks for; what is left is shared so that the next film need not be transcoded; scaled alike where it does not fit.
import type { Allocator } from './allocator.ts';

export const demand: Allocator = (availableBps, claims) => {
  // A user's limit binds each of the user's streams and has to let the largest through, so each of them is counted as that one.
  const largest = new Map<string, number>();
  for (const { viewer, demandBps } of claims) largest.set(viewer, Math.max(largest.get(viewer) ?? 0, demandBps));
  const wanted = claims.reduce((sum, { viewer }) => sum + (largest.get(viewer) ?? 0), 0);
  const scale = wanted > availableBps ? availableBps / wanted : 1;
  const spare = Math.max(0, availableBps - wanted) / claims.length;
  return new Map([...largest].map(([viewer, bps]) => [viewer, bps * scale + spare]));
};
