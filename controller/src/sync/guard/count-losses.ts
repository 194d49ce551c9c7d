// Pure: what a report takes away from a person, and when so much of it is lost that a person is asked first.
import type { WatchChange, WatchField } from '../../neighbours/watch-state.ts';
import type { Change, Seen } from '../state/observe.ts';
import { isLoss } from '../state/watch-fields.ts';

export type GuardLimits = {
  /** So many items are always let through. */
  readonly losses: number;
  /** And so many percent of what this user has there, where that is more. */
  readonly percent: number;
};

export type Lost = {
  /** The fields that a person had and has no more; an item counts once, however many they are. */
  readonly losses: readonly WatchField[];
  /** Counts and dates that go with them. Alone they are no loss that counts, but where losses are held they are too. */
  readonly alongside: readonly WatchField[];
};

/**
 * @param changes what would be agreed anew: what is older than what is agreed, or agreed already, takes nothing from anybody
 * @param said all that the server says of it now
 */
export function lostIn(changes: readonly Change[], seen: Seen, said: WatchChange): Lost {
  const after = (field: WatchField) => changes.find((change) => change.field === field)?.after;
  const losses = changes
    .filter(({ field, after: value }) => isLoss(field, seen[field], value) && !(field === 'positionMs' && isWatching(seen, said)))
    .map(({ field }) => field);
  const [count, date] = [after('playCount'), after('lastPlayedMs')];
  const alongside: WatchField[] = [];
  if (typeof count === 'number' && count < (seen.playCount ?? 0)) alongside.push('playCount');
  if (date === null && typeof seen.lastPlayedMs === 'number') alongside.push('lastPlayedMs');
  return { losses, alongside };
}

/** Whoever has watched it to its end, or begins anew, needs no position. */
const isWatching = (seen: Seen, said: WatchChange): boolean =>
  (said.played ?? seen.played) === true || (said.lastPlayedMs ?? 0) > (seen.lastPlayedMs ?? 0);

/** `within`: items of this user there with a loss in the window, this one included. `has`: items that they could lose something of. */
export const isTooMuch = (within: number, has: number, { losses, percent }: GuardLimits): boolean =>
  within > mostLosses(has, { losses, percent });

export const mostLosses = (has: number, { losses, percent }: GuardLimits): number =>
  Math.max(losses, Math.floor((has * percent) / 100));

/** A library that lost so much of itself may have lost its disk. */
const SHRUNK = 0.1;

export const hasShrunk = ({ before, after }: { readonly before: number; readonly after: number }): boolean =>
  before > 0 && before - after >= before * SHRUNK;

/** Clocks that are set by minutes; what they lose by themselves, the network's time mends in ms. */
const JUMP_MS = 120_000;

export type Skew = { readonly ms: number; readonly plusMinusMs: number };

/** How far a server's clock and ours moved apart at once; 0: they did not, or it cannot be told. */
export function jumpOf(before: Skew | null, now: Skew): number {
  if (before === null || !Number.isFinite(before.plusMinusMs) || !Number.isFinite(now.plusMinusMs)) return 0;
  const moved = now.ms - before.ms;
  return Math.abs(moved) - before.plusMinusMs - now.plusMinusMs >= JUMP_MS ? moved : 0;
}
