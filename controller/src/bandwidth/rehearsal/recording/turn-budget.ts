// Pure: how many turns may be recorded: one a second is usual, a storm of events makes forty.

const MEAN_PER_MS = 4 / 1_000;
const BURST = 240;

/** A bucket of turns: it takes what comes until it is empty, and fills with four a second. Times are steady ms. */
export function createTurnBudget(): { readonly takes: (now: number) => boolean } {
  let left = BURST;
  let at: number | null = null;
  return {
    takes(now) {
      left = Math.min(BURST, left + (now - (at ?? now)) * MEAN_PER_MS);
      at = now;
      if (left < 1) return false;
      left -= 1;
      return true;
    },
  };
}
