// How far each server's clock is from ours, as its hooks tell: they arrive within a ms of being made, the quickest of many most of all.

export type ServerClocks = {
  /** @param utcMs by that server's clock; `receivedMs` by ours */
  note(server: string, utcMs: number, receivedMs: number): void;
  /** Our clock's moment of one of theirs. */
  oursOf(server: string, utcMs: number, receivedMs: number): number;
  /** One of the two was set: what was measured counts no more. */
  forget(server: string): void;
  /** The server's minus ours, and how far that may be off. Null: nothing is known. */
  skew(server: string): { readonly ms: number; readonly plusMinusMs: number } | null;
};

type Measured = { readonly offsets: number[] };

/** Enough that one of them came at once. */
const KEPT = 64;
/** Where the server's answers alone tell, to the second. */
const BY_DATE_MS = 1_000;
const BY_HOOKS_MS = 50;
/** One of so many in a row comes at once, unless they are late for a while, or the clock was set back by so much. */
const NEWEST = 16;
/** Where a clock is set back by more, the seconds in its answers tell. */
const MOST_UNTOLD_MS = 2_000;
/** A hook that took longer was not sent then, whatever it says. */
const LATEST_MS = 60_000;

const leastOf = (told: { readonly ms: number; readonly plusMinusMs: number } | null): number =>
  told === null ? Number.NEGATIVE_INFINITY : told.ms - told.plusMinusMs - BY_HOOKS_MS;

/** @param byDate what the Date of its answers says */
export function createServerClocks(
  byDate: (server: string) => { readonly ms: number; readonly plusMinusMs: number } | null,
): ServerClocks {
  const measured = new Map<string, Measured>();
  const skew = (server: string) => {
    const told = byDate(server);
    const { offsets } = measured.get(server) ?? { offsets: [] };
    // What was measured before the clock was set is not what its answers say now. A hook that took long only seems behind.
    const mostMs = told === null ? Number.POSITIVE_INFINITY : told.ms + told.plusMinusMs + BY_HOOKS_MS;
    const fitting = offsets.filter((offset) => offset <= mostMs);
    const ms = Math.max(...fitting);
    if (fitting.length >= 3 && ms >= leastOf(told)) {
      // Which of the two, nobody knows: what is true lies between.
      const lateMs = Math.min(MOST_UNTOLD_MS, ms - Math.max(...fitting.slice(-NEWEST)));
      return { ms, plusMinusMs: BY_HOOKS_MS + Math.ceil(lateMs) };
    }
    // No hook comes before it is made: its clock is ahead by so much at least.
    return told === null ? null : { ms: Math.max(told.ms, ms), plusMinusMs: Math.max(BY_DATE_MS, told.plusMinusMs) };
  };
  return {
    note(server, utcMs, receivedMs) {
      const one = measured.get(server) ?? { offsets: [] };
      one.offsets.push(utcMs - receivedMs);
      if (one.offsets.length > KEPT) one.offsets.shift();
      measured.set(server, one);
    },
    oursOf(server, utcMs, receivedMs) {
      const now = skew(server);
      let ours = utcMs - (now?.ms ?? 0);
      // Ahead of when it came: made before the clock was set back, and sent late. What was measured then tells.
      if (now !== null && ours > receivedMs + now.plusMinusMs)
        ours = utcMs - Math.max(now.ms, ...(measured.get(server)?.offsets ?? []));
      return Math.min(receivedMs, Math.max(receivedMs - LATEST_MS, ours));
    },
    forget: (server) => void measured.delete(server),
    skew,
  };
}
