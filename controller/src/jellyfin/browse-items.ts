// Lists that a person looks through: how they are asked for, and their rows. Pure.
import { ControllerError } from '../errors.ts';
import type { LibraryItem } from './library-schemas.ts';

/** One row of a list that a person looks through. */
export type BrowseItem = {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly seriesName: string | null;
  readonly season: number | null;
  readonly episode: number | null;
  readonly year: number | null;
  readonly durationMs: number | null;
  readonly genres: readonly string[];
  readonly rating: string | null;
  readonly overview: string | null;
  readonly imageTag: string | null;
};

export type BrowseQuery = {
  readonly parentId: string;
  /** BaseItemKind; none is no filter. */
  readonly types: readonly string[];
  /** Items with any of these. */
  readonly genres: readonly string[];
  readonly recursive: boolean;
  /** ItemSortBy, several divided by commas. */
  readonly sortBy: string | null;
  readonly sortOrder: 'Ascending' | 'Descending';
  readonly search: string | null;
  readonly startIndex: number;
  readonly limit: number;
};

export type BrowsePage = { readonly items: readonly BrowseItem[]; readonly total: number | null };
const TICKS_PER_MS = 10_000;
/** BaseItemKind and ItemSortBy, as far as they are of use here. Both are closed lists there: unknown words are dropped, and everything is returned. */
const ITEM_TYPES = ['Movie', 'Series', 'Season', 'Episode', 'Video', 'MusicVideo', 'BoxSet', 'Playlist', 'Folder', 'Trailer'];
const SORT_KEYS = [
  'SortName',
  'Name',
  'DateCreated',
  'PremiereDate',
  'ProductionYear',
  'CommunityRating',
  'OfficialRating',
  'Runtime',
  'ParentIndexNumber',
  'IndexNumber',
  'SeriesSortName',
  'Random',
];

const BROWSE_FIELDS = 'Genres,Overview';
/** A name may hold a comma, so lists of names are divided by a pipe there. */
const piped = (names: readonly string[]): string | undefined => (names.length === 0 ? undefined : names.join('|'));
const listed = (words: readonly string[]): string | undefined => (words.length === 0 ? undefined : words.join(','));

/** Null where it is not told. */
export const browseItem = (item: LibraryItem): BrowseItem => ({
  id: item.Id,
  type: item.Type,
  name: item.Name ?? '',
  seriesName: item.SeriesName ?? null,
  season: item.Type === 'Season' ? (item.IndexNumber ?? null) : (item.ParentIndexNumber ?? null),
  episode: item.Type === 'Episode' ? (item.IndexNumber ?? null) : null,
  year: item.ProductionYear ?? null,
  durationMs: item.RunTimeTicks ? Math.round(item.RunTimeTicks / TICKS_PER_MS) : null,
  genres: item.Genres ?? [],
  rating: item.OfficialRating || null,
  overview: item.Overview || null,
  imageTag: item.ImageTags?.['Primary'] ?? null,
});

/** In the known spelling. @throws ControllerError input_invalid naming the word and those that there are */
const known = (words: readonly string[], list: readonly string[], what: string): string[] =>
  words.map((word) => {
    const found = list.find((one) => one.toLowerCase() === word.trim().toLowerCase());
    if (found) return found;
    throw new ControllerError('input_invalid', `"${word}" is not ${what}; there are ${list.join(', ')}`);
  });

const PRESENT = { isMissing: false, excludeLocationTypes: 'Virtual', collapseBoxSetItems: false };

/** Of one season. */
export const EPISODES = {
  ...PRESENT,
  recursive: true,
  includeItemTypes: 'Episode',
  sortBy: 'ParentIndexNumber,IndexNumber,SortName',
  fields: BROWSE_FIELDS,
};

/** @throws ControllerError input_invalid */
export const itemQuery = (query: BrowseQuery): Record<string, string | number | boolean | undefined> => ({
  ...PRESENT,
  parentId: query.parentId,
  recursive: query.recursive,
  includeItemTypes: listed(known(query.types, ITEM_TYPES, 'a type of item')),
  genres: piped(query.genres),
  // Stable from page to page.
  sortBy: [...new Set([...known(query.sortBy?.split(',') ?? [], SORT_KEYS, 'an order'), 'SortName'])].join(','),
  sortOrder: query.sortOrder,
  searchTerm: query.search ?? undefined,
  startIndex: query.startIndex,
  limit: query.limit,
  fields: BROWSE_FIELDS,
});
