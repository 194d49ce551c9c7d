// Pure: from what is wanted and what stands to the writes that are due now.

/** A limit that we may set: one user at one server, or one speed mode of one torrent client. */
export type Target = {
  readonly key: string;
  /** What stands there by the last reading; null before the first one. bit/s, 0 or less is no limit. */
  readonly currentBps: number | null;
  /** What the user had before us; null where we hold nothing of it. */
  readonly originalBps: number | null;
  /** Steady ms of our last write; null where none since the start. */
  readonly writtenAt: number | null;
  /** A write or its failure is still going on, or waits for its back-off. */
  readonly busy: boolean;
  /** A cap as this neighbour would give it back. */
  readonly rounded: (bps: number) => number;
};

/** `capBps` null: as the user had it. */
export type Wanted = {
  readonly key: string;
  readonly capBps: number | null;
  /** Steady ms of the last thing that makes any change of this target urgent: its own stream started, or the operator changed something. */
  readonly urgentAt: number | null;
};

/** `original`: what to give back. `cap`: what to set. */
export type WriteStep = { readonly kind: 'cap' | 'restore'; readonly key: string; readonly bps: number };

const BIG_FALL = 0.85;
/** Traffic goes up and down all day; a cap that is a little tighter than it might be does no harm, a policy write each minute for each user does. */
const SMALL_RISE = 1.1;
const SMALL_RISE_INTERVALS = 20;

export type Moment = {
  readonly now: number;
  readonly writeIntervalMs: number;
  /** Steady ms of the newest start of any stream that counts: it makes every fall urgent. */
  readonly newestStartAt: number | null;
};

/**
 * At most one write per target in the write interval, unless its cap falls by 15 % or more, a stream started and it falls at all, or its own change is urgent.
 * A rise of less than 10 % waits 20 intervals.
 * Restoring is never delayed.
 */
export function planWrites(
  wanted: readonly Wanted[],
  targets: ReadonlyMap<string, Target>,
  moment: Moment,
): readonly WriteStep[] {
  const steps: WriteStep[] = [];
  for (const want of wanted) {
    const target = targets.get(want.key);
    if (!target || target.busy || target.currentBps === null) continue;
    if (want.capBps === null) {
      if (target.originalBps !== null) steps.push({ kind: 'restore', key: want.key, bps: target.originalBps });
    } else if (
      !sameLimit(target.rounded(want.capBps), target.currentBps) &&
      isDue(target, target.currentBps, { ...want, capBps: want.capBps }, moment)
    ) {
      steps.push({ kind: 'cap', key: want.key, bps: want.capBps });
    }
  }
  return steps;
}

function isDue(
  { writtenAt }: Target,
  currentBps: number,
  want: Wanted & { readonly capBps: number },
  { now, writeIntervalMs, newestStartAt }: Moment,
): boolean {
  if (writtenAt === null || currentBps <= 0) return true;
  if (want.urgentAt !== null && want.urgentAt > writtenAt) return true;
  const rises = want.capBps > currentBps;
  const wait = rises && want.capBps < currentBps * SMALL_RISE ? writeIntervalMs * SMALL_RISE_INTERVALS : writeIntervalMs;
  if (now - writtenAt >= wait) return true;
  if (rises) return false;
  return want.capBps <= currentBps * BIG_FALL || (newestStartAt !== null && newestStartAt > writtenAt);
}

/** 0 and negative values are all "no limit". */
export const sameLimit = (a: number, b: number): boolean => a === b || (a <= 0 && b <= 0);

/** The tighter of two limits where 0 or less is none; Infinity where both are none. */
export const ceilingOf = (...limits: readonly number[]): number =>
  Math.min(...limits.map((bps) => (bps > 0 ? bps : Number.POSITIVE_INFINITY)));
