// A Jellyfin's playlists, by the key as far as it may and by the user's own token for the rest (facts/jellyfin.md §4, §10).
import { ControllerError } from '../../errors.ts';
import type { HttpRequest } from '../../http-client/open-http-client.ts';
import type { ListUser, PlaylistEntry, SyncedPlaylist, SyncedPlaylists } from '../../neighbours/synced-playlists.ts';
import type { JellyfinHttp } from '../jellyfin-http.ts';
import type { AsUser } from './as-user.ts';
import { listPages } from './list-pages.ts';
import { planRewrite } from './plan-rewrite.ts';
import { entryPage, madePlaylist, type PlaylistAnswer, playlistAnswer } from './playlist-schemas.ts';
import { createReadVersion, type ServerVersion } from './server-version.ts';

type Deps = {
  readonly http: JellyfinHttp;
  readonly asUser: AsUser;
  readonly version: (signal: AbortSignal) => Promise<ServerVersion>;
};

/** A key may take entries out since 10.11; before, and for names and places in all versions, it takes the user. */
const KEY_REMOVES_SINCE = 10_011;
/** Ids stand in the URL, which servers and proxies take up to 8 kB of. */
const AT_ONCE = 100;
const PAGE = 1000;
/** Of one list; a server that never stops answering must come to an end. */
const MAX_PAGES = 50;

const id = encodeURIComponent;
const json = { 'content-type': 'application/json' };

function* chunks(ids: readonly string[]): Generator<readonly string[]> {
  for (let from = 0; from < ids.length; from += AT_ONCE) yield ids.slice(from, from + AT_ONCE);
}

const madeBy = (list: PlaylistAnswer, user: ListUser): SyncedPlaylist['madeBy'] => {
  if (list.CanDelete === false) return 'another';
  return user.isAdministrator ? 'unclear' : 'this-user';
};

/** What needs the user's token where the key may not. */
const createByUser =
  ({ http, asUser, version }: Deps) =>
  async (user: ListUser, what: string, request: HttpRequest) => {
    if (user.token !== null) return void (await asUser.send(user.token, request));
    const { text } = await version(request.signal);
    throw new ControllerError('denied', `${http.who} (${text}): ${what} needs a log-in of its user; the API key may not do it`);
  };

const createReads = ({ http }: Deps) => ({
  async lists(user: ListUser, signal: AbortSignal): Promise<readonly SyncedPlaylist[]> {
    const query = {
      ...{ userId: user.id, recursive: true, includeItemTypes: 'Playlist', fields: 'CanDelete' },
      ...{ sortBy: 'DateCreated,SortName', enableImages: false, enableUserData: false },
    };
    const found = new Map<string, SyncedPlaylist>();
    for await (const page of listPages(http, playlistAnswer, { query }, signal))
      for (const list of page) found.set(list.Id, { id: list.Id, name: list.Name ?? '', madeBy: madeBy(list, user) });
    return [...found.values()];
  },
  async entries(user: ListUser, listId: string, signal: AbortSignal): Promise<readonly PlaylistEntry[]> {
    const query = { userId: user.id, enableImages: false, enableUserData: false };
    const path = `/Playlists/${id(listId)}/Items`;
    const entries: PlaylistEntry[] = [];
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const paging = { startIndex: page * PAGE, limit: PAGE };
      const { Items: items } = await http.ask(entryPage, { path, query: { ...query, ...paging }, signal });
      // What does not page answers with the whole list each time.
      if (items.length > PAGE) return items.map(({ Id: itemId, PlaylistItemId: entryId }) => ({ entryId, itemId }));
      for (const { Id: itemId, PlaylistItemId: entryId } of items) entries.push({ entryId, itemId });
      if (items.length < PAGE) return entries;
    }
    throw new ControllerError(
      'upstream_failed',
      `${http.who}: playlist ${listId} does not end after ${MAX_PAGES * PAGE} entries`,
    );
  },
});

const createEdits = (deps: Deps) => {
  const { http, version } = deps;
  const byUser = createByUser(deps);
  return {
    byUser,
    async add(user: ListUser, listId: string, itemIds: readonly string[], signal: AbortSignal): Promise<void> {
      const path = `/Playlists/${id(listId)}/Items`;
      for (const some of chunks(itemIds))
        await http.send({ method: 'POST', path, query: { ids: some.join(','), userId: user.id }, signal });
    },
    async remove(user: ListUser, listId: string, entryIds: readonly string[], signal: AbortSignal): Promise<void> {
      const byKey = entryIds.length > 0 && (await version(signal)).line >= KEY_REMOVES_SINCE;
      for (const some of chunks(entryIds)) {
        const path = `/Playlists/${id(listId)}/Items`;
        const request: HttpRequest = { method: 'DELETE', path, query: { entryIds: some.join(',') }, repeatable: true, signal };
        if (byKey) await http.send(request);
        else await byUser(user, 'taking something out of a playlist', request);
      }
    },
  };
};

const createRewrite = (reads: ReturnType<typeof createReads>, edits: ReturnType<typeof createEdits>) =>
  (async (user, listId, itemIds, signal) => {
    const now = await reads.entries(user, listId, signal);
    const { remove, add } = planRewrite(
      now.map(({ itemId }) => itemId),
      itemIds,
    );
    if (remove.length > 0 && add.length > 0 && user.token !== null) {
      // In one go, so that nobody ever finds it half empty.
      const body = JSON.stringify({ Ids: itemIds });
      const path = `/Playlists/${id(listId)}`;
      return await edits.byUser(user, 'this', { method: 'POST', path, headers: json, body, repeatable: true, signal });
    }
    const goes = new Set(remove);
    const entryIds = new Set(now.flatMap(({ itemId, entryId }) => (goes.has(itemId) ? [entryId] : [])));
    await edits.remove(user, listId, [...entryIds], signal);
    await edits.add(user, listId, add, signal);
  }) satisfies SyncedPlaylists['rewrite'];

/** Any item of a Jellyfin can be deleted by its id, files and all: only what is a list of this very user is. */
const createDelete = ({ http }: Deps, lists: SyncedPlaylists['lists']) =>
  (async (user, listId, signal) => {
    const found = (await lists(user, signal)).find((list) => list.id === listId);
    if (found === undefined) throw new ControllerError('not_found', `${http.who}: user ${user.id} has no playlist ${listId}`);
    if (found.madeBy === 'another') throw new ControllerError('denied', `${http.who}: playlist ${listId} is another user's`);
    await http.send({ method: 'DELETE', path: `/Items/${id(listId)}`, signal });
  }) satisfies SyncedPlaylists['delete'];

/** Uses the server's own HTTP client, and with it its rest after a refused key. */
export const createPlaylistClient = (http: JellyfinHttp, asUser: AsUser): SyncedPlaylists => {
  const deps: Deps = { http, asUser, version: createReadVersion(http) };
  const reads = createReads(deps);
  const edits = createEdits(deps);
  return {
    ...reads,
    async create(user, { name, kind, itemIds }, signal) {
      // Public is what a key makes where nothing is said; and where no type is, an id that is none there is an error.
      const mediaType = kind === 'audio' ? 'Audio' : 'Video';
      const body = JSON.stringify({ Name: name, Ids: itemIds, UserId: user.id, MediaType: mediaType, IsPublic: false });
      return (await http.ask(madePlaylist, { method: 'POST', path: '/Playlists', headers: json, body, signal })).Id;
    },
    add: edits.add,
    remove: edits.remove,
    move: (user, listId, { entryId, index }, signal) =>
      edits.byUser(user, 'moving something within a playlist', {
        method: 'POST',
        path: `/Playlists/${id(listId)}/Items/${id(entryId)}/Move/${index}`,
        signal,
      }),
    rewrite: createRewrite(reads, edits),
    rename: (user, listId, name, signal) =>
      edits.byUser(user, 'renaming a playlist', {
        method: 'POST',
        path: `/Playlists/${id(listId)}`,
        headers: json,
        body: JSON.stringify({ Name: name }),
        repeatable: true,
        signal,
      }),
    delete: createDelete(deps, reads.lists),
  };
};
