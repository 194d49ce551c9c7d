// REST shapes of looking around in a Jellyfin, and what is asked of the server for them.
import { z } from 'zod';

export type BrowseQuery = {
  readonly parentId: string;
  readonly startIndex: number;
  readonly limit: number;
  readonly sortBy: string | null;
  readonly sortOrder: 'Ascending' | 'Descending';
  readonly types: readonly string[];
  /** Any of these. */
  readonly genres: readonly string[];
  readonly recursive: boolean;
  readonly search: string | null;
};

export type BrowseItem = {
  readonly id: string;
  readonly name: string;
  /** Jellyfin's own: Movie, Series, Season, Episode, BoxSet, Playlist… */
  readonly type: string;
  readonly seriesName: string | null;
  readonly season: number | null;
  readonly episode: number | null;
  readonly durationMs: number | null;
  readonly genres: readonly string[];
  readonly year: number | null;
  readonly rating: string | null;
  readonly overview: string | null;
  /** Of its own picture; null for none. */
  readonly imageTag: string | null;
};

export type BrowsePage = { readonly items: readonly BrowseItem[]; readonly total: number | null };

/** One Jellyfin as this page of the API needs it. All throw ControllerError upstream_…, timeout, not_found. */
export type BrowseServer = {
  users(
    signal: AbortSignal,
  ): Promise<readonly { readonly id: string; readonly name: string; readonly isAdministrator: boolean }[]>;
  libraries(
    signal: AbortSignal,
  ): Promise<readonly { readonly id: string; readonly name: string; readonly collectionType: string | null }[]>;
  genres(libraryId: string | null, signal: AbortSignal): Promise<readonly string[]>;
  items(query: BrowseQuery, signal: AbortSignal): Promise<BrowsePage>;
  seasons(seriesId: string, signal: AbortSignal): Promise<BrowsePage>;
  episodes(seasonId: string, signal: AbortSignal): Promise<BrowsePage>;
  item(id: string, signal: AbortSignal): Promise<Pick<BrowseItem, 'imageTag'>>;
  /** Null where it is gone. */
  image(
    of: { readonly itemId: string; readonly tag: string; readonly maxWidth: number },
    signal: AbortSignal,
  ): Promise<{ readonly bytes: Uint8Array } | null>;
};

export const id = z.string().min(1).max(64);
export const byServer = z.object({ server: z.string().max(64).optional().describe('may be left out where there is one') });
/** A list in one value, or a value given several times. */
const list = z
  .union([z.string(), z.array(z.string())])
  .optional()
  .transform((value) =>
    [value ?? []]
      .flat()
      .flatMap((one) => one.split(/[|,]/))
      .map((one) => one.trim())
      .filter(Boolean),
  );
const genreList = z
  .union([z.string(), z.array(z.string())])
  .optional()
  .transform((value) =>
    [value ?? []]
      .flat()
      .flatMap((one) => one.split('|'))
      .map((one) => one.trim())
      .filter(Boolean),
  );

const itemView = z.object({
  id: z.string(),
  name: z.string(),
  type: z.string(),
  series_name: z.string().nullable(),
  season_number: z.int().nullable(),
  episode_number: z.int().nullable(),
  duration: z.number().nullable().describe('seconds'),
  genres: z.array(z.string()),
  year: z.int().nullable(),
  rating: z.string().nullable(),
  overview: z.string().nullable(),
});
export const pageView = z.object({ items: z.array(itemView), total: z.int().nullable() });

const viewItem = (item: BrowseItem): z.input<typeof itemView> => ({
  id: item.id,
  name: item.name,
  type: item.type,
  series_name: item.seriesName,
  season_number: item.season,
  episode_number: item.episode,
  duration: item.durationMs === null ? null : item.durationMs / 1_000,
  genres: [...item.genres],
  year: item.year,
  rating: item.rating,
  overview: item.overview,
});
export const viewPage = ({ items, total }: BrowsePage): z.input<typeof pageView> => ({ items: items.map(viewItem), total });

/** @param sizes pages: what is given unasked, and the most */
export const pageQuery = ({ defaultPageSize, maxPageSize }: { readonly defaultPageSize: number; readonly maxPageSize: number }) =>
  byServer.extend({
    start_index: z.coerce.number().int().min(0).max(10_000_000).default(0),
    limit: z.coerce.number().int().min(1).default(defaultPageSize).describe(`more than ${maxPageSize} count as ${maxPageSize}`),
    sort_by: z
      .string()
      .regex(/^[A-Za-z,]{1,100}$/, 'must be names like SortName,ProductionYear')
      .optional(),
    sort_order: z.enum(['Ascending', 'Descending']).default('Ascending'),
    types: list.describe('Movie,Series,Episode…'),
    include_item_types: list.describe('the same, as JellyStream calls it'),
    genres: genreList.describe('Horror|Comedy: any of these'),
    recursive: z
      .enum(['true', 'false'])
      .transform((value) => value === 'true')
      .optional()
      .describe('all below, not only what lies directly in it; default: where genres or a search are given'),
    search: z.string().max(200).optional(),
  });
