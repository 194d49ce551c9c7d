// A Jellyfin as sync sees it: users, items, and what each user did with each of them. Which calls do what, and what they refuse: facts/jellyfin.md §4, §10.
import type { Clock } from '../../clock.ts';
import { ControllerError } from '../../errors.ts';
import type { ItemState, StateScan, SyncedServer } from '../../neighbours/synced-server.ts';
import type { WatchChange } from '../../neighbours/watch-state.ts';
import type { JellyfinHttp } from '../jellyfin-http.ts';
import { createAdministrator } from './as-administrator.ts';
import { listPages } from './list-pages.ts';
import { createReadVersion } from './server-version.ts';
import { createSyncHttp, type SyncHttp } from './sync-http.ts';
import { filesAnswer, itemAnswer, listPage, type StateAnswer, stateAnswer, userAnswers, userData } from './sync-schemas.ts';
import { FIXED_ORDER, isFolder, PLAYED_TYPES, type Query, SYNCED_TYPES, syncedItem, WHOLE } from './synced-item.ts';
import { createUnlistedSeries } from './unlisted-series.ts';
import { planWrite, watchState } from './watch-state-of.ts';

export type SyncedServerDeps = { readonly http: JellyfinHttp; readonly name: string; readonly clock: Pick<Clock, 'now'> };

const LIBRARY: Query = { ...WHOLE, includeItemTypes: SYNCED_TYPES, enableUserData: false };
const ITEMS: Query = { ...LIBRARY, ...FIXED_ORDER, fields: 'Path,ProviderIds' };

/** `filters` and the flags beside it are the same filters to the server; a misspelt one would be no filter at all. */
const SCANS: Readonly<Record<StateScan, Query>> = {
  all: { includeItemTypes: SYNCED_TYPES, ...FIXED_ORDER },
  resumable: { includeItemTypes: PLAYED_TYPES, filters: 'IsResumable', ...FIXED_ORDER },
  favourites: { includeItemTypes: SYNCED_TYPES, isFavorite: true, ...FIXED_ORDER },
  played: { includeItemTypes: PLAYED_TYPES, isPlayed: true, sortBy: 'DatePlayed,SortName', sortOrder: 'Descending' },
};

/** Before, each file shows its own state, or all of them are one. */
const LENDS_FROM = 12_000;

const id = encodeURIComponent;

type Calls = { readonly http: SyncHttp; readonly administrator: ReturnType<typeof createAdministrator> };

async function* readItems({ http, administrator }: Calls, signal: AbortSignal) {
  const userId = await administrator.id(signal);
  const unlisted = createUnlistedSeries();
  for await (const answers of listPages(http, itemAnswer, { query: { ...ITEMS, userId } }, signal)) {
    const items = answers.flatMap((answer) => syncedItem(answer) ?? []);
    unlisted.note(items);
    if (items.length > 0) yield items;
  }
  yield* unlisted.read(http, { userId, fields: ITEMS['fields'], enableImages: false, enableUserData: false }, signal);
}

const toItemState = ({ Id: itemId, Type: type, UserData: data }: StateAnswer): ItemState => ({
  itemId,
  state: watchState(data, isFolder(type)),
});

async function* readStates({ http }: Calls, userId: string, scan: StateScan, signal: AbortSignal) {
  const query = { ...WHOLE, ...SCANS[scan], userId, enableUserData: true };
  for await (const answers of listPages(http, stateAnswer, { query }, signal))
    if (answers.length > 0) yield answers.map(toItemState);
}

/** More than anybody watches between two looks. */
const NEWEST = 200;

const readNewest = async ({ http }: Calls, userId: string, signal: AbortSignal) => {
  const paging = { limit: NEWEST, enableTotalRecordCount: true };
  const query = { ...WHOLE, ...SCANS.played, ...paging, userId, enableUserData: true };
  const { Items: entries, TotalRecordCount: total } = await http.ask(listPage, { path: '/Items', query, signal });
  const states = entries.flatMap((entry) => {
    const { success, data } = stateAnswer.safeParse(entry);
    return success ? [toItemState(data)] : [];
  });
  return { states, total: total ?? null };
};

const readItem = async ({ http, administrator }: Calls, itemId: string, signal: AbortSignal) => {
  const read = (userId: string) => http.ask(itemAnswer, { path: `/Items/${id(itemId)}`, query: { userId }, signal });
  const answer = await administrator.as(read, signal);
  const item = syncedItem(answer);
  if (item !== null) return item;
  throw new ControllerError('not_found', `${http.who}: ${itemId} is a ${answer.Type}, which is not kept the same`);
};

/** Each of the calls may be sent twice: what they say is absolute. */
const write = async (
  http: SyncHttp,
  of: { readonly userId: string; readonly itemId: string },
  change: WatchChange,
  signal: AbortSignal,
) => {
  const { reset, clearRating, body } = planWrite(change);
  const { userId, itemId } = of;
  const path = `/UserItems/${id(itemId)}/UserData`;
  const call = { query: { userId }, repeatable: true, signal };
  if (reset) {
    // Of a series the same call would take it from every episode.
    const { UnplayedItemCount: below } = await http.ask(userData, { path, query: { userId }, signal });
    if (typeof below === 'number')
      throw new ControllerError('input_invalid', `${http.who}: ${itemId} is played by what is below it, and cannot be reset`);
    await http.send({ method: 'DELETE', path: `/UserPlayedItems/${id(itemId)}`, ...call });
  }
  if (clearRating) await http.send({ method: 'DELETE', path: `/UserItems/${id(itemId)}/Rating`, ...call });
  if (body === null) return;
  const headers = { 'content-type': 'application/json' };
  await http.send({ method: 'POST', path, headers, body: JSON.stringify(body), ...call });
};

/** Asks nothing by itself. Uses the server's own HTTP client, and with it its rest after a refused key. */
export const openSyncedServer = ({ http: plain, name, clock }: SyncedServerDeps): SyncedServer => {
  const http = createSyncHttp(plain, clock);
  const readVersion = createReadVersion(plain);
  const calls: Calls = { http, administrator: createAdministrator(http) };
  return {
    name,
    async users(signal) {
      const users = await http.ask(userAnswers, { path: '/Users', signal });
      return users.map((user) => ({
        id: user.Id,
        name: user.Name,
        isAdministrator: user.Policy?.IsAdministrator ?? false,
        isDisabled: user.Policy?.IsDisabled ?? false,
      }));
    },
    items: (signal) => readItems(calls, signal),
    item: (itemId, signal) => readItem(calls, itemId, signal),
    async files(itemId, signal) {
      if ((await readVersion(signal)).line < LENDS_FROM) return [itemId];
      const read = (userId: string) => http.ask(filesAnswer, { path: `/Items/${id(itemId)}`, query: { userId }, signal });
      const { MediaSources: sources } = await calls.administrator.as(read, signal);
      return (sources ?? []).map((source) => source.Id);
    },
    async itemCount(signal) {
      // 10.11 takes a limit of 0 for none at all.
      const query = { ...LIBRARY, limit: 1, enableTotalRecordCount: true };
      const count = (userId: string) => http.ask(listPage, { path: '/Items', query: { ...query, userId }, signal });
      const { TotalRecordCount: total } = await calls.administrator.as(count, signal);
      if (typeof total === 'number') return total;
      throw new ControllerError('upstream_failed', `${http.who} does not say how many items there are`);
    },
    states: (userId, scan, signal) => readStates(calls, userId, scan, signal),
    newestPlayed: (userId, signal) => readNewest(calls, userId, signal),
    async state(userId, itemId, signal) {
      const path = `/UserItems/${id(itemId)}/UserData`;
      return watchState(await http.ask(userData, { path, query: { userId }, signal }), false);
    },
    write: (userId, itemId, change, signal) => write(http, { userId, itemId }, change, signal),
    clockSkew: http.clockSkew,
  };
};
