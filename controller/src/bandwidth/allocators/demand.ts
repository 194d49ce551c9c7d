// Pure: each stream what it asks for; what is left is shared so that the next film need not be transcoded; scaled alike where it does not fit.
import type { Allocator } from './allocator.ts';

export const demand: Allocator = (availableBps, claims) => {
  const wanted = claims.reduce((sum, { demandBps }) => sum + demandBps, 0);
  const scale = wanted > availableBps ? availableBps / wanted : 1;
  const spare = Math.max(0, availableBps - wanted) / claims.length;
  const shares = new Map<string, number>();
  // A user's limit binds each of the user's streams, so it has to let the largest of them through.
  for (const { viewer, demandBps } of claims) shares.set(viewer, Math.max(shares.get(viewer) ?? 0, demandBps * scale + spare));
  return shares;
};
