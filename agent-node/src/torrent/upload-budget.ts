// How many bytes may go now: a token bucket by a clock that never jumps.

/** What may go at once after a silence, of a second's worth. */
const BURST_S = 0.25;
/** A block of the protocol: less than this cannot go. */
const BLOCK_BYTES = 16 * 1024;

export type UploadBudget = {
  /** bit/s; null: no limit, 0: nothing. */
  set(bps: number | null): void;
  /** Answers whether so many bytes may go, and counts them. */
  take(bytes: number): boolean;
};

/** Without a limit at first. */
export function openUploadBudget(monotonicMs: () => number = () => performance.now()): UploadBudget {
  let bytesPerMs: number | null = null;
  let [left, at] = [0, monotonicMs()];
  return {
    set(bps) {
      bytesPerMs = bps === null ? null : bps / 8_000;
    },
    take(bytes) {
      const now = monotonicMs();
      if (bytesPerMs === null) return true;
      left = Math.min(left + (now - at) * bytesPerMs, Math.max(bytesPerMs * BURST_S * 1_000, BLOCK_BYTES));
      at = now;
      if (bytesPerMs === 0 || left <= 0) return false;
      // It may go below nothing by one block, and then waits until that is paid.
      left -= bytes;
      return true;
    },
  };
}
