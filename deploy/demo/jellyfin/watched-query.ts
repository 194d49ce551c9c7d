// The part of GET /Items that asks what a user did with an item: filters=, isPlayed, isFavorite, and the keys to sort by. Pure.
import type { LibraryItem } from './library.ts';
import { likesOf, type Watched } from './watch-rules.ts';

type Query = (name: string) => string | null;
type Of = (item: LibraryItem) => Watched;

const listed = (text: string | null): string[] => (text ?? '').split(',').map((name) => name.trim().toLowerCase());

/** Of `filters`, in lower case; what is not here is dropped. */
const flags: Readonly<Record<string, (watched: Watched) => boolean>> = {
  isplayed: ({ played }) => played,
  isunplayed: ({ played }) => !played,
  isfavorite: ({ favourite }) => favourite,
  isresumable: ({ positionTicks }) => positionTicks > 0,
  likes: ({ rating }) => likesOf(rating) === true,
  dislikes: ({ rating }) => likesOf(rating) === false,
  isfavoriteorlikes: ({ favourite, rating }) => favourite || likesOf(rating) === true,
};

const sortKeys: Readonly<Record<string, (watched: Watched) => string | number>> = {
  dateplayed: ({ lastPlayed }) => lastPlayed ?? '',
  playcount: ({ playCount }) => playCount,
  isplayed: ({ played }) => (played ? 1 : 0),
  isunplayed: ({ played }) => (played ? 0 : 1),
  isfavoriteorliked: ({ favourite, rating }) => (favourite || likesOf(rating) === true ? 1 : 0),
};

/** Without a user there is nothing to ask, and every item passes. */
export function watchedFilters(query: Query, of: Of): ((item: LibraryItem) => boolean)[] {
  const wanted = listed(query('filters')).flatMap((name) => flags[name] ?? []);
  const filters = wanted.map((fits) => (item: LibraryItem) => fits(of(item)));
  for (const [name, flag] of [
    ['isPlayed', 'isplayed'],
    ['isFavorite', 'isfavorite'],
  ] as const) {
    const value = query(name)?.toLowerCase();
    const fits = flags[flag];
    if (fits && (value === 'true' || value === 'false')) filters.push((item) => fits(of(item)) === (value === 'true'));
  }
  return filters;
}

export function watchedSortKeys(of: Of): Readonly<Record<string, (item: LibraryItem) => string | number>> {
  return Object.fromEntries(Object.entries(sortKeys).map(([name, key]) => [name, (item: LibraryItem) => key(of(item))]));
}

/** Whether an answer depends on what the user did. */
export function asksWatched(query: Query): boolean {
  const named = [...listed(query('filters')), ...listed(query('sortBy'))];
  return (
    named.some((name) => name in flags || name in sortKeys) || ['isPlayed', 'isFavorite'].some((name) => query(name) !== null)
  );
}
