// Pure: which fields of a state that was read say nothing of what the person wants.
import { untouched, type WatchChange, type WatchField, type WatchState } from '../../neighbours/watch-state.ts';
import type { Seen } from './observe.ts';
import { withoutFields } from './watch-fields.ts';

/**
 * Jellyfin up to 10.11 makes a film unwatched when it is watched again. Whoever marks it unwatched loses the count and the date with it, or keeps
 * both as they were; whoever watches has counted one more. The date tells nothing: it is of another server's clock, or our writing has covered it.
 */
export function unmeantIn(state: WatchState, seen: Seen): readonly WatchField[] {
  const isRewatch =
    seen.played === true && !state.played && state.playCount > (seen.playCount ?? 0) && state.lastPlayedMs !== null;
  return isRewatch ? ['played'] : [];
}

/**
 * Somebody began to watch it again between our reading and our writing, or marked it unwatched: what we wrote covers what would tell which. Their hook does.
 * Where the count and the date are gone as well, it was marked unwatched after our writing.
 */
export function hiddenBy(plan: WatchChange, written: WatchState, after: WatchState): readonly WatchField[] {
  const isReset = after.playCount === 0 && after.lastPlayedMs === null;
  const isUnmarked = written.played && !after.played && !('played' in plan) && !isReset;
  return isUnmarked && ('playCount' in plan || 'lastPlayedMs' in plan) ? ['played'] : [];
}

/** What whoever marks it unwatched takes away together. */
const OF_RESET: readonly WatchField[] = ['played', 'playCount', 'positionMs', 'lastPlayedMs'];

/** Whether it is so by that: a position may have been set since. */
export const isGone = (has: WatchChange, field: WatchField): boolean =>
  OF_RESET.includes(field) && has[field] === untouched[field];

export const isUnwatched = (has: WatchChange): boolean =>
  has.played === false && has.playCount === 0 && has.lastPlayedMs === null;

/**
 * Of what was there, all that whoever marks it unwatched says something about, also where nothing of it can be seen to have become another.
 * @param isTold at its time: a reading only finds it later, and somebody may have moved on meanwhile elsewhere
 */
export function beforeReset(before: Seen, isTold: boolean): Seen {
  const gone = OF_RESET.filter((field) => isGone(before, field) && (isTold || field !== 'positionMs'));
  return { ...withoutFields(before, gone), played: true };
}

/**
 * Whoever takes the count and the date away marks it unwatched, also where watching it again had made it so already (Jellyfin up to 10.11), which said nothing;
 * and where it was begun anew after that: a player takes no count away.
 */
export function beforeSaying(said: WatchChange, before: Seen): Seen {
  const had = before.playCount ?? 0;
  const isBegunAnew = said.played === false && said.playCount !== undefined && said.playCount < had;
  return had > 0 && (isUnwatched(said) || isBegunAnew) ? beforeReset(before, false) : before;
}
