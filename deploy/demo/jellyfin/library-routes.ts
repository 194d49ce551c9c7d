// Folders, genres, studios, ratings, seasons, episodes and pictures: the rest of a library.
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { type Answer, json, noContent, refusals } from './answer.ts';
import { idOf, parseId } from './identity.ts';
import type { Dto } from './item-dto.ts';
import { allowedTo, itemKinds, sortItems } from './item-query.ts';
import { askedUser, folderDto, type ItemRoutesNeed, page } from './item-routes.ts';
import type { LibraryItem } from './library.ts';
import { folderOf, isBelow } from './open-library.ts';
import { parentalRatings } from './parental-ratings.ts';
import { bodyOf, type Exchange, type Route } from './route-table.ts';

export type LibraryRoutesNeed = ItemRoutesNeed & {
  readonly ratingsHaveScores: boolean;
  /** Resolves when the scan is over. */
  readonly scan: () => Promise<void>;
  /** The logo of a Live TV channel. */
  readonly channelImage: (id: string | null) => Promise<Answer | null>;
};

/** Items below `parentId`, of the given types, that this user may see. */
function scope(need: LibraryRoutesNeed, exchange: Exchange): readonly LibraryItem[] {
  const user = askedUser(need.users, exchange);
  const types = itemKinds(exchange.query('includeItemTypes'));
  const parentId = parseId(exchange.query('parentId'));
  const may = user ? allowedTo(user.policy, (item) => folderOf(need.library, item)) : () => true;
  return need.library.items.filter(
    (item) =>
      (types.size === 0 || types.has(item.type.toLowerCase())) &&
      (parentId === null || isBelow(need.library, item, parentId, true)) &&
      may(item),
  );
}

/** Genres, Studios: a name for each that an item has, in alphabetical order. */
function names(need: LibraryRoutesNeed, type: 'Genre' | 'Studio', of: (item: LibraryItem) => readonly string[]) {
  return (exchange: Exchange): Answer => {
    const items = scope(need, exchange);
    const found = [...new Set(items.flatMap(of))].sort();
    const count = (name: string, kind: LibraryItem['type']) =>
      items.filter((item) => item.type === kind && of(item).includes(name)).length;
    const entries = found.map(
      (name): Dto => ({
        Name: name,
        ServerId: need.serverId,
        Id: idOf(`${type.toLowerCase()} ${name}`),
        ChannelId: null,
        Type: type,
        MovieCount: count(name, 'Movie'),
        SeriesCount: count(name, 'Series'),
        EpisodeCount: count(name, 'Episode'),
        MediaType: 'Unknown',
      }),
    );
    return json({ Items: entries, TotalRecordCount: entries.length, StartIndex: 0 });
  };
}

function filters(need: LibraryRoutesNeed, exchange: Exchange): Answer {
  const items = scope(need, exchange);
  const unique = <T>(of: (item: LibraryItem) => readonly T[]) => [...new Set(items.flatMap(of))].sort();
  return json({
    Genres: unique((item) => item.genres),
    Tags: unique((item) => item.facts?.tags ?? []),
    OfficialRatings: unique((item) => (item.facts?.rating === undefined ? [] : [item.facts.rating])),
    Years: unique((item) => [item.year]),
  });
}

/** A key sees missing episodes; a user only where isMissing is said, since DisplayMissingEpisodes is off. */
function showsMissing(exchange: Exchange): boolean {
  return exchange.caller.kind === 'key' || exchange.query('isMissing')?.toLowerCase() === 'true';
}

function showRoutes(need: LibraryRoutesNeed): Route[] {
  const list = (type: 'Season' | 'Episode') => (exchange: Exchange) => {
    const user = askedUser(need.users, exchange);
    const series = need.library.byId(parseId(exchange.params['id']));
    if (series?.type !== 'Series') throw refusals.notFound();
    const seasonId = parseId(exchange.query('seasonId'));
    const season = Number.parseInt(exchange.query('season') ?? '', 10);
    const missing = exchange.query('isMissing')?.toLowerCase();
    const found = need.library.items.filter(
      (item) =>
        item.type === type &&
        isBelow(need.library, item, series.id, true) &&
        (type === 'Season' || seasonId === null || item.parentId === seasonId) &&
        (type === 'Season' || seasonId !== null || Number.isNaN(season) || item.series?.season === season) &&
        (!item.facts?.virtual || (missing !== 'false' && showsMissing(exchange))),
    );
    const order = (name: string) => (name === 'sortBy' ? 'AiredEpisodeOrder' : null);
    return page(need, exchange, sortItems(found, order), user);
  };
  return [
    { method: 'GET', path: '/Shows/{id}/Seasons', access: 'user', handle: list('Season') },
    { method: 'GET', path: '/Shows/{id}/Episodes', access: 'user', handle: list('Episode') },
  ];
}

const pictureTypes: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
};

/** Anonymous, in the real server as well. */
async function picture(need: LibraryRoutesNeed, exchange: Exchange): Promise<Answer> {
  const id = parseId(exchange.params['id']);
  const file = need.library.byId(id)?.facts?.image;
  if (exchange.params['type']?.toLowerCase() !== 'primary') throw refusals.notFound();
  if (file === undefined) {
    const logo = await need.channelImage(id);
    if (!logo) throw refusals.notFound();
    return logo;
  }
  const found = await stat(file).catch(() => null);
  if (!found) throw refusals.notFound();
  const type = pictureTypes[/\.(\w+)$/.exec(file)?.[1]?.toLowerCase() ?? ''] ?? 'image/png';
  return { status: 200, type, headers: { 'Content-Length': String(found.size) }, body: createReadStream(file) };
}

function folderRoutes(need: LibraryRoutesNeed): Route[] {
  const folders = () =>
    need.library.folders.map((folder) => ({
      Name: folder.name,
      Locations: [folder.path],
      CollectionType: folder.collectionType,
      LibraryOptions: { Enabled: true, EnableRealtimeMonitor: false, PathInfos: [{ Path: folder.path }] },
      ItemId: folder.id,
      RefreshStatus: 'Idle',
    }));
  const media = () => need.library.folders.map((folder) => folderDto(folder, need.serverId));
  return [
    { method: 'GET', path: '/Library/VirtualFolders', access: 'admin', handle: () => json(folders()) },
    {
      method: 'GET',
      path: '/Library/MediaFolders',
      access: 'admin',
      handle: () => json({ Items: media(), TotalRecordCount: media().length, StartIndex: 0 }),
    },
    {
      method: 'POST',
      path: '/Library/Refresh',
      access: 'admin',
      async handle() {
        // The call waits for the whole scan.
        await need.scan();
        return noContent;
      },
    },
    {
      method: 'POST',
      path: '/Library/Media/Updated',
      access: 'user',
      handle(exchange) {
        const updates = bodyOf(exchange)['Updates'];
        // An unknown path and an empty body are 204; a null path is an ArgumentException.
        if (Array.isArray(updates) && updates.some((update) => typeof update?.Path !== 'string')) throw refusals.processing(400);
        return noContent;
      },
    },
    { method: 'POST', path: '/Items/{id}/Refresh', access: 'admin', handle: () => noContent },
  ];
}

export function libraryRoutes(need: LibraryRoutesNeed): Route[] {
  return [
    { method: 'GET', path: '/Genres', access: 'user', handle: names(need, 'Genre', (item) => item.genres) },
    { method: 'GET', path: '/Studios', access: 'user', handle: names(need, 'Studio', (item) => item.facts?.studios ?? []) },
    { method: 'GET', path: '/Items/Filters', access: 'user', handle: (exchange) => filters(need, exchange) },
    {
      method: 'GET',
      path: '/Localization/ParentalRatings',
      access: 'user',
      handle: () => json(parentalRatings(need.ratingsHaveScores)),
    },
    { method: 'GET', path: '/Items/{id}/Images/{type}', access: 'none', handle: (exchange) => picture(need, exchange) },
    { method: 'GET', path: '/Items/{id}/Images/{type}/{index}', access: 'none', handle: (exchange) => picture(need, exchange) },
    ...showRoutes(need),
    ...folderRoutes(need),
  ];
}
