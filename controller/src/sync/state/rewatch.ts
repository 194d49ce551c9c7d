// Pure: which fields of a state that was read say nothing of what the person wants.
import type { WatchField, WatchState } from '../../neighbours/watch-state.ts';
import type { Seen } from './observe.ts';

/**
 * Jellyfin up to 10.11 makes a film unwatched when it is watched again. Whoever marks it unwatched loses the count and the date with it, or keeps
 * the date as it was; whoever watches has a count and a newer date.
 */
export function unmeantIn(state: WatchState, seen: Seen): readonly WatchField[] {
  const isRewatch =
    seen.played === true &&
    !state.played &&
    state.playCount > 0 &&
    state.lastPlayedMs !== null &&
    state.lastPlayedMs > (seen.lastPlayedMs ?? 0);
  return isRewatch ? ['played'] : [];
}
