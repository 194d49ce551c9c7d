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
  missing: Missing,
  signal: AbortSignal,
): Promise<ListPlace | null> {
  const { list, place } = missing;
  const { name: server } = owner.at;
  if (list.agreed.deletedAt !== null) return await forget(deps, place);
  if (place.writing === 'delete' || !deps.isSource(server)) return await make(deps, place);
  const verdict = await weigh(deps, owner, missing, signal);
  if (verdict === 'bring-back') return await make(deps, place);
  if (verdict === 'held') return null;
  deps.log.info({ server, person: owner.person, list: list.agreed.name.value }, 'a playlist was deleted');
  deps.changed(owner.person, server);
  return null;
}

/** Somebody changed it elsewhere, and whoever deleted it here had not seen that: then it stays. */
function isChanged({ agreed }: StoredList, server: string, seenMs: number): boolean {
  const last = latest(agreed);
  return last.origin !== server && last.ms > seenMs;
}

/** Where it counts, it is agreed. */
async function weigh(
  { agree, clock, weighLoss }: BringDeps,
  { at, user, person }: ListOwner,
  { list, place, seenMs }: Missing,
  signal: AbortSignal,
) {
  return await agree(signal, async (tx) => {
    const now = await readList(tx, list.id);
    if (now === null) return 'counts';
    if (isChanged(now, at.name, seenMs)) return 'bring-back';
    const name = now.agreed.name.value;
    const verdict = await weighLoss(tx, { server: at.name, userId: user.id, person, key: list.id, name });
    if (verdict !== 'counts') return verdict;
    const ms = clock.now();
    await writeList(tx, { ...now, agreed: { ...now.agreed, deletedAt: timeAfter(latest(now.agreed), ms, at.name) } }, ms);
    await dropPlace(tx, place);
    return verdict;
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
