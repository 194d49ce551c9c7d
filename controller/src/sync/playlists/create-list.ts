// Makes a list on a server that does not have it, with what it has of the list's items.
import { attempting, type BringDeps, begin, keep, note, reachable, readBack, settled } from './bring-list.ts';
import type { ListPlace, StoredList } from './list-store.ts';
import type { ListOwner } from './lists-deps.ts';
import { afterCutOff, isSameList, type SeenList } from './merge-lists.ts';
import { broughtThere } from './mirror-list.ts';

const NOTHING: SeenList = { name: '', entries: [] };

/** @param place has no `listId` @throws ControllerError where the server is away */
export async function createList(
  deps: BringDeps,
  owner: ListOwner,
  { list, place }: { readonly list: StoredList; readonly place: ListPlace },
  signal: AbortSignal,
): Promise<void> {
  const { agreed } = list;
  const wanted = await reachable(deps, owner, { agreed, now: NOTHING }, signal);
  // Empty, it would be nothing but in the way; and it is not empty where it was made.
  if (wanted.entries.length === 0 && agreed.entries.length > 0) {
    const problem = `waits: ${owner.at.name} has none of its items`;
    if (place.problem !== problem) await keep(deps, { ...settled(place, null), problem });
    return;
  }
  const begun = await begin(deps, owner, { list, place: { ...place, seen: null }, now: NOTHING, wanted });
  if (begun === null) return;
  await attempting(deps, begun, async () => {
    const isAudio = wanted.entries.length > 0 && wanted.entries.every(({ identity }) => deps.items.isAudio(identity));
    const itemIds = wanted.entries.map(({ itemId }) => itemId);
    const listId = await owner.at.playlists.create(
      owner.user,
      { name: wanted.name, kind: isAudio ? 'audio' : 'video', itemIds },
      signal,
    );
    // Cut off before this, it is known again by its name and by what we began to write.
    const made: ListPlace = { ...begun, listId };
    await keep(deps, made);
    const after = await readBack(deps, owner, { attempt: made, now: NOTHING, wanted }, signal);
    const seen = deps.isSource(owner.at.name)
      ? afterCutOff({ ...NOTHING, name: wanted.name }, wanted, after)
      : broughtThere(agreed, { base: NOTHING, now: after });
    const problem = isSameList(after, wanted) ? null : 'what was written reads back otherwise';
    const done = { ...settled(made, problem, deps.clock.now()), seen, writing: null };
    await note(deps, owner, { list, place: done, before: null, after });
  });
}
