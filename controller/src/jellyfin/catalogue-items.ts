// Items of a library as channels take them. Pure.
import type { LibraryItem } from './library-schemas.ts';

const TICKS_PER_MS = 10_000;

/** Which types the server is asked for, and what they are to a channel. */
const KINDS = { Movie: 'movie', Episode: 'episode', Video: 'video', MusicVideo: 'video' } as const;
/** BaseItemKind: a misspelt one would be dropped by the server, and everything returned. */
export const PLAYABLE = 'Movie,Episode,Video,MusicVideo';

/** What an episode takes from its series. */
export type SeriesFacts = {
  readonly genres: readonly string[];
  readonly tags: readonly string[];
  readonly studios: readonly string[];
  readonly rating: string | null;
};

/** One film, episode or clip; the same shape as the channels' own. */
export type JellyfinCatalogueItem = {
  readonly server: string;
  readonly id: string;
  readonly libraryId: string;
  readonly kind: (typeof KINDS)[keyof typeof KINDS];
  readonly title: string;
  readonly series: { readonly id: string; readonly title: string } | null;
  readonly season: number | null;
  readonly episode: number | null;
  readonly durationMs: number;
  readonly genres: readonly string[];
  readonly tags: readonly string[];
  readonly studios: readonly string[];
  readonly year: number | null;
  readonly rating: string | null;
  readonly ratingScore: number | null;
  readonly overview: string | null;
  readonly communityRating: number | null;
  readonly image: { readonly itemId: string; readonly tag: string } | null;
  readonly path: string | null;
};

export type CatalogueContext = {
  readonly server: string;
  readonly libraryId: string;
  readonly series: ReadonlyMap<string, SeriesFacts>;
  readonly scores: ReadonlyMap<string, number>;
};

const names = (studios: LibraryItem['Studios']): string[] => (studios ?? []).flatMap(({ Name: name }) => name || []);

export const seriesFacts = (item: LibraryItem): SeriesFacts => ({
  genres: item.Genres ?? [],
  tags: item.Tags ?? [],
  studios: names(item.Studios),
  rating: item.OfficialRating || null,
});

const both = (own: readonly string[], more: readonly string[] | undefined): readonly string[] =>
  more === undefined || more.length === 0 ? own : [...new Set([...own, ...more])];

const ratingKey = (rating: string): string => rating.trim().toLowerCase();

/** By lower-case name; a rating that is told twice keeps the first score. */
export const scoresOf = (
  ratings: readonly {
    Name?: string | null | undefined;
    Value?: number | null | undefined;
    RatingScore?: { score?: number | null | undefined } | null | undefined;
  }[],
): ReadonlyMap<string, number> => {
  const scores = new Map<string, number>();
  for (const { Name: name, Value: value, RatingScore: rated } of ratings) {
    const score = rated?.score ?? value;
    if (name && typeof score === 'number' && !scores.has(ratingKey(name))) scores.set(ratingKey(name), score);
  }
  return scores;
};

/** Files carry `de/FSK-12` or `DE-12` too: without their country they may be known. */
const scoreOf = (rating: string | null, scores: CatalogueContext['scores']): number | null => {
  if (rating === null) return null;
  const key = ratingKey(rating);
  return scores.get(key) ?? scores.get(key.replace(/^[a-z]{2}[-/:]/, '')) ?? null;
};

const imageOf = (item: LibraryItem): JellyfinCatalogueItem['image'] => {
  const own = item.ImageTags?.['Primary'];
  if (own) return { itemId: item.Id, tag: own };
  return item.SeriesId && item.SeriesPrimaryImageTag ? { itemId: item.SeriesId, tag: item.SeriesPrimaryImageTag } : null;
};

/** Null for what is no film, episode or clip. An item without a running time has a duration of 0. */
export const catalogueItem = (item: LibraryItem, context: CatalogueContext): JellyfinCatalogueItem | null => {
  const kind = Object.hasOwn(KINDS, item.Type) ? KINDS[item.Type as keyof typeof KINDS] : null;
  if (kind === null) return null;
  const isEpisode = kind === 'episode';
  const series = isEpisode && item.SeriesId ? { id: item.SeriesId, title: item.SeriesName ?? '' } : null;
  const above = series === null ? undefined : context.series.get(series.id);
  const rating = item.OfficialRating || above?.rating || null;
  return {
    server: context.server,
    id: item.Id,
    libraryId: context.libraryId,
    kind,
    title: item.Name ?? '',
    series,
    season: isEpisode ? (item.ParentIndexNumber ?? null) : null,
    episode: isEpisode ? (item.IndexNumber ?? null) : null,
    durationMs: Math.max(0, Math.round((item.RunTimeTicks ?? 0) / TICKS_PER_MS)),
    genres: both(item.Genres ?? [], above?.genres),
    tags: both(item.Tags ?? [], above?.tags),
    studios: both(names(item.Studios), above?.studios),
    year: item.ProductionYear ?? null,
    rating,
    ratingScore: scoreOf(rating, context.scores),
    overview: item.Overview || null,
    communityRating: item.CommunityRating ?? null,
    image: imageOf(item),
    path: item.Path || null,
  };
};
