// Time as a dependency, so that tests own it.
import { setTimeout as wait } from 'node:timers/promises';

export type Clock = {
  /** UTC milliseconds; may jump when the machine's clock is set. For what is stored and shown. */
  now(): number;
  /** Milliseconds since some start; never jumps. For ages, holds and leases. */
  monotonic(): number;
  /** Resolves after `ms`; rejects with AbortError when the signal fires. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
};

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) => wait(ms, undefined, { signal }),
};
