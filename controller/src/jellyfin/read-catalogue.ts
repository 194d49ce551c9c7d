// Everything below one library, collection, playlist or series, in pages.
import { setImmediate as breathe } from 'node:timers/promises';
import { ControllerError } from '../errors.ts';
import {
  type CatalogueContext,
  catalogueItem,
  type JellyfinCatalogueItem,
  PLAYABLE,
  type SeriesFacts,
  scoresOf,
  seriesFacts,
} from './catalogue-items.ts';
import type { JellyfinHttp } from './jellyfin-http.ts';
import { itemPage, type LibraryItem, libraryItem, parentalRatings, readableItems } from './library-schemas.ts';

/** Items a request: some hundred kB of JSON. */
const PAGE = 500;
/** Items that are looked at in one go: 20,000 of them must not hold up whoever else waits. */
const SLICE = 100;
/** Of one shelf; a server that never stops answering must not fill memory. */
const MAX_PAGES = 400;
/** A slow disk and 500 overviews. */
const TIMEOUT_MS = 60_000;
const FIELDS = 'Genres,Tags,Studios,Overview,Path';

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;
type Source = { readonly http: JellyfinHttp; readonly server: string; readonly userId: string };
type Pages = AsyncGenerator<readonly LibraryItem[]>;

/** What each list asks: no user data, no count (dear on 10.11), no picture but the first. */
export const LEAN: Query = { enableUserData: false, enableImages: true, imageTypeLimit: 1, enableImageTypes: 'Primary' };

/** Leaves out what has no file; films in a collection stay films. */
const PRESENT: Query = { isMissing: false, excludeLocationTypes: 'Virtual', collapseBoxSetItems: false };

async function* pagesOf({ http }: Source, path: string, query: Query, signal: AbortSignal): Pages {
  const seen = new Set<string>();
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const paging = { startIndex: page * PAGE, limit: PAGE };
    const { Items: entries } = await http.ask(itemPage, { path, query: { ...query, ...paging }, timeoutMs: TIMEOUT_MS, signal });
    for (let from = 0; from < entries.length; from += SLICE) {
      // Paging is no snapshot: what was added meanwhile moves items from one page to the next.
      const items = readableItems(entries.slice(from, from + SLICE)).filter(({ Id: id }) => !seen.has(id) && seen.add(id));
      if (items.length > 0) yield items;
      await breathe();
    }
    if (entries.length < PAGE) return;
  }
  throw new ControllerError('upstream_failed', `${http.who}: ${path} does not end after ${MAX_PAGES * PAGE} entries`);
}

const below = (source: Source, parentId: string, types: string, signal: AbortSignal): Pages =>
  pagesOf(
    source,
    '/Items',
    {
      userId: source.userId,
      parentId,
      recursive: true,
      includeItemTypes: types,
      fields: FIELDS,
      sortBy: 'DateCreated,SortName',
      enableTotalRecordCount: false,
      ...PRESENT,
      ...LEAN,
    },
    signal,
  );

const readOne = ({ http, userId }: Source, id: string, signal: AbortSignal): Promise<LibraryItem> =>
  http.ask(libraryItem, { path: `/Items/${encodeURIComponent(id)}`, query: { userId }, signal });

/** By its own address; a playlist by the list of them, which is what was seen on a real server. @throws ControllerError not_found */
async function findParent(source: Source, id: string, signal: AbortSignal): Promise<LibraryItem> {
  try {
    return await readOne(source, id, signal);
  } catch (error) {
    if (!(error instanceof ControllerError) || error.code !== 'not_found') throw error;
    const query = { userId: source.userId, recursive: true, includeItemTypes: 'Playlist', ...LEAN };
    for await (const page of pagesOf(source, '/Items', query, signal))
      for (const one of page) if (one.Id.replaceAll('-', '') === id.replaceAll('-', '')) return one;
    throw error;
  }
}

/** Episodes rarely carry genres of their own. */
async function seriesBelow(source: Source, parent: LibraryItem, signal: AbortSignal): Promise<Map<string, SeriesFacts>> {
  const series = new Map<string, SeriesFacts>();
  if (parent.Type === 'Series') series.set(parent.Id, seriesFacts(parent));
  else if (parent.CollectionType !== 'movies')
    for await (const page of below(source, parent.Id, 'Series', signal))
      for (const one of page) series.set(one.Id, seriesFacts(one));
  return series;
}

/** A collection or playlist has members in an order of its own; a series among them stands for its episodes. */
async function* members(source: Source, parent: LibraryItem, signal: AbortSignal): Pages {
  const { userId } = source;
  const lists =
    parent.Type === 'Playlist'
      ? pagesOf(source, `/Playlists/${encodeURIComponent(parent.Id)}/Items`, { userId, fields: FIELDS, ...LEAN }, signal)
      : pagesOf(
          source,
          '/Items',
          { userId, parentId: parent.Id, recursive: false, fields: FIELDS, enableTotalRecordCount: false, ...PRESENT, ...LEAN },
          signal,
        );
  for await (const page of lists)
    for (const item of page) {
      if (item.Type === 'Series' || item.Type === 'Season') yield* below(source, item.Id, 'Episode', signal);
      else yield [item];
    }
}

/** Series that members come from, looked up once each. */
async function learnSeries(source: Source, items: readonly LibraryItem[], known: Map<string, SeriesFacts>, signal: AbortSignal) {
  for (const { SeriesId: id } of items) {
    if (!id || known.has(id)) continue;
    known.set(id, seriesFacts(await readOne(source, id, signal)));
  }
}

/**
 * Finds out by itself what the id is. Items of a collection, playlist or series have its id as their `libraryId`.
 * @throws ControllerError not_found for an id that is none there
 */
export async function* readCatalogue(
  source: Source,
  id: string,
  signal: AbortSignal,
): AsyncGenerator<readonly JellyfinCatalogueItem[]> {
  const parent = await findParent(source, id, signal);
  const ratings = await source.http.ask(parentalRatings, { path: '/Localization/ParentalRatings', signal });
  const isList = parent.Type === 'BoxSet' || parent.Type === 'Playlist';
  const series = isList ? new Map<string, SeriesFacts>() : await seriesBelow(source, parent, signal);
  const context: CatalogueContext = { server: source.server, libraryId: id, series, scores: scoresOf(ratings) };
  for await (const page of isList ? members(source, parent, signal) : below(source, id, PLAYABLE, signal)) {
    if (isList) await learnSeries(source, page, series, signal);
    const items = page.flatMap((item) => catalogueItem(item, context) ?? []);
    if (items.length > 0) yield items;
  }
}
