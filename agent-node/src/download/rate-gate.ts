// One limit for all that comes in: who wants to read asks first.
import type { Clock } from '@headgate/agent-router/agent-ground';

export type RateGate = {
  /** No limit holds now: nobody need ask. */
  readonly isOpen: () => boolean;
  /** Bit/s; null: no limit; 0: nothing comes through. */
  readonly limit: (bps: number | null) => void;
  /** Resolves when so many bytes may be taken. */
  readonly take: (bytes: number, signal: AbortSignal) => Promise<void>;
  /** Nothing comes through whatever the limit. */
  readonly pause: (isPaused: boolean) => void;
};

/** A new limit is noticed at the latest after so long. */
const LOOK_MS = 250;

export function createRateGate(clock: Clock): RateGate {
  let bps: number | null = null;
  let isPaused = false;
  let freeAtMs = Number.NEGATIVE_INFINITY;
  return {
    isOpen: () => !isPaused && bps === null,
    limit(next) {
      if (next === bps) return;
      bps = next;
      freeAtMs = Number.NEGATIVE_INFINITY;
    },
    pause: (on) => {
      isPaused = on;
    },
    async take(bytes, signal) {
      for (;;) {
        const nowMs = clock.monotonic();
        if (!isPaused && bps === null) return;
        if (!isPaused && bps !== null && bps > 0 && freeAtMs <= nowMs) {
          freeAtMs = Math.max(freeAtMs, nowMs - LOOK_MS) + (bytes * 8_000) / bps;
          return;
        }
        await clock.sleep(isPaused || bps === 0 ? LOOK_MS : Math.min(LOOK_MS, Math.max(1, freeAtMs - nowMs)), signal);
      }
    },
  };
}
