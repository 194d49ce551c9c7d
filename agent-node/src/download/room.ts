// Pure: whether an item may begin, by what is free and what this node may use.
const GIGA = 1_000_000_000;

export type Room = {
  readonly freeBytes: number;
  /** Of downloads under way, what is still to come. */
  readonly comingBytes: number;
  readonly placedBytes: number;
  readonly minFreeBytes: number;
  readonly quotaBytes: number | null;
};

/** A sentence why there is no room for so many bytes more; null where there is. */
export function roomProblem(
  bytes: number,
  { freeBytes, comingBytes, placedBytes, minFreeBytes, quotaBytes }: Room,
): string | null {
  const left = freeBytes - comingBytes - bytes;
  if (left < minFreeBytes)
    return `it needs ${giga(bytes)}, and of ${giga(Math.max(0, freeBytes - comingBytes))} that are free ${giga(minFreeBytes)} must stay`;
  if (quotaBytes !== null && placedBytes + comingBytes + bytes > quotaBytes)
    return `it needs ${giga(bytes)}, and of the quota of ${giga(quotaBytes)} ${giga(placedBytes + comingBytes)} are taken`;
  return null;
}

const giga = (bytes: number): string => `${(bytes / GIGA).toFixed(2)} GB`;
