// Reads what a user has on a server and finds what nobody told: whatever differs from what was last seen is looked at once more, and counts.
import { ControllerError } from '../../errors.ts';
import type { StateScan, SyncedServer } from '../../neighbours/synced-server.ts';
import { untouched, type WatchState } from '../../neighbours/watch-state.ts';
import { ownState } from '../state/files-behind.ts';
import type { Seen } from '../state/observe.ts';
import { unmeantIn } from '../state/rewatch.ts';
import { readShadow } from '../state/state-store.ts';
import type { Place } from '../state/sync-tables.ts';
import { takeReport } from '../state/take-report.ts';
import { FIELDS, isSame, isSameState } from '../state/watch-fields.ts';
import type { ApplyDeps } from './apply-deps.ts';
import { knownShadows } from './known-shadows.ts';

export type Compared = { readonly read: number; readonly differing: number };

export type ComparedUser = { readonly userId: string; readonly person: string };

/** @throws ControllerError of the server; what was found until then was taken */
export async function compareUser(
  deps: ApplyDeps,
  server: SyncedServer,
  { user: { userId, person }, scan }: { user: ComparedUser; scan: StateScan },
  signal: AbortSignal,
): Promise<Compared> {
  const known = await knownShadows(deps.db, server.name, userId);
  let [read, differing] = [0, 0];
  for await (const page of server.states(userId, scan, signal))
    for (const { itemId, state } of page) {
      read += 1;
      if (isSameState(state, known.get(itemId)?.seen ?? untouched)) continue;
      differing += 1;
      await lookAgain(deps, server, { place: { server: server.name, userId, itemId }, person }, signal);
    }
  return { read, differing };
}

/** As it was read; `differs` from what was last seen. */
export type Looked = { readonly state: WatchState; readonly differs: boolean };

/** The page may be older than a hook that came meanwhile. Null: the item is gone or hidden from that user, or none that is kept the same. */
export async function lookAgain(
  { db, around, transact, locks, clocks, index }: ApplyDeps,
  server: SyncedServer,
  { place, person }: { place: Place; person: string },
  signal: AbortSignal,
): Promise<Looked | null> {
  const item = await index.learn(place.server, place.itemId, signal);
  if (item === null) return null;
  return await locks.hold(place, async () => {
    const readMs = around.nowMs();
    const found = await stateOf(server, place, index, signal);
    if (found === null) return null;
    const own = (await readShadow(db, place))?.seen ?? {};
    const { state } = await ownState({ db, around }, server, { place, found, own }, signal);
    const skewMs = clocks.skew(place.server)?.ms ?? 0;
    return await transact(async (tx, within) => {
      const seen = (await readShadow(tx, place))?.seen ?? {};
      await takeReport(tx, within, {
        ...{ place, person, identity: item.identity, itemName: item.name, itemPath: item.path },
        ...{ has: state, unmeant: unmeantIn(state, seen), ms: setAt(state, seen, { readMs, skewMs }), hookMs: null, readMs },
      });
      return {
        state,
        differs: FIELDS.some((field) => around.hasField(place, field) && !isSame(field, state[field], seen[field])),
      };
    });
  });
}

/** Null: there is no such item any more, or this user may not see it: of another one in its place, or of a new rule, nobody may have told. */
async function stateOf(server: SyncedServer, { userId, itemId }: Place, index: ApplyDeps['index'], signal: AbortSignal) {
  try {
    return await server.state(userId, itemId, signal);
  } catch (error) {
    if (!(error instanceof ControllerError) || error.code !== 'not_found') throw error;
    await index.noteGone(server, itemId, signal);
    return null;
  }
}

/** A playing says when it began, by the server's clock; of all else is only known that it is so by now. */
function setAt(state: WatchState, seen: Seen, { readMs, skewMs }: { readMs: number; skewMs: number }): number {
  const isOfPlaying = FIELDS.every(
    (field) => isSame(field, state[field], seen[field]) || !(field === 'favourite' || field === 'rating'),
  );
  const { lastPlayedMs } = state;
  return isOfPlaying && lastPlayedMs !== null && lastPlayedMs > (seen.lastPlayedMs ?? 0)
    ? Math.min(readMs, lastPlayedMs - skewMs)
    : readMs;
}
