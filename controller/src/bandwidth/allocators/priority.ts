// Pure: shares in the ratio of the classes that the operator set.
import type { Allocator } from './allocator.ts';

export const priority: Allocator = (availableBps, claims) => {
  const weights = claims.reduce((sum, { weight }) => sum + weight, 0);
  return new Map(claims.map(({ viewer, weight }) => [viewer, (availableBps * weight) / weights]));
};
