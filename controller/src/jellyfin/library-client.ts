// What a Jellyfin has to show: users, libraries, genres, items, media, pictures. Each call as the administrator, since a key alone is nobody (400).
import { ControllerError } from '../errors.ts';
import type { MediaInfo } from '../on-air/media-info.ts';
import { type BrowseItem, type BrowsePage, type BrowseQuery, browseItem, EPISODES, itemQuery } from './browse-items.ts';
import type { JellyfinCatalogueItem } from './catalogue-items.ts';
import type { JellyfinHttp } from './jellyfin-http.ts';
import { userList } from './jellyfin-schemas.ts';
import { itemPage, type LibraryItem, libraryItem, readableItems, virtualFolders } from './library-schemas.ts';
import { mediaOfSource } from './media-of-item.ts';
import { LEAN, type Query, readCatalogue } from './read-catalogue.ts';

export type Library = { readonly id: string; readonly name: string; readonly collectionType: string | null };
export type LibraryUser = { readonly id: string; readonly name: string; readonly isAdministrator: boolean };

export type Picture = { readonly bytes: Uint8Array; readonly contentType: string };
export type StreamSource = {
  readonly path: string | null;
  readonly http: { readonly url: string; readonly headers: Readonly<Record<string, string>> };
};

/** All throw ControllerError: not_found for an id that is none there, else upstream_… and timeout. */
export type LibraryClient = {
  users(signal: AbortSignal): Promise<readonly LibraryUser[]>;
  /** Whose view of the libraries all calls take: the configured user, else an administrator. */
  currentUser(signal: AbortSignal): Promise<LibraryUser>;
  libraries(signal: AbortSignal): Promise<readonly Library[]>;
  /** Of films and episodes' series in one library, or in all. */
  genres(libraryId: string | null, signal: AbortSignal): Promise<readonly string[]>;
  /** @throws ControllerError input_invalid for a type or an order that the server would ignore without a word */
  items(query: BrowseQuery, signal: AbortSignal): Promise<BrowsePage>;
  seasons(seriesId: string, signal: AbortSignal): Promise<BrowsePage>;
  episodes(seasonId: string, signal: AbortSignal): Promise<BrowsePage>;
  item(
    id: string,
    signal: AbortSignal,
  ): Promise<BrowseItem & { readonly overview: string | null; readonly media: MediaInfo | null }>;
  /** Everything below one library, collection, playlist or series, in pages. */
  catalogue(id: string, signal: AbortSignal): AsyncIterable<readonly JellyfinCatalogueItem[]>;
  /** What the server's probe of an item found; null where it never looked. */
  media(id: string, signal: AbortSignal): Promise<MediaInfo | null>;
  /** Where its bytes are. The key is in the headers only. */
  sourceOf(item: { readonly id: string; readonly path: string | null }): StreamSource;
  /** Null where there is none. */
  image(
    of: { readonly itemId: string; readonly tag: string; readonly maxWidth: number },
    signal: AbortSignal,
  ): Promise<Picture | null>;
};

const plainId = (id: string): string => id.replaceAll('-', '').toLowerCase();

/** An administrator sees everything; the first user may be a child. */
const createWhoAmI = (http: JellyfinHttp, wanted: string | null) => {
  let known: { user: LibraryUser; outages: number } | null = null;
  const users = async (signal: AbortSignal) =>
    (await http.ask(userList, { path: '/Users', signal })).map(({ Id: id, Name: name, Policy: policy }) => ({
      id,
      name,
      isAdministrator: policy?.IsAdministrator ?? false,
      isDisabled: policy?.IsDisabled ?? false,
    }));
  const choose = async (signal: AbortSignal): Promise<LibraryUser> => {
    const all = await users(signal);
    const found =
      wanted === null
        ? all.find(({ isAdministrator, isDisabled }) => isAdministrator && !isDisabled)
        : all.find(({ id }) => plainId(id) === plainId(wanted));
    if (found) return { id: found.id, name: found.name, isAdministrator: found.isAdministrator };
    const problem = wanted === null ? 'has no administrator' : `has no user ${wanted}; check user_id of this media server`;
    throw new ControllerError('upstream_failed', `${http.who} ${problem}`);
  };
  return {
    users: async (signal: AbortSignal): Promise<readonly LibraryUser[]> =>
      (await users(signal)).map(({ id, name, isAdministrator }) => ({ id, name, isAdministrator })),
    async me(signal: AbortSignal): Promise<LibraryUser> {
      // Users are made and deleted; after an outage it may be another server altogether.
      if (known === null || known.outages !== http.outages()) known = { user: await choose(signal), outages: http.outages() };
      return known.user;
    },
  };
};

const fetchImage = async (http: JellyfinHttp, of: { itemId: string; tag: string; maxWidth: number }, signal: AbortSignal) => {
  const path = `/Items/${encodeURIComponent(of.itemId)}/Images/Primary`;
  const headers = { accept: 'image/*' };
  try {
    const { bytes, headers: told } = await http.send({
      path,
      query: { tag: of.tag, maxWidth: of.maxWidth },
      headers,
      binary: true,
      signal,
    });
    const type = told['content-type'];
    if (bytes === undefined || typeof type !== 'string' || !type.startsWith('image/')) return null;
    return { bytes, contentType: type };
  } catch (error) {
    if (error instanceof ControllerError && error.code === 'not_found') return null;
    throw error;
  }
};

/** @param userId of the configuration; null takes an administrator. */
export const createLibraryClient = (http: JellyfinHttp, server: string, userId: string | null): LibraryClient => {
  const who = createWhoAmI(http, userId);
  const list = async (path: string, query: Query, signal: AbortSignal) => {
    const { id } = await who.me(signal);
    const page = await http.ask(itemPage, { path, query: { userId: id, ...LEAN, ...query }, signal });
    return { items: readableItems(page.Items), total: page.TotalRecordCount ?? null };
  };
  const rows = async (path: string, query: Query, signal: AbortSignal): Promise<BrowsePage> => {
    const { items, total } = await list(path, query, signal);
    return { items: items.map(browseItem), total };
  };
  const one = async (id: string, signal: AbortSignal) => {
    const { id: me } = await who.me(signal);
    return await http.ask(libraryItem, { path: `/Items/${encodeURIComponent(id)}`, query: { userId: me }, signal });
  };
  const mediaOf = ({ MediaSources: sources }: LibraryItem): MediaInfo | null => (sources?.[0] ? mediaOfSource(sources[0]) : null);
  return {
    users: who.users,
    currentUser: who.me,
    async libraries(signal) {
      const folders = await http.ask(virtualFolders, { path: '/Library/VirtualFolders', signal });
      return folders.flatMap(({ ItemId: id, Name: name, CollectionType: type }) =>
        id ? [{ id, name, collectionType: type || null }] : [],
      );
    },
    async genres(libraryId, signal) {
      const query = {
        parentId: libraryId ?? undefined,
        includeItemTypes: 'Movie,Series,Video',
        sortBy: 'SortName',
        enableUserData: undefined,
      };
      return (await list('/Genres', query, signal)).items.flatMap(({ Name: name }) => name || []);
    },
    items: async (query, signal) => rows('/Items', itemQuery(query), signal),
    seasons: (id, signal) => rows(`/Shows/${encodeURIComponent(id)}/Seasons`, { isMissing: false }, signal),
    episodes: (parentId, signal) => rows('/Items', { parentId, ...EPISODES }, signal),
    async item(id, signal) {
      const found = await one(id, signal);
      return { ...browseItem(found), media: mediaOf(found) };
    },
    async *catalogue(id, signal) {
      const { id: me } = await who.me(signal);
      yield* readCatalogue({ http, server, userId: me }, id, signal);
    },
    media: async (id, signal) => mediaOf(await one(id, signal)),
    sourceOf: ({ id, path }) => ({
      path,
      http: {
        url: `${http.baseUrl}/Videos/${encodeURIComponent(id)}/stream?static=true&mediaSourceId=${encodeURIComponent(id)}`,
        headers: { Authorization: http.authorization },
      },
    }),
    image: (of, signal) => fetchImage(http, of, signal),
  };
};
