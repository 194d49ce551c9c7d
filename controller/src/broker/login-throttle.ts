// Slows down guessing of broker passwords: per address and user name, so that one mistyped agent shuts out no other behind the same address. Pure.

const FREE_TRIES = 5;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 300_000;
/** Addresses and names remembered; the one that failed longest ago is forgotten first. */
const MOST_REMEMBERED = 1_000;
const FORGET_AFTER_MS = 900_000;

export type LoginThrottle = {
  /** Milliseconds until a try is taken again; 0 when it is. */
  waitMs(address: string, name: string, nowMs: number): number;
  failed(address: string, name: string, nowMs: number): void;
  succeeded(address: string, name: string): void;
};

/** `nowMs` is monotonic. After five failures each further one doubles the wait, from 1 s to 5 min; 15 min of quiet forgets. */
export function createLoginThrottle(): LoginThrottle {
  const failures = new Map<string, { count: number; at: number }>();
  const keyOf = (address: string, name: string): string => `${address} ${name}`;

  return {
    waitMs(address, name, nowMs) {
      const known = failures.get(keyOf(address, name));
      if (known === undefined || known.count < FREE_TRIES || nowMs - known.at > FORGET_AFTER_MS) return 0;
      const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(known.count - FREE_TRIES, 20));
      return Math.max(0, known.at + wait - nowMs);
    },
    failed(address, name, nowMs) {
      const key = keyOf(address, name);
      const known = failures.get(key);
      const count = known === undefined || nowMs - known.at > FORGET_AFTER_MS ? 1 : known.count + 1;
      failures.delete(key);
      failures.set(key, { count, at: nowMs });
      const [oldest] = failures.keys();
      if (failures.size > MOST_REMEMBERED && oldest !== undefined) failures.delete(oldest);
    },
    succeeded(address, name) {
      failures.delete(keyOf(address, name));
    },
  };
}
