// How far a server's clock is from ours, by the Date headers of its answers: each says a second, many say it closer. Pure but for what it remembers.

/** The header is cut to whole seconds, and servers renew it once a second only: the true time may be nearly two seconds later. */
const AGE_MS = 2000;
/** Clocks drift: what was heard two of these ago counts no more. */
const GENERATION_MS = 5 * 60_000;

/** The offset is not below the one and not above the other. */
type Bounds = { readonly lowMs: number; readonly highMs: number };

export type ClockSkew = {
  /** @param sentMs, heardMs when the question left and its answer came, by our clock, UTC ms */
  note(date: string, sentMs: number, heardMs: number): void;
  /** The server's clock minus ours, ms, and how far that may be off: about a second, and without end before the first answer. */
  read(): { readonly ms: number; readonly plusMinusMs: number };
};

const both = (one: Bounds | null, other: Bounds | null): Bounds | null => {
  if (one === null || other === null) return one ?? other;
  const bounds = { lowMs: Math.max(one.lowMs, other.lowMs), highMs: Math.min(one.highMs, other.highMs) };
  return bounds.lowMs <= bounds.highMs ? bounds : null;
};

export const createClockSkew = (): ClockSkew => {
  let now: Bounds | null = null;
  let before: Bounds | null = null;
  let sinceMs = 0;
  return {
    note(date, sentMs, heardMs) {
      const told = Date.parse(date);
      if (!Number.isFinite(told)) return;
      const heard = { lowMs: told - heardMs, highMs: told + AGE_MS - sentMs };
      if (Math.abs(heardMs - sinceMs) > GENERATION_MS) [before, now, sinceMs] = [now, heard, heardMs];
      else now = both(now, heard) ?? heard; // they contradict each other: one of the clocks was set
      if (both(now, before) === null) before = null;
    },
    read() {
      const bounds = both(now, before);
      if (bounds === null) return { ms: 0, plusMinusMs: Number.POSITIVE_INFINITY };
      const { lowMs, highMs } = bounds;
      return { ms: Math.round((lowMs + highMs) / 2), plusMinusMs: Math.ceil((highMs - lowMs) / 2) };
    },
  };
};
