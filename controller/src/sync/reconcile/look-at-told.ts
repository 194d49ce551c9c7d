// What a user's own socket told of an item: where it is not what was last seen there, the item is read, and counts. So an echo of our own writing costs nothing.
import type { SyncedServer } from '../../neighbours/synced-server.ts';
import type { WatchState } from '../../neighbours/watch-state.ts';
import { readShadow } from '../state/state-store.ts';
import type { Place } from '../state/sync-tables.ts';
import { isSameState } from '../state/watch-fields.ts';
import type { ApplyDeps } from './apply-deps.ts';
import { lookAgain } from './compare-user.ts';

/** @throws ControllerError of the server */
export async function lookAtTold(
  deps: ApplyDeps,
  server: SyncedServer,
  { place, person, state }: { readonly place: Place; readonly person: string; readonly state: WatchState },
  signal: AbortSignal,
): Promise<void> {
  const shadow = await readShadow(deps.db, place);
  if (shadow !== null && isSameState(state, shadow.seen)) return;
  await lookAgain(deps, server, { place, person }, signal);
}
