// What one viewer draws from the uplink at a moment (facts/jellyfin.md §12: bursts of 15 s ahead, a bitrate test before playing). Pure.

export type DrawnStream = {
  /** Null before the first PlaybackInfo and in direct play. */
  readonly negotiatedBps: number | null;
  readonly sourceBps: number;
  readonly paused: boolean;
  /** ms since the start, the last seek or the last switch. */
  readonly sinceJumpMs: number;
};

/** A player fills 15 s of buffer within its first 20 s. */
const burstMs = 20_000;
const burstFactor = 35 / 20;
/** Seen: 8.22 Mbit/s of film draw 9.0 on the wire. */
const containerFactor = 9.0 / 8.22;
/** 0.5 + 1 + 3 MB before each first playing, drawn in about a second. */
export const bitrateTest = { sizes: [500_000, 1_000_000, 3_000_000], bps: 36_000_000, ms: 1_000 } as const;

/** bit/s. Seen: 2.00 Mbit/s at a limit of 2, 0.38 at 0.3. */
export function drawnBps(stream: DrawnStream): number {
  if (stream.paused) return 0;
  const overshoot = stream.negotiatedBps !== null && stream.negotiatedBps < 640_000 ? 80_000 : 0;
  const steady = stream.negotiatedBps === null ? stream.sourceBps * containerFactor : stream.negotiatedBps + overshoot;
  return Math.round(stream.sinceJumpMs < burstMs ? steady * burstFactor : steady);
}
