// A list that was on a server is not there any more: it was deleted by a person, or by us, or it is made again since somebody changed it elsewhere.
import { timeAfter } from '../state/hybrid-time.ts';
import { type BringDeps, keep } from './bring-list.ts';
import { dropPlace, type ListPlace, readList, type StoredList, writeList } from './list-store.ts';
import type { ListOwner } from './lists-deps.ts';
import { latest } from './merge-lists.ts';

export type Missing = {
  readonly list: StoredList;
  readonly place: ListPlace;
  /** When it was last seen there, UTC ms. */
  readonly seenMs: number;
};

/** @returns the place where it is to be made again; null: nowhere */
export async function takeMissing(
  deps: BringDeps,
  owner: ListOwner,
  { list, place, seenMs }: Missing,
): Promise<ListPlace | null> {
  const { person, user } = owner;
  const { name: server } = owner.at;
  if (list.agreed.deletedAt !== null) return await forget(deps, place);
  const name = list.agreed.name.value;
  if (place.writing === 'delete' || isChanged(list, server, seenMs) || !deps.isSource(server)) return await make(deps, place);
  const verdict = await deps.mayLose({ server, userId: user.id, person, list: list.id, name });
  if (verdict === 'hold') return null;
  if (verdict === 'undo' || !(await markDeleted(deps, server, { list, place, seenMs }))) return await make(deps, place);
  deps.log.info({ server, person, list: name }, 'a playlist was deleted');
  deps.changed(person, server);
  return null;
}

/** Somebody changed it elsewhere, and whoever deleted it here had not seen that: then it stays. */
function isChanged({ agreed }: StoredList, server: string, seenMs: number): boolean {
  const last = latest(agreed);
  return last.origin !== server && last.ms > seenMs;
}

/** @returns false: it was changed while we asked */
async function markDeleted({ db, clock }: BringDeps, server: string, { list, place, seenMs }: Missing): Promise<boolean> {
  return await db.transaction().execute(async (tx) => {
    const now = await readList(tx, list.id);
    if (now === null) return true;
    if (isChanged(now, server, seenMs)) return false;
    const ms = clock.now();
    await writeList(tx, { ...now, agreed: { ...now.agreed, deletedAt: timeAfter(latest(now.agreed), ms, server) } }, ms);
    await dropPlace(tx, place);
    return true;
  });
}

async function make(deps: BringDeps, place: ListPlace): Promise<ListPlace> {
  const again: ListPlace = { ...place, listId: null, seen: null, writing: null, tried: null, problem: null };
  await keep(deps, again);
  return again;
}

async function forget({ db }: BringDeps, place: ListPlace): Promise<null> {
  await db.transaction().execute((tx) => dropPlace(tx, place));
  return null;
}
