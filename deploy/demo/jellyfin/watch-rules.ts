// Pure: what a user's state of an item becomes by each thing that happens to it, as the real server's (facts/jellyfin.md §4, §10, §11).
import { exactTime } from './exact-time.ts';
import { ticksPerMs } from './identity.ts';
import type { LibraryItem } from './library.ts';
import type { FieldErrors } from './policy.ts';

/** Why the server saved: goes out with each hook. */
export type SaveReason =
  | 'PlaybackStart'
  | 'PlaybackProgress'
  | 'PlaybackFinished'
  | 'TogglePlayed'
  | 'UpdateUserRating'
  | 'UpdateUserData'
  | 'Import';

export type Watched = {
  readonly positionTicks: number;
  readonly playCount: number;
  readonly favourite: boolean;
  readonly played: boolean;
  /** 0 to 10. Like and dislike are 10 and 1. */
  readonly rating: number | null;
  /** With seven decimals. */
  readonly lastPlayed: string | null;
  readonly audioIndex: number | null;
  readonly subtitleIndex: number | null;
};

export const untouched: Watched = {
  positionTicks: 0,
  playCount: 0,
  favourite: false,
  played: false,
  rating: null,
  lastPlayed: null,
  audioIndex: null,
  subtitleIndex: null,
};

/** One number: 6.5 and more reads as a like. */
export const likesOf = (rating: number | null): boolean | null => (rating === null ? null : rating >= 6.5);

/** A start alone counts. Up to 10.11 it also takes Played away from what is watched again. */
export function started(watched: Watched, at: string, unmarksRewatch: boolean): Watched {
  return { ...watched, playCount: watched.playCount + 1, lastPlayed: at, played: unmarksRewatch ? false : watched.played };
}

export type Reached = { readonly watched: Watched; readonly completed: boolean };

/** Below 5 % the position is saved as 0; above 90 %, in the last second, or in anything shorter than 300 s it counts as played. */
export function reached(watched: Watched, item: LibraryItem, positionTicks: number): Reached {
  const length = item.runtimeMs * ticksPerMs;
  if (item.type === 'TvChannel') return { watched: { ...watched, positionTicks: 0, played: false }, completed: false };
  if (length <= 0) return { watched: { ...watched, positionTicks: 0, played: true }, completed: true };
  if (positionTicks <= 0 || positionTicks / length < 0.05) return { watched: { ...watched, positionTicks: 0 }, completed: false };
  const atEnd = positionTicks / length > 0.9 || positionTicks >= length - 1000 * ticksPerMs;
  if (atEnd || item.runtimeMs < 300_000) return { watched: { ...watched, positionTicks: 0, played: true }, completed: true };
  return { watched: { ...watched, positionTicks }, completed: false };
}

/** A stop without a position: taken for watched to the end, and counted once more. */
export function stoppedSomewhere(watched: Watched): Reached {
  return { watched: { ...watched, playCount: watched.playCount + 1, played: true, positionTicks: 0 }, completed: true };
}

/** PlayCount + 1 only where a date is given, else at least 1. */
export function markedPlayed(watched: Watched, given: string | null, at: string): Watched {
  const playCount = given === null ? Math.max(1, watched.playCount) : watched.playCount + 1;
  return { ...watched, played: true, positionTicks: 0, playCount, lastPlayed: given ?? watched.lastPlayed ?? at };
}

export function markedUnplayed(watched: Watched): Watched {
  return { ...watched, played: false, positionTicks: 0, playCount: 0, lastPlayed: null };
}

type Reader = (value: unknown) => Partial<Watched> | null;

const whole = (value: unknown, most: number): number | null => {
  const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isInteger(number) && Math.abs(number) <= most ? number : null;
};
const flag = (value: unknown, patch: (on: boolean) => Partial<Watched>) => (typeof value === 'boolean' ? patch(value) : null);

/** In the server's order, so that Rating wins over Likes. */
const readers: readonly (readonly [name: string, type: string, read: Reader])[] = [
  [
    'PlaybackPositionTicks',
    'System.Nullable`1[System.Int64]',
    (value) => {
      const positionTicks = whole(value, Number.MAX_SAFE_INTEGER);
      return positionTicks === null ? null : { positionTicks };
    },
  ],
  [
    'PlayCount',
    'System.Nullable`1[System.Int32]',
    (value) => {
      const playCount = whole(value, 2_147_483_647);
      return playCount === null ? null : { playCount };
    },
  ],
  ['IsFavorite', 'System.Nullable`1[System.Boolean]', (value) => flag(value, (favourite) => ({ favourite }))],
  ['Likes', 'System.Nullable`1[System.Boolean]', (value) => flag(value, (likes) => ({ rating: likes ? 10 : 1 }))],
  ['Played', 'System.Nullable`1[System.Boolean]', (value) => flag(value, (played) => ({ played }))],
  [
    'LastPlayedDate',
    'System.Nullable`1[System.DateTime]',
    (value) => {
      const lastPlayed = typeof value === 'string' ? exactTime(value) : null;
      return lastPlayed === null ? null : { lastPlayed };
    },
  ],
  [
    'Rating',
    'System.Nullable`1[System.Double]',
    (value) => {
      const rating = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
      return typeof rating === 'number' && !Number.isNaN(rating) ? { rating } : null;
    },
  ],
];

/** What a body of POST UserData asks for; null means leave, everything unknown is ignored. `outOfRange`: 400 without a reason. */
export function readUpdate(
  body: Readonly<Record<string, unknown>>,
): { readonly patch: Partial<Watched> } | { readonly errors: FieldErrors } | { readonly outOfRange: true } {
  const given = new Map(Object.entries(body).map(([name, value]) => [name.toLowerCase(), value]));
  let patch: Partial<Watched> = {};
  for (const [name, type, read] of readers) {
    const value = given.get(name.toLowerCase());
    if (value === undefined || value === null) continue;
    const part = read(value);
    if (part === null) {
      const sentence = `The JSON value could not be converted to ${type}. Path: $.${name} | LineNumber: 0 | BytePositionInLine: 0.`;
      return { errors: { userDataDto: ['The userDataDto field is required.'], [`$.${name}`]: [sentence] } };
    }
    patch = { ...patch, ...part };
  }
  const { rating } = patch;
  return typeof rating === 'number' && (rating < 0 || rating > 10) ? { outOfRange: true } : { patch };
}
