// A rate with a burst: how long the next one has to wait.

export type TokenBucket = {
  /** Takes one token; answers the milliseconds to wait for it, 0 within the rate. `nowMs` is monotonic. */
  take(nowMs: number): number;
  /** Takes one token if there is one. */
  tryTake(nowMs: number): boolean;
};

/** @param perSecond long-term rate; a burst of twice that passes at once. */
export function createTokenBucket(perSecond: number): TokenBucket {
  const most = perSecond * 2;
  let tokens = most;
  let filledAt: number | undefined;
  const fill = (nowMs: number): void => {
    tokens = Math.min(most, tokens + ((nowMs - (filledAt ?? nowMs)) * perSecond) / 1_000);
    filledAt = nowMs;
  };
  return {
    take(nowMs) {
      fill(nowMs);
      tokens -= 1;
      return tokens >= 0 ? 0 : Math.ceil((-tokens * 1_000) / perSecond);
    },
    tryTake(nowMs) {
      fill(nowMs);
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
  };
}
