// Takes back one thing that was written: as if a person did the opposite now, so that whatever else was done since stays.
import { randomUUID } from 'node:crypto';
import { ControllerError } from '../../errors.ts';
import { type HybridTime, timeAfter } from '../state/hybrid-time.ts';
import { type ListLogEntry, readList, readLists, readLogged, type StoredList, writeList } from './list-store.ts';
import type { ListsDeps } from './lists-deps.ts';
import { isSameList, latest, mergeList, newList, type SeenList } from './merge-lists.ts';

const ORIGIN = 'undo';

/** @throws ControllerError not_found · conflict where it cannot be taken back, which the message says */
export async function undoWritten({ agree, clock, changed }: ListsDeps, id: string, signal: AbortSignal): Promise<void> {
  const ms = clock.now();
  const of = await agree(signal, async (tx) => {
    const entry = await readLogged(tx, id);
    if (entry === null) throw new ControllerError('not_found', `the log of playlists has no entry ${id}`);
    const { before, after, person } = entry;
    if (before !== null && after !== null && isSameList(before, after))
      throw new ControllerError('conflict', 'nothing was written then');
    if (before === null) throw new ControllerError('conflict', 'a list that was made is taken back by deleting it on any server');
    const stored = await readList(tx, entry.list);
    const undone =
      stored === null ? made(before, { ms, person }) : { ...stored, agreed: opposite(stored, { ...entry, before }, ms) };
    const { value: name } = undone.agreed.name;
    const isTaken = (await readLists(tx, person)).some(
      (one) => one.id !== undone.id && isThere(one) && one.agreed.name.value === name,
    );
    if (isTaken && !(stored !== null && isThere(stored)))
      throw new ControllerError('conflict', `${person} has another list "${name}" by now`);
    await writeList(tx, undone, ms);
    return person;
  });
  changed(of, ORIGIN);
}

const isThere = ({ agreed }: StoredList): boolean => agreed.deletedAt === null;

/** It is gone everywhere, and forgotten. */
function made(before: SeenList, { ms, person }: { readonly ms: number; readonly person: string }): StoredList {
  const at: HybridTime = { ms, count: 0, origin: ORIGIN };
  return { id: randomUUID(), person, agreed: { ...newList(before, at), orderOf: null } };
}

function opposite({ agreed }: StoredList, { before, after }: ListLogEntry & { readonly before: SeenList }, ms: number) {
  // Deleted here, and not yet everywhere: it holds what it held.
  if (after === null) return { ...agreed, name: { ...agreed.name, at: timeAfter(latest(agreed), ms, ORIGIN) }, deletedAt: null };
  return mergeList(agreed, { base: after, now: before, isGone: () => false, ms, origin: ORIGIN }).agreed;
}
