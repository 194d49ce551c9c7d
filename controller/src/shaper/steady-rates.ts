// Pure: the planned rates with hysteresis: each order reloads the router's queues and writes its flash, so there are few, and falls come first.

/** bit/s; null leaves a direction as the router has it. */
export type Rates = { readonly upBps: number | null; readonly downBps: number | null };

type Direction = {
  readonly bps: number | null;
  /** Steady ms since when more is wanted. */
  readonly risingSince: number | null;
};

export type SteadyRates = {
  readonly up: Direction;
  readonly down: Direction;
  /** Steady ms of the last change. */
  readonly changedAt: number;
};

/** A smaller change is not worth a reload. */
const NEWS = 0.03;
const LEAST_BETWEEN_MS = 60_000;
/** A fall may not wait, a rise may: who plans less for an hour means it from its first minute. */
const RISE_AFTER_MS = 120_000;

/** @param before null where nothing is ordered: then what is wanted holds at once. */
export function nextRates(before: SteadyRates | null, wanted: Rates, now: number): SteadyRates {
  if (before === null)
    return { up: { bps: wanted.upBps, risingSince: null }, down: { bps: wanted.downBps, risingSince: null }, changedAt: now };
  const mayChange = now - before.changedAt >= LEAST_BETWEEN_MS;
  const up = next(before.up, wanted.upBps, now, mayChange);
  const down = next(before.down, wanted.downBps, now, mayChange);
  const isChanged = up.bps !== before.up.bps || down.bps !== before.down.bps;
  return { up, down, changedAt: isChanged ? now : before.changedAt };
}

function next({ bps, risingSince }: Direction, wantedBps: number | null, now: number, mayChange: boolean): Direction {
  // What is left alone has all that the router gives it.
  const [is, wanted] = [bps ?? Number.POSITIVE_INFINITY, wantedBps ?? Number.POSITIVE_INFINITY];
  if (is === wanted || Math.abs(wanted - is) < is * NEWS) return { bps, risingSince: null };
  if (wanted < is) return { bps: mayChange ? wantedBps : bps, risingSince: null };
  const since = risingSince ?? now;
  return mayChange && now - since >= RISE_AFTER_MS ? { bps: wantedBps, risingSince: null } : { bps, risingSince: since };
}
