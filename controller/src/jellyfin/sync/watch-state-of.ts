// Pure: Jellyfin's user data as a watch state, and what must be asked of it so that a state becomes another.
import { ControllerError } from '../../errors.ts';
import type { WatchChange, WatchState } from '../../neighbours/watch-state.ts';
import type { UserDataAnswer } from './sync-schemas.ts';

const TICKS_PER_MS = 10_000;

/** Of a date in ISO 8601 with up to seven places, cut to whole ms. Null for none, and for the year 1, which is .NET's none. */
export const timeOf = (date: string | null | undefined): number | null => {
  if (!date) return null;
  // The server's times are UTC, also where it forgets to say so.
  const ms = Date.parse(/(?:Z|[+-]\d\d:?\d\d)$/i.test(date) ? date : `${date}Z`);
  return Number.isFinite(ms) && ms > 0 ? ms : null;
};

/** Of a series or season only favourite and rating are its own; the rest tells of its episodes, and of each of them is told by itself. */
export const watchState = (data: UserDataAnswer, isFolder: boolean): WatchState => {
  const own = !isFolder && typeof data.UnplayedItemCount !== 'number';
  return {
    played: own && data.Played,
    playCount: own ? data.PlayCount : 0,
    positionMs: own ? Math.floor(data.PlaybackPositionTicks / TICKS_PER_MS) : 0,
    favourite: data.IsFavorite,
    rating: data.Rating ?? null,
    lastPlayedMs: own ? timeOf(data.LastPlayedDate) : null,
  };
};

export type UserDataBody = Readonly<Record<string, number | boolean | string>>;
export type WritePlan = {
  /** Takes played, count, position and date away together. */
  readonly reset: boolean;
  readonly clearRating: boolean;
  /** UpdateUserItemDataDto with nothing but what is wanted: an absent field stays. Null where nothing is left to be said. */
  readonly body: UserDataBody | null;
};

/**
 * `Likes` is never said: false would be a rating of 1. A rating or a date of null is ignored by the server, so each is taken away by a call of its own.
 * @throws ControllerError input_invalid for a date that is to go alone
 */
export const planWrite = (change: WatchChange): WritePlan => {
  const { played, playCount, positionMs, favourite, rating, lastPlayedMs } = change;
  const reset = lastPlayedMs === null;
  if (reset && (played !== false || playCount !== 0 || positionMs !== 0))
    throw new ControllerError('input_invalid', 'a date of playing goes only together with played, count and position');
  const body: Record<string, number | boolean | string> = {};
  if (!reset) {
    if (played !== undefined) body['Played'] = played;
    if (playCount !== undefined) body['PlayCount'] = playCount;
    if (positionMs !== undefined) body['PlaybackPositionTicks'] = Math.round(positionMs) * TICKS_PER_MS;
    if (lastPlayedMs !== undefined) body['LastPlayedDate'] = new Date(lastPlayedMs).toISOString();
  }
  if (favourite !== undefined) body['IsFavorite'] = favourite;
  if (rating !== undefined && rating !== null) body['Rating'] = rating;
  return { reset, clearRating: rating === null, body: Object.keys(body).length === 0 ? null : body };
};
