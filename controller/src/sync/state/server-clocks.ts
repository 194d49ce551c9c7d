// How far each server's clock is from ours, as its hooks tell: they arrive within a ms of being made, the quickest of many most of all.

export type ServerClocks = {
  /** @param utcMs by that server's clock; `receivedMs` by ours */
  note(server: string, utcMs: number, receivedMs: number): void;
  /** Our clock's moment of one of theirs. */
  oursOf(server: string, utcMs: number, receivedMs: number): number;
  /** Made before that clock was set ahead, and sent late: our clock's moment by what was measured then. Null: it was not. */
  beforeSet(server: string, utcMs: number, receivedMs: number): number | null;
  /** One of the two was set: what was measured counts no more. */
  forget(server: string): void;
  /** The server's minus ours, and how far that may be off. Null: nothing is known. */
  skew(server: string): { readonly ms: number; readonly plusMinusMs: number } | null;
};

/** Enough that one of them came at once. */
const KEPT = 64;
const FEWEST = 3;
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
  const measured = new Map<string, number[]>();
  const offsetsOf = (server: string): readonly number[] => measured.get(server) ?? [];
  const skew = (server: string) => {
    const told = byDate(server);
    // What was measured before the clock was set is not what its answers say now. A hook that took long only seems behind.
    const mostMs = told === null ? Number.POSITIVE_INFINITY : told.ms + told.plusMinusMs + BY_HOOKS_MS;
    const fitting = offsetsOf(server).filter((offset) => offset <= mostMs);
    const ms = Math.max(...fitting);
    if (fitting.length >= FEWEST && ms >= leastOf(told)) {
      // Which of the two, nobody knows: what is true lies between.
      const lateMs = Math.min(MOST_UNTOLD_MS, ms - Math.max(...fitting.slice(-NEWEST)));
      return { ms, plusMinusMs: BY_HOOKS_MS + Math.ceil(lateMs) };
    }
    // No hook comes before it is made: its clock is ahead by so much at least.
    return told === null ? null : { ms: Math.max(told.ms, ms), plusMinusMs: Math.max(BY_DATE_MS, told.plusMinusMs) };
  };
  const beforeSet = (server: string, utcMs: number, receivedMs: number): number | null => {
    const now = skew(server);
    if (now === null || utcMs - now.ms > receivedMs - LATEST_MS) return null;
    const offsets = offsetsOf(server);
    const first = offsets.findIndex((offset) => Math.abs(offset - now.ms) <= now.plusMinusMs + BY_HOOKS_MS);
    // Where its clock was set back instead, none fitted before those that fit what is known of it.
    const before = first === -1 ? offsets : offsets.slice(0, first);
    const fitting = before.map((offset) => utcMs - offset).filter((ms) => ms > receivedMs - LATEST_MS && ms <= receivedMs);
    return fitting.length === 0 ? null : Math.min(...fitting);
  };
  return {
    beforeSet,
    note(server, utcMs, receivedMs) {
      const all = measured.get(server) ?? [];
      all.push(utcMs - receivedMs);
      if (all.length > KEPT) all.shift();
      measured.set(server, all);
    },
    oursOf(server, utcMs, receivedMs) {
      const now = skew(server);
      let ours = beforeSet(server, utcMs, receivedMs) ?? utcMs - (now?.ms ?? 0);
      // Ahead of when it came: made before the clock was set back, and sent late. What was measured then tells.
      if (now !== null && ours > receivedMs + now.plusMinusMs) ours = utcMs - Math.max(now.ms, ...offsetsOf(server));
      return Math.min(receivedMs, Math.max(receivedMs - LATEST_MS, ours));
    },
    forget: (server) => void measured.delete(server),
    skew,
  };
}
