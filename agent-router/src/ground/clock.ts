// Time and chance as dependencies, so that tests own them.
import { setTimeout as wait } from 'node:timers/promises';

export type Clock = {
  /** UTC milliseconds; jumps when the machine's clock is set. Only for the `at` of a message. */
  now(): number;
  /** Milliseconds since some start; never jumps. For grids, leases and back-off. */
  monotonic(): number;
  /** Resolves after `ms`; rejects with AbortError when the signal fires. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
};

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) => wait(ms, undefined, { signal }),
};
