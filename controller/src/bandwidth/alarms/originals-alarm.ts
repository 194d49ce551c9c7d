// Pure: when everything that we changed is back as its user had it: at the end of an episode, and after a start that found things changed.
import type { BandwidthEvent } from '../bandwidth-event.ts';

/** Counts of this moment. */
export type OriginalsNow = {
  /** Limits and clients with stopped torrents that are not back. */
  readonly held: number;
  /** Of these, what an earlier run left. */
  readonly left: number;
  /** How long all must be back: who goes on after a pause has not made two episodes of it. */
  readonly holdMs: number;
  /** Steady ms. */
  readonly now: number;
};

export type OriginalsMemory = {
  /** The most that was held since all was last back; 0 where nothing. */
  readonly most: number;
  /** What an earlier run left, while it is not back. */
  readonly left: number;
  /** Nothing is held since; steady ms. */
  readonly freeSince: number | null;
};

export const NOTHING_HELD: OriginalsMemory = { most: 0, left: 0, freeSince: null };

export function watchOriginals(
  { held, left, holdMs, now }: OriginalsNow,
  before: OriginalsMemory,
): { readonly event: BandwidthEvent | null; readonly memory: OriginalsMemory } {
  if (before.left > 0 && left === 0) return { event: leftEvent(before.left), memory: { most: held, left: 0, freeSince: null } };
  const kept = { left: Math.max(before.left, left) };
  if (held > 0) return { event: null, memory: { ...kept, most: Math.max(before.most, held), freeSince: null } };
  if (before.most === 0) return { event: null, memory: { ...before, ...kept } };
  const freeSince = before.freeSince ?? now;
  return now - freeSince < holdMs
    ? { event: null, memory: { ...before, ...kept, freeSince } }
    : { event: restoredEvent(before.most), memory: NOTHING_HELD };
}

/** @param count limits, and clients with stopped torrents */
export const restoredEvent = (count: number): BandwidthEvent => ({
  type: 'originals_restored',
  severity: 'info',
  text: `Everything is again as its user had it: ${count} ${count === 1 ? 'limit' : 'limits'}.`,
  details: { count, left_by: 'this run' },
});

const leftEvent = (count: number): BandwidthEvent => ({
  type: 'originals_restored',
  severity: 'info',
  text: `What an earlier run had left behind is again as its user had it: ${count} ${count === 1 ? 'limit' : 'limits'}.`,
  details: { count, left_by: 'an earlier run' },
});
