// How long to wait before the next try at a dead peer. Pure but for the given chance: with jitter, so that a home's agents do not come back in step.

export type BackOff = {
  /** Milliseconds to wait now; longer each time. */
  readonly next: () => number;
  /** The peer answered. */
  readonly reset: () => void;
};

/** First wait within `firstMs`, then twice as much each time up to `mostMs`; each wait is 50 to 100 % of that. */
export function createBackOff({
  firstMs,
  mostMs,
  random,
}: {
  readonly firstMs: number;
  readonly mostMs: number;
  readonly random: () => number;
}): BackOff {
  let tries = 0;
  return {
    next() {
      const most = Math.min(mostMs, firstMs * 2 ** Math.min(tries, 20));
      tries += 1;
      return Math.round(most * (0.5 + random() / 2));
    },
    reset: () => {
      tries = 0;
    },
  };
}
