// Pure: a line that is full right now. What others send at that moment counts at once, before the means of other-traffic.ts know of it.
import { HOLD_MS, isNearStart, LAG_MS, type TrafficMemory, unexplained } from './other-traffic.ts';
import type { UplinkBudget } from './uplink-budget.ts';

/** What was seen of others up to `at`, in bit/s. Times are steady ms. */
type Seen = {
  readonly at: number;
  /** The least of the last two seconds: a burst of one second is no traffic. */
  readonly nowBps: number;
  /** The least since longer than a start may stay unseen; null before. */
  readonly sureBps: number | null;
  /** What is left to torrents at most; null where the line had room. */
  readonly torrentsBps: number | null;
};

export type SaturationMemory = {
  /** Since when the queue is full; null where it is not. */
  readonly since: number | null;
  /** Of the last minute. */
  readonly seen: readonly Seen[];
};

export const NEVER_FULL: SaturationMemory = { since: null, seen: [] };

/** What a full line says of others. */
export type Rush = {
  /** It is full at this moment; else it was within the last minute. */
  readonly isNow: boolean;
  /** bit/s that others send beside us: torrents make room for it at once. */
  readonly bps: number;
  /** What is sure enough of it to take it from viewers: no start that is not seen yet can be behind it. 0 where nothing is. */
  readonly sureBps: number;
  /**
   * What torrents may send at most; null where that is not said. Beside us others get what we leave them, however much more they want: so torrents
   * go to half of what they send, and to half again, until the line is full no more.
   */
  readonly torrentsBps: number | null;
};

/** A sample is a second; older ones are of a line that was not full. */
const LAST_SAMPLES = 2;
const RECENT_MS = 5_000;
/** Of the shaper's rate, for two seconds: what the budget aims at, with the reserve kept free, is less. */
const BRIM = 0.95;

type Look = {
  readonly isFull: boolean;
  /** The shaper's rate; null where it is not known. */
  readonly lineBps: number | null;
  readonly traffic: TrafficMemory;
  readonly now: number;
};

/** Called at each sample, and where the router says that the queue began to be full. */
export function nextSaturation(before: SaturationMemory, { isFull, lineBps, traffic, now }: Look): SaturationMemory {
  const kept = before.seen.filter(({ at }) => at > now - HOLD_MS);
  if (!isFull) return { since: null, seen: kept };
  const since = before.since ?? now;
  const recent = unexplained(traffic, now - RECENT_MS).slice(-LAST_SAMPLES);
  const nowBps = recent.length < LAST_SAMPLES ? null : least(recent);
  if (nowBps === null) return { since, seen: kept };
  const sureBps = now - since < LAG_MS ? null : least(unexplained(traffic, now - LAG_MS));
  const last = traffic.samples.slice(-LAST_SAMPLES);
  const isBrimful = lineBps !== null && last.every(({ wanBps }) => wanBps >= lineBps * BRIM);
  const torrentsBps = isBrimful ? (last.at(-1)?.torrentBps ?? 0) / 2 : null;
  return { since, seen: [...kept, { at: now, nowBps, sureBps, torrentsBps }] };
}

/**
 * Null where nothing was seen within the last minute that no start explains: a player fills its buffer for 20 s, and that is no reason to cut
 * anybody. It holds for as long as a mean of other traffic does, so that what made room comes back no sooner.
 */
export function rushOf({ since, seen }: SaturationMemory, { starts }: TrafficMemory): Rush | null {
  const open = seen.filter(({ at }) => !isNearStart(starts, at));
  const last = seen.at(-1);
  // Full before anybody started: that start does not explain it, though what it sends hides how much others do.
  const isNow = since !== null && last !== undefined && (open.includes(last) || !isNearStart(starts, since));
  if (!isNow && open.length === 0) return null;
  return {
    isNow,
    bps: Math.round(Math.max(0, ...open.map(({ nowBps }) => nowBps))),
    sureBps: Math.round(Math.max(0, ...open.map(({ sureBps }) => sureBps ?? 0))),
    torrentsBps: least(open.flatMap(({ torrentsBps }) => (torrentsBps === null ? [] : [Math.round(torrentsBps)]))),
  };
}

/** Torrents make room for what others send right now; the viewers' part stays as it is. */
export const makeRoom = (budget: UplinkBudget, rush: Rush | null, torrentFloorBps: number): UplinkBudget => ({
  ...budget,
  torrentsBps: Math.max(
    torrentFloorBps,
    Math.min(budget.torrentsBps - Math.max(0, (rush?.bps ?? 0) - budget.otherBps), rush?.torrentsBps ?? budget.torrentsBps),
  ),
});

const least = (rates: readonly number[]): number | null => (rates.length === 0 ? null : Math.min(...rates));
