// A cheap look at what changes most: what can be resumed, what is a favourite, what was played last. It finds what no hook told.
import type { SyncedServer } from '../../neighbours/synced-server.ts';
import { untouched, type WatchState } from '../../neighbours/watch-state.ts';
import type { Shadow } from '../state/sync-tables.ts';
import { isSameState } from '../state/watch-fields.ts';
import type { ApplyDeps } from './apply-deps.ts';
import { type ComparedUser, lookAgain } from './compare-user.ts';
import { knownShadows } from './known-shadows.ts';

/** Answers with how many items differed. @throws ControllerError of the server */
export async function quickLook(
  deps: ApplyDeps,
  server: SyncedServer,
  { userId, person }: ComparedUser,
  signal: AbortSignal,
): Promise<number> {
  const known = await knownShadows(deps.db, server.name, userId);
  const differing = new Set<string>();
  const note = (itemId: string, state: WatchState): boolean => {
    if (isSameState(state, known.get(itemId)?.seen ?? untouched)) return false;
    differing.add(itemId);
    return true;
  };
  for (const [scan, had] of LISTS) {
    const listed = new Set<string>();
    for await (const page of server.states(userId, scan, signal))
      for (const { itemId, state } of page) {
        listed.add(itemId);
        note(itemId, state);
      }
    for (const [itemId, shadow] of known) if (had(shadow) && !listed.has(itemId)) differing.add(itemId);
  }
  // The newest come first: where a whole page is known, so is the rest.
  for await (const page of server.states(userId, 'played', signal)) {
    const news = page.filter(({ itemId, state }) => note(itemId, state));
    if (news.length === 0) break;
  }
  for (const itemId of differing)
    await lookAgain(deps, server, { place: { server: server.name, userId, itemId }, person }, signal);
  return differing.size;
}

/** What would be in each list. A played item with a position may or may not be resumable: it is not looked for. */
const LISTS = [
  ['resumable', ({ seen }: Shadow) => (seen.positionMs ?? 0) > 0 && seen.played === false],
  ['favourites', ({ seen }: Shadow) => seen.favourite === true],
] as const;
