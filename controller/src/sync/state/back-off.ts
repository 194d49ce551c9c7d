// Pure: when what failed is tried again, as jellyfin-db-sync counts it: 10 s, doubled each time, 300 s at most.

const FIRST_MS = 10_000;
const LONGEST_MS = 300_000;

/** @param failures so far, 1 or more */
export const backOffMs = (failures: number, firstMs = FIRST_MS): number =>
  Math.min(Math.max(LONGEST_MS, firstMs), firstMs * 2 ** (failures - 1));
