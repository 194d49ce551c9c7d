// Pure: which items of the catalogue may be on a channel.
import { type CatalogueItem, itemKey } from '../catalogue-item.ts';
import type { Selection } from '../channel.ts';
import { compareEpisodes, compareText } from './episode-order.ts';
import { atOnce, type InSteps, sortInSteps } from './in-steps.ts';

/** Shorter ones are trailers and mistakes. */
const SHORTEST_ITEM_MS = 30_000;
/** Longer ones have a wrong running time. */
const LONGEST_ITEM_MS = 24 * 3_600_000;

/** The catalogue sorted and looked through once for all channels. */
export type CatalogueIndex = {
  /** Fit to air, each once; by library. */
  readonly libraries: ReadonlyMap<string, readonly CatalogueItem[]>;
  readonly series: ReadonlyMap<string, readonly CatalogueItem[]>;
  readonly items: ReadonlyMap<string, CatalogueItem>;
  /** An item is in two libraries. */
  readonly hasDoubles: boolean;
  /** Genre in lower case, then library: places in the library's list, rising. */
  readonly genres: ReadonlyMap<string, ReadonlyMap<string, readonly number[]>>;
};

/** Name of a collection, playlist or series among `members`. */
export const sourceKey = ({
  server,
  kind,
  id,
}: {
  readonly server: string;
  readonly kind: string;
  readonly id: string;
}): string => `${server}/${kind}/${id}`;

/**
 * `catalogue`: all items, or what `indexCatalogue` made of them. `members`: per `sourceKey` the item keys in the source's own order.
 * The same film in two libraries of a server (the same key) comes once, episodes in order. Letter case of genres, tags and studios never counts.
 */
export function selectItems(
  catalogue: readonly CatalogueItem[] | CatalogueIndex,
  selection: Selection,
  members: ReadonlyMap<string, readonly string[]> = new Map(),
): readonly CatalogueItem[] {
  const index = isIndex(catalogue) ? catalogue : indexCatalogue(catalogue);
  const mayAir = narrowing(selection);
  const ofLibraries = new Set(selection.libraries.map(({ server, id }) => `${server}/${id}`));
  const found = [...ofLibraries].flatMap((key) => {
    const list = ofGenres(index, key, selection.genres);
    return mayAir === null ? list : list.filter(mayAir);
  });
  const isWanted = (item: CatalogueItem): boolean => isOfGenres(item, selection.genres) && (mayAir?.(item) ?? true);
  const ofSources = selection.sources.flatMap((source) => membersOf(index, source, members).filter(isWanted).toArray());
  return ofSources.length > 0 || index.hasDoubles ? [...new Set([...found, ...ofSources])] : found;
}

/** Of a filler: clips may be shorter than what else airs; of libraries, collections and playlists. */
export function selectClips(
  catalogue: readonly CatalogueItem[],
  from: readonly { readonly server: string; readonly id: string }[],
  members: ReadonlyMap<string, readonly string[]> = new Map(),
): readonly CatalogueItem[] {
  const libraries = new Set(from.map(({ server, id }) => `${server}/${id}`));
  const named = from.flatMap(({ server, id }) =>
    ['collection', 'playlist'].flatMap((kind) => members.get(sourceKey({ server, kind, id })) ?? []),
  );
  const keys = new Set(named);
  const found = new Map<string, CatalogueItem>();
  for (const item of catalogue) {
    if (!(item.durationMs >= 1000 && item.durationMs <= LONGEST_ITEM_MS)) continue;
    const key = itemKey(item);
    if (libraries.has(`${item.server}/${item.libraryId}`) || keys.has(key)) found.set(key, found.get(key) ?? item);
  }
  return [...found.values()];
}

/** Takes some 40 ms for 20,000 items: made once when the catalogue changes, where others wait by `indexInSteps`. */
export function indexCatalogue(catalogue: readonly CatalogueItem[]): CatalogueIndex {
  return atOnce(indexInSteps(catalogue));
}

const ITEMS_A_STEP = 2_000;

/** The same with a pause every few ms, for whoever has other things to do in between. */
export function* indexInSteps(catalogue: readonly CatalogueItem[]): InSteps<CatalogueIndex> {
  const libraries = new Map<string, CatalogueItem[]>();
  const series = new Map<string, CatalogueItem[]>();
  const items = new Map<string, CatalogueItem>();
  const genres = new Map<string, Map<string, number[]>>();
  let hasDoubles = false;
  for (const [i, item] of catalogue.entries()) {
    if (i % ITEMS_A_STEP === ITEMS_A_STEP - 1) yield;
    if (!(item.durationMs >= SHORTEST_ITEM_MS && item.durationMs <= LONGEST_ITEM_MS)) continue;
    const key = itemKey(item);
    const first = items.get(key);
    // In another library too: one item, found by both.
    const one = first ?? item;
    push(libraries, `${item.server}/${item.libraryId}`, one);
    hasDoubles ||= first !== undefined;
    if (first) continue;
    items.set(key, item);
    if (item.series) push(series, `${item.server}/${item.series.id}`, item);
  }
  for (const [library, list] of libraries) {
    yield* sortInSteps(list, compareItems);
    for (const [place, item] of list.entries()) {
      if (place % ITEMS_A_STEP === ITEMS_A_STEP - 1) yield;
      for (const genre of item.genres) note(genres, genre.toLowerCase(), library, place);
    }
  }
  for (const list of series.values()) list.sort(compareItems);
  return { hasDoubles, libraries, series, items, genres };
}

const isIndex = (catalogue: readonly CatalogueItem[] | CatalogueIndex): catalogue is CatalogueIndex => 'libraries' in catalogue;

/** The answer of a server has no order to rely on; the schedule shall follow from the items alone. */
const compareItems = (a: CatalogueItem, b: CatalogueItem): number =>
  compareText(a.series?.id ?? '', b.series?.id ?? '') || compareEpisodes(a, b);

/** An item may say a genre twice. */
function note(genres: Map<string, Map<string, number[]>>, genre: string, library: string, place: number): void {
  const libraries = genres.get(genre) ?? new Map<string, number[]>();
  genres.set(genre, libraries);
  const places = libraries.get(library);
  if (places === undefined) libraries.set(library, [place]);
  else if (places.at(-1) !== place) places.push(place);
}

function push(map: Map<string, CatalogueItem[]>, key: string, item: CatalogueItem): void {
  const known = map.get(key);
  if (known) known.push(item);
  else map.set(key, [item]);
}

function* membersOf(
  index: CatalogueIndex,
  source: Selection['sources'][number],
  members: ReadonlyMap<string, readonly string[]>,
): Generator<CatalogueItem> {
  if (source.kind === 'series') yield* index.series.get(`${source.server}/${source.id}`) ?? [];
  for (const key of members.get(sourceKey(source)) ?? []) {
    const item = index.items.get(key);
    if (item) yield item;
    // A series among a collection's members stands for its episodes.
    else yield* index.series.get(key) ?? [];
  }
}

/** In the library's order. A hundred channels ask: only what has a genre is looked at. */
function ofGenres(index: CatalogueIndex, library: string, genres: Selection['genres']): readonly CatalogueItem[] {
  const list = index.libraries.get(library) ?? [];
  if (genres.length === 0) return list;
  const marked = new Uint8Array(list.length);
  for (const { genre, contentType } of genres) {
    for (const place of index.genres.get(genre.toLowerCase())?.get(library) ?? []) {
      const item = list[place];
      if (item !== undefined && isOfType(item, contentType)) marked[place] = 1;
    }
  }
  return list.filter((_, place) => marked[place] === 1);
}

const isOfGenres = (item: CatalogueItem, genres: Selection['genres']): boolean =>
  genres.length === 0 ||
  genres.some(
    ({ genre, contentType }) =>
      isOfType(item, contentType) && item.genres.some((own) => own.toLowerCase() === genre.toLowerCase()),
  );

/** By all but libraries and genres; null where nothing is asked for. */
function narrowing(selection: Selection): ((item: CatalogueItem) => boolean) | null {
  const { years, maxRating } = selection;
  const [tags, studios] = [lowerSet(selection.tags), lowerSet(selection.studios)];
  const excluded = new Set(selection.exclusions.map(itemKey));
  if (tags.size === 0 && studios.size === 0 && !years && !maxRating && excluded.size === 0) return null;
  return (item) =>
    (tags.size === 0 || item.tags.some((tag) => tags.has(tag.toLowerCase()))) &&
    (studios.size === 0 || item.studios.some((studio) => studios.has(studio.toLowerCase()))) &&
    (!years || isWithin(item.year, years)) &&
    (!maxRating || isRated(item, maxRating)) &&
    (excluded.size === 0 || !(excluded.has(itemKey(item)) || (item.series && excluded.has(`${item.server}/${item.series.id}`))));
}

/** Home videos count as films. */
const isOfType = ({ kind }: CatalogueItem, type: 'movie' | 'episode' | 'both'): boolean =>
  type === 'both' || (type === 'episode') === (kind === 'episode');

/** Without a year: only where none is asked for. */
const isWithin = (year: number | null, { from, to }: NonNullable<Selection['years']>): boolean =>
  (from === null && to === null) || (year !== null && year >= (from ?? year) && year <= (to ?? year));

/** A rating that the server has no number for airs only where it is the very one asked for: nobody can say that it is lower. */
const isRated = ({ rating, ratingScore }: CatalogueItem, most: NonNullable<Selection['maxRating']>): boolean => {
  if (ratingScore !== null) return ratingScore <= most.score;
  return rating === null || /^(nr|unrated|not rated|none)?$/i.test(rating) ? most.unrated : rating === most.name;
};

const lowerSet = (texts: readonly string[]): ReadonlySet<string> => new Set(texts.map((text) => text.toLowerCase()));
