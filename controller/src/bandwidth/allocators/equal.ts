// Pure: every stream the same.
import type { Allocator } from './allocator.ts';

export const equal: Allocator = (availableBps, claims) =>
  new Map(claims.map(({ viewer }) => [viewer, availableBps / claims.length]));
