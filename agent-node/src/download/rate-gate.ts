// One limit for all that comes in from other sites: who wants to read asks first.
import type { Clock } from '@headgate/agent-router/agent-ground';

export type RateGate = {
  /** No limit holds now for what comes from this address: nobody need ask. */
  readonly isOpen: (from: string) => boolean;
  /** Bit/s; null: no limit; 0: nothing comes through. It holds for other sites. */
  readonly limit: (bps: number | null) => void;
  /** Resolves when so many bytes may be taken. */
  readonly take: (bytes: number, from: string, signal: AbortSignal) => Promise<void>;
  /** So many have come. */
  readonly came: (bytes: number, from: string) => void;
  /** Bit/s from other sites since it was last asked. */
  readonly awayBps: () => number;
  /** Nothing comes through whatever the limit, and from wherever. */
  readonly pause: (isPaused: boolean) => void;
};

/** A new limit is noticed at the latest after so long. */
const LOOK_MS = 250;

/** @param isFree whether an address is of this site */
export function createRateGate(clock: Clock, isFree: (address: string) => boolean = () => false): RateGate {
  let bps: number | null = null;
  let isPaused = false;
  let freeAtMs = Number.NEGATIVE_INFINITY;
  let away = { bytes: 0, sinceMs: clock.monotonic() };
  return {
    isOpen: (from) => !isPaused && (bps === null || isFree(from)),
    limit(next) {
      if (next === bps) return;
      bps = next;
      freeAtMs = Number.NEGATIVE_INFINITY;
    },
    pause: (on) => {
      isPaused = on;
    },
    came(bytes, from) {
      if (!isFree(from)) away.bytes += bytes;
    },
    awayBps() {
      const { bytes, sinceMs } = away;
      away = { bytes: 0, sinceMs: clock.monotonic() };
      return Math.round((bytes * 8_000) / Math.max(1, away.sinceMs - sinceMs));
    },
    async take(bytes, from, signal) {
      for (;;) {
        const nowMs = clock.monotonic();
        if (!isPaused && (bps === null || isFree(from))) return;
        if (!isPaused && bps !== null && bps > 0 && freeAtMs <= nowMs) {
          freeAtMs = Math.max(freeAtMs, nowMs - LOOK_MS) + (bytes * 8_000) / bps;
          return;
        }
        await clock.sleep(isPaused || bps === 0 ? LOOK_MS : Math.min(LOOK_MS, Math.max(1, freeAtMs - nowMs)), signal);
      }
    },
  };
}
