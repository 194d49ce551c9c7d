// A rate with a burst, and a queue that keeps to it.
import type { Clock } from '../clock.ts';

export type TokenBucket = {
  /** Takes one token if there is one. `nowMs` is monotonic. */
  tryTake(nowMs: number): boolean;
  /** Milliseconds until there will be one. */
  waitMs(): number;
};

/** @param perSecond long-term rate; a burst of twice that passes at once. */
export function createTokenBucket(perSecond: number): TokenBucket {
  const most = perSecond * 2;
  let tokens = most;
  let filledAt: number | undefined;
  return {
    tryTake(nowMs) {
      tokens = Math.min(most, tokens + ((nowMs - (filledAt ?? nowMs)) * perSecond) / 1_000);
      filledAt = nowMs;
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
    waitMs: () => Math.ceil((Math.max(0, 1 - tokens) * 1_000) / perSecond),
  };
}

/** Runs what it is given: at once within the rate, else later, in order. */
export type Pacer = (run: () => void) => void;

export function createPacer(perSecond: number, clock: Pick<Clock, 'monotonic'>): Pacer {
  const bucket = createTokenBucket(perSecond);
  const waiting: (() => void)[] = [];
  const drain = (): void => {
    while (waiting.length > 0 && bucket.tryTake(clock.monotonic())) waiting.shift()?.();
    if (waiting.length > 0) setTimeout(drain, Math.max(1, bucket.waitMs()));
  };
  return (run) => {
    if (waiting.length === 0 && bucket.tryTake(clock.monotonic())) return run();
    waiting.push(run);
    if (waiting.length === 1) setTimeout(drain, Math.max(1, bucket.waitMs()));
  };
}
