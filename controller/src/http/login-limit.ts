// Slows down guessing: after a few wrong passwords each further attempt waits twice as long, for one address and, more gently, for all together.

export type LoginLimit = {
  /** Milliseconds to wait; 0 lets this attempt in and counts it as a failure until `succeeded` is called, so that parallel guesses count too. */
  attempt(address: string): number;
  succeeded(address: string): void;
};

type Tally = { failures: number; lastAt: number };
type Rule = { readonly free: number; readonly maxWaitMs: number };

const ONE: Rule = { free: 5, maxWaitMs: 15 * 60_000 };
/** High and short: strangers who guess must not lock the owner out. */
const ALL: Rule = { free: 50, maxWaitMs: 5_000 };
const FORGET_MS = 60 * 60_000;
const MAX_ADDRESSES = 10_000;

/** @param monotonic milliseconds that never jump. */
export function createLoginLimit(monotonic: () => number): LoginLimit {
  const byAddress = new Map<string, Tally>();
  const all: Tally = { failures: 0, lastAt: Number.NEGATIVE_INFINITY };
  return {
    attempt(address) {
      const now = monotonic();
      const key = household(address);
      const one = byAddress.get(key) ?? { failures: 0, lastAt: Number.NEGATIVE_INFINITY };
      const wait = Math.max(waitOf(one, ONE, now), waitOf(all, ALL, now));
      if (wait > 0) return wait;
      count(one, now);
      count(all, now);
      // Delete and set: the map's order is then by last attempt, and the oldest goes first.
      byAddress.delete(key);
      byAddress.set(key, one);
      if (byAddress.size > MAX_ADDRESSES) for (const oldest of byAddress.keys()) if (byAddress.delete(oldest)) break;
      return 0;
    },
    succeeded(address) {
      byAddress.delete(household(address));
      all.failures = Math.max(0, all.failures - 1);
    },
  };
}

function waitOf(tally: Tally, rule: Rule, now: number): number {
  const over = tally.failures - rule.free;
  if (over < 0 || now - tally.lastAt > FORGET_MS) return 0;
  return Math.max(0, tally.lastAt + Math.min(rule.maxWaitMs, 1_000 * 2 ** Math.min(over, 30)) - now);
}

function count(tally: Tally, now: number): void {
  if (now - tally.lastAt > FORGET_MS) tally.failures = 0;
  tally.failures += 1;
  tally.lastAt = now;
}

/** One IPv6 customer holds a whole /64, so that is what counts. */
function household(address: string): string {
  if (!address.includes(':') || address.includes('.')) return address;
  const [front = '', back] = address.split('::');
  const head = front.split(':').filter((group) => group !== '');
  const zeros = back === undefined ? 0 : 8 - head.length - back.split(':').filter((group) => group !== '').length;
  return [...head, ...Array.from({ length: Math.max(0, zeros) }, () => '0'), ...(back ?? '').split(':')].slice(0, 4).join(':');
}
