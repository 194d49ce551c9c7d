// Two readings of one device's counters to bit/s. Pure. A wrong number is worse than none: what cannot be trusted gives no rate.
import { BITS_PER_BYTE } from '@headgate/protocol';

export type LineSample = {
  readonly device: string;
  readonly ifindex: number | null;
  /** The router's uptime; falls at a reboot. */
  readonly uptimeS: number;
  /** Seconds of the clock that timed the reading. */
  readonly clockS: number;
  readonly txBytes: number;
  readonly rxBytes: number;
};

/** Up leaves the home (tx), down enters it (rx). */
export type LineRate = { readonly upBps: number; readonly downBps: number; readonly intervalS: number };

/** `rebooted`: uptime fell. `recreated`: another interface index (PPPoE). `reset`: a counter fell or wrapped. `too_close`, `too_far`: no fair interval. */
export type NoRate = 'rebooted' | 'recreated' | 'reset' | 'too_close' | 'too_far';

/** The router's uptime has two decimals: below this an interval is mostly rounding. */
const LEAST_S = 0.2;
/** Over a longer gap the mean says nothing about now. */
const MOST_S = 30;
/** No home line is faster; a counter that was set anew can look so. */
const MOST_BPS = 400_000_000_000;

/** The rate between two readings, or why there is none. */
export function lineRate(before: LineSample, after: LineSample): LineRate | NoRate {
  if (after.uptimeS < before.uptimeS) return 'rebooted';
  if (after.device !== before.device) return 'recreated';
  if (before.ifindex !== null && after.ifindex !== null && before.ifindex !== after.ifindex) return 'recreated';
  const intervalS = after.clockS - before.clockS;
  if (intervalS < LEAST_S) return 'too_close';
  if (intervalS > MOST_S) return 'too_far';
  const upBps = bpsOf(after.txBytes - before.txBytes, intervalS);
  const downBps = bpsOf(after.rxBytes - before.rxBytes, intervalS);
  if (upBps === undefined || downBps === undefined) return 'reset';
  return { upBps, downBps, intervalS: Math.round(intervalS * 1000) / 1000 };
}

/** Undefined for counters that fell (restart, 32-bit wrap of an old kernel) or leapt. */
function bpsOf(bytes: number, intervalS: number): number | undefined {
  const rate = Math.round((bytes * BITS_PER_BYTE) / intervalS);
  return Number.isFinite(rate) && rate >= 0 && rate <= MOST_BPS ? rate : undefined;
}
