// Which items GET /Items answers with: each parameter as strict, and as forgiving, as the real server's (facts/jellyfin.md §4, facts/channels.md §4.6). Pure.
import { parseId } from './identity.ts';
import type { LibraryItem } from './library.ts';
import { ratingScore } from './parental-ratings.ts';

type Query = (name: string) => string | null;

const lower = (text: string) => text.trim().toLowerCase();

/** A comma list. */
export const commaList = (text: string | null): string[] =>
  (text ?? '')
    .split(',')
    .map(lower)
    .filter((name) => name !== '');
/** Genres, tags, studios and ratings may hold a comma: there it is a pipe, and `A,B` is one odd name that nothing has. */
const pipeList = (text: string | null): string[] =>
  (text ?? '')
    .split('|')
    .map(lower)
    .filter((name) => name !== '');

/** BaseItemKind, in lower case: what is not in it is dropped from a list without a word. */
const kinds = new Set(
  `aggregatefolder audio audiobook basepluginfolder book boxset channel channelfolderitem collectionfolder episode folder genre
  manualplaylistsfolder movie livetvchannel livetvprogram musicalbum musicartist musicgenre musicvideo person photo photoalbum
  playlist playlistsfolder program recording season series studio trailer tvchannel tvprogram userrootfolder userview video year`.split(
    /\s+/,
  ),
);

/** A list of nothing but misspelt types is no filter at all. */
export const itemKinds = (text: string | null): ReadonlySet<string> => new Set(commaList(text).filter((kind) => kinds.has(kind)));

export const isTrue = (text: string | null): boolean => text?.toLowerCase() === 'true';

type Filter = (item: LibraryItem) => boolean;

function anyOf(wanted: readonly string[], have: (item: LibraryItem) => readonly string[]): Filter[] {
  if (wanted.length === 0) return [];
  const names = new Set(wanted);
  return [(item) => have(item).some((name) => names.has(name.toLowerCase()))];
}

function presence(query: Query): Filter[] {
  const virtual = (item: LibraryItem) => item.facts?.virtual === true;
  const filters: Filter[] = [];
  const missing = query('isMissing')?.toLowerCase();
  if (missing === 'true') filters.push((item) => virtual(item) && item.type === 'Episode');
  if (missing === 'false') filters.push((item) => !(virtual(item) && item.type === 'Episode'));
  if (commaList(query('excludeLocationTypes')).includes('virtual')) filters.push((item) => !virtual(item));
  const locations = commaList(query('locationTypes')).filter((type) => /^(filesystem|remote|virtual|offline)$/.test(type));
  if (locations.length > 0) filters.push((item) => virtual(item) === locations.includes('virtual'));
  return filters;
}

function numbers(query: Query): Filter[] {
  const filters: Filter[] = [];
  const years = commaList(query('years')).map(Number).filter(Number.isInteger);
  if (years.length > 0) filters.push((item) => years.includes(item.year));
  const since = Date.parse(query('minDateLastSaved') ?? '');
  if (!Number.isNaN(since)) filters.push((item) => (item.facts?.savedMs ?? 0) >= since);
  const season = Number.parseInt(query('parentIndexNumber') ?? '', 10);
  if (!Number.isNaN(season)) filters.push((item) => item.series?.season === season);
  const highest = ratingScore(query('maxOfficialRating') ?? '');
  // An item without a rating passes, as one whose rating nobody knows.
  if (highest !== null) filters.push((item) => (ratingScore(item.facts?.rating ?? '') ?? 0) <= highest);
  for (const name of ['Tmdb', 'Imdb', 'Tvdb']) {
    const wanted = query(`has${name}Id`)?.toLowerCase();
    if (wanted === 'true' || wanted === 'false') filters.push((item) => name in item.providerIds === (wanted === 'true'));
  }
  return filters;
}

const mediaType = (item: LibraryItem) =>
  item.type === 'Audio' ? 'audio' : item.source || item.facts?.virtual ? 'video' : 'unknown';

/** All that does not depend on where an item lies or who asks. Unknown keys are never looked at. */
export function itemFilters(query: Query): Filter[] {
  const ids = new Set(commaList(query('ids')).map((id) => parseId(id)));
  const types = itemKinds(query('includeItemTypes'));
  const not = itemKinds(query('excludeItemTypes'));
  const media = commaList(query('mediaTypes')).filter((type) => /^(unknown|video|audio|photo|book)$/.test(type));
  const search = query('searchTerm')?.toLowerCase();
  const start = query('nameStartsWith')?.toLowerCase();
  const flags = commaList(query('filters'));
  return [
    ...(ids.size > 0 ? [(item: LibraryItem) => ids.has(item.id)] : []),
    ...(types.size > 0 ? [(item: LibraryItem) => types.has(item.type.toLowerCase())] : []),
    ...(not.size > 0 ? [(item: LibraryItem) => !not.has(item.type.toLowerCase())] : []),
    ...(media.length > 0 ? [(item: LibraryItem) => media.includes(mediaType(item))] : []),
    ...(search ? [(item: LibraryItem) => item.name.toLowerCase().includes(search)] : []),
    ...(start ? [(item: LibraryItem) => item.name.toLowerCase().startsWith(start)] : []),
    ...(flags.includes('isnotfolder') ? [(item: LibraryItem) => item.source !== null || item.facts?.virtual === true] : []),
    ...(flags.includes('isfolder') ? [(item: LibraryItem) => item.source === null && !item.facts?.virtual] : []),
    ...anyOf(pipeList(query('genres')), (item) => item.genres),
    ...anyOf(pipeList(query('tags')), (item) => item.facts?.tags ?? []),
    ...anyOf(pipeList(query('studios')), (item) => item.facts?.studios ?? []),
    ...anyOf(pipeList(query('officialRatings')), (item) => (item.facts?.rating === undefined ? [] : [item.facts.rating])),
    ...numbers(query),
    ...presence(query),
  ];
}

const place = (item: LibraryItem) =>
  item.series ? item.series.season * 10_000 + item.series.episode : (item.facts?.number ?? 0);

/** By ItemSortBy, in lower case; what is not here is dropped. */
const keys: Readonly<Record<string, (item: LibraryItem) => string | number>> = {
  sortname: (item) => (item.series ? `${String(place(item)).padStart(9, '0')} ${item.name}` : item.name).toLowerCase(),
  name: (item) => item.name.toLowerCase(),
  seriessortname: (item) => (item.series?.name ?? item.name).toLowerCase(),
  datecreated: (item) => item.facts?.createdMs ?? 0,
  premieredate: (item) => item.facts?.premiereMs ?? Date.UTC(item.year, 0),
  productionyear: (item) => item.year,
  runtime: (item) => item.runtimeMs,
  communityrating: (item) => item.facts?.community ?? 0,
  indexnumber: (item) => item.series?.episode ?? item.facts?.number ?? 0,
  parentindexnumber: (item) => item.series?.season ?? 0,
  airedepisodeorder: place,
};

/** Without a known key the order of the library stays. `more` are keys that depend on the user. */
export function sortItems(
  items: readonly LibraryItem[],
  query: Query,
  more: Readonly<Record<string, (item: LibraryItem) => string | number>> = {},
): readonly LibraryItem[] {
  const by = commaList(query('sortBy')).flatMap((name) => keys[name] ?? more[name] ?? []);
  if (by.length === 0) return items;
  const orders = commaList(query('sortOrder'));
  const down = by.map((_, index) => (orders[index] ?? orders.at(-1)) === 'descending');
  const rows = items.map((item) => ({ item, values: by.map((key) => key(item)) }));
  rows.sort((a, b) => {
    for (const [index, left] of a.values.entries()) {
      const right = b.values[index] ?? '';
      if (left !== right) return left < right === down[index] ? 1 : -1;
    }
    return 0;
  });
  return rows.map(({ item }) => item);
}

/** What a user's policy hides: libraries, ratings above the highest, blocked tags, all without an allowed one. */
export function allowedTo(policy: Readonly<Record<string, unknown>>, folderOf: (item: LibraryItem) => string | null): Filter {
  const texts = (name: string) => {
    const value = policy[name];
    return new Set((Array.isArray(value) ? value : []).map((entry) => String(entry).replaceAll('-', '').toLowerCase()));
  };
  const [folders, blocked, allowed] = [texts('EnabledFolders'), texts('BlockedTags'), texts('AllowedTags')];
  const highest = policy['MaxParentalRating'];
  const free = policy['EnableAllFolders'] !== false && typeof highest !== 'number';
  if (free && blocked.size === 0 && allowed.size === 0) return () => true;
  return (item) => {
    const tags = (item.facts?.tags ?? []).map((tag) => tag.replaceAll('-', '').toLowerCase());
    if (policy['EnableAllFolders'] === false && !folders.has(folderOf(item) ?? '')) return false;
    if (typeof highest === 'number' && (ratingScore(item.facts?.rating ?? '') ?? 0) > highest) return false;
    if (tags.some((tag) => blocked.has(tag))) return false;
    return allowed.size === 0 || tags.some((tag) => allowed.has(tag));
  };
}
