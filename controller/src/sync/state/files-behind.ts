// Of an item with several files Jellyfin 12 shows what the one has that was played last: what is read of another of them is not its own.
import type { Kysely } from 'kysely';
import type { SyncedServer } from '../../neighbours/synced-server.ts';
import { untouched, type WatchField, type WatchState } from '../../neighbours/watch-state.ts';
import type { Seen } from './observe.ts';
import { readShadow } from './state-store.ts';
import type { Place, SyncTables } from './sync-tables.ts';
import type { Around } from './take-report.ts';
import { isSame, isSameState, onlyFields } from './watch-fields.ts';

/** What it lends from that file. */
const LENT: readonly WatchField[] = ['played', 'positionMs', 'lastPlayedMs'];

export type BehindDeps = { readonly db: Kysely<SyncTables>; readonly around: Pick<Around, 'nowMs'> };

/** As it was read, and what is known to be its own: by a hook, which tells that, or since it was written. */
type Reading = { readonly place: Place; readonly found: WatchState; readonly own: Seen };

export const mayBeLent = (found: WatchState, own: Seen): boolean => LENT.some((field) => differs(field, found, own));

const differs = (field: WatchField, found: WatchState, own: Seen): boolean =>
  own[field] !== undefined && !isSame(field, found[field], own[field]);

/**
 * What the file itself has, as far as anybody can know; and the files that were shown in its place, none where it shows itself.
 * What somebody did with one of those, unheard, counts as done with this one. Asks nothing where the reading is what was known.
 * @throws ControllerError of the server
 */
export async function ownState(
  deps: BehindDeps,
  server: SyncedServer,
  { place, found, own }: Reading,
  signal: AbortSignal,
): Promise<{ readonly state: WatchState; readonly behind: readonly string[] }> {
  const shown = { state: found, behind: [] };
  if (!mayBeLent(found, own)) return shown;
  const files = (await server.files(place.itemId, signal)).filter((file) => file !== place.itemId);
  for (const itemId of files) {
    const of = { ...place, itemId };
    const state = await server.state(place.userId, itemId, signal);
    if (!LENT.every((field) => isSame(field, state[field], found[field]))) continue;
    if (await isNews(deps, of, state)) return shown;
    return { state: { ...found, ...onlyFields(own, LENT) }, behind: files };
  }
  return shown;
}

/** Another than was last seen of that file; where nobody has seen it yet, played after the user was compared. */
async function isNews({ db }: BehindDeps, place: Place, state: WatchState): Promise<boolean> {
  const shadow = await readShadow(db, place);
  if (shadow === null) return true;
  if (shadow.hookMs === null && isSameState(shadow.seen, untouched)) return (state.lastPlayedMs ?? 0) > (shadow.readMs ?? 0);
  return LENT.some((field) => differs(field, state, shadow.seen));
}

/** No list has it, so that no comparison has seen it: what it has was shown before, and is no news. @throws ControllerError of the server */
export async function noteFirstSight(
  { db, around }: BehindDeps,
  server: SyncedServer,
  { userId, itemId }: Place,
  signal: AbortSignal,
): Promise<void> {
  const readMs = around.nowMs();
  const seen = JSON.stringify(await server.state(userId, itemId, signal));
  await db
    .insertInto('sync_shadows')
    .values({ server: server.name, user_id: userId, item_id: itemId, seen, hook_ms: null, read_ms: readMs })
    .onConflict((conflict) => conflict.columns(['server', 'user_id', 'item_id']).doNothing())
    .execute();
}
