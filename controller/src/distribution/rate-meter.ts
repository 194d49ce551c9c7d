// How fast bytes go, over the last two seconds.

export type RateMeter = {
  add(bytes: number): void;
  /** bit/s */
  bps(): number;
};

const SLOT_MS = 250;
const SLOTS = 8;

/** @param now steady ms */
export function createRateMeter(now: () => number): RateMeter {
  const slots: { readonly at: number; bytes: number }[] = [];
  /** Nothing grows while nobody asks. */
  const forget = (): number => {
    const at = Math.floor(now() / SLOT_MS);
    while (slots[0] !== undefined && slots[0].at <= at - SLOTS) slots.shift();
    return at;
  };
  return {
    add(bytes) {
      const at = forget();
      const last = slots.at(-1);
      if (last?.at === at) last.bytes += bytes;
      else slots.push({ at, bytes });
    },
    bps() {
      forget();
      return Math.round((slots.reduce((sum, { bytes }) => sum + bytes, 0) * 8_000) / (SLOT_MS * SLOTS));
    },
  };
}
