// Takes back one thing that was written: as if a person did the opposite now, so that whatever else was done since stays.
import { randomUUID } from 'node:crypto';
import type { Kysely } from 'kysely';
import { ControllerError } from '../../errors.ts';
import { type HybridTime, timeAfter } from '../state/hybrid-time.ts';
import { type ListLogEntry, type ListTables, readList, readLists, readLogged, type StoredList, writeList } from './list-store.ts';
import type { ListsDeps } from './lists-deps.ts';
import { type AgreedList, identities, isSameList, latest, mergeList, newList, type SeenList } from './merge-lists.ts';
import { keysOf } from './place-entries.ts';

export const UNDO = 'undo';

/** @throws ControllerError not_found · conflict where it cannot be taken back, which the message says */
export async function undoWritten({ agree, clock, changed }: ListsDeps, id: string, signal: AbortSignal): Promise<void> {
  const ms = clock.now();
  const of = await agree(signal, async (tx) => {
    const entry = await readLogged(tx, id);
    if (entry === null) throw new ControllerError('not_found', `the log of playlists has no entry ${id}`);
    if (isNothing(entry)) throw new ControllerError('conflict', 'nothing was written then');
    await takeBack(tx, entry, await readList(tx, entry.list), ms);
    return entry.person;
  });
  changed(of, UNDO);
}

/** Lists met, or it was refused. */
export const isNothing = ({ before, after }: ListLogEntry): boolean =>
  before !== null && after !== null && isSameList(before, after);

/**
 * Answers with the list as it is agreed now: the same object where it is so already.
 * @param stored null: it is gone everywhere @throws ControllerError conflict where it cannot be taken back, which the message says
 */
export async function takeBack(
  tx: Kysely<ListTables>,
  entry: ListLogEntry,
  stored: StoredList | null,
  ms: number,
): Promise<StoredList> {
  const { before, person } = entry;
  if (before === null) throw new ControllerError('conflict', 'a list that was made is taken back by deleting it on any server');
  const agreed = stored === null ? null : opposite(stored.agreed, { ...entry, before }, ms);
  if (stored !== null && agreed === stored.agreed) return stored;
  const undone = stored === null || agreed === null ? made(before, { ms, person }) : { ...stored, agreed };
  const { value: name } = undone.agreed.name;
  const isTaken = (await readLists(tx, person)).some(
    (one) => one.id !== undone.id && isThere(one) && one.agreed.name.value === name,
  );
  if (isTaken && !(stored !== null && isThere(stored)))
    throw new ControllerError('conflict', `${person} has another list "${name}" by now`);
  await writeList(tx, undone, ms);
  return undone;
}

const isThere = ({ agreed }: StoredList): boolean => agreed.deletedAt === null;

/** It is gone everywhere, and forgotten. */
function made(before: SeenList, { ms, person }: { readonly ms: number; readonly person: string }): StoredList {
  const at: HybridTime = { ms, count: 0, origin: UNDO };
  return { id: randomUUID(), person, agreed: { ...newList(before, at), orderOf: null } };
}

function opposite(agreed: AgreedList, { before, after }: ListLogEntry & { readonly before: SeenList }, ms: number): AgreedList {
  // Deleted here, and not yet everywhere: it holds what it held.
  if (after === null) {
    if (agreed.deletedAt === null) return agreed;
    return { ...agreed, name: { ...agreed.name, at: timeAfter(latest(agreed), ms, UNDO) }, deletedAt: null };
  }
  // A name that somebody gave it since stays.
  const name = agreed.name.value === after.name ? before.name : after.name;
  if (name === after.name && isUndone(agreed, before, after)) return agreed;
  return mergeList(agreed, { base: after, now: { ...before, name }, isGone: () => false, ms, origin: UNDO }).agreed;
}

/** What was put in is not there, what was taken out is, and all that was there before stands in its order. */
function isUndone(agreed: AgreedList, before: SeenList, after: SeenList): boolean {
  const [now, was, became] = [agreed, before, after].map(({ entries }) => keysOf(identities(entries))) as [
    readonly string[],
    readonly string[],
    readonly string[],
  ];
  const [there, had] = [new Set(now), new Set(was)];
  const isIn = became.some((key) => !had.has(key) && there.has(key));
  const isOut = was.some((key) => !became.includes(key) && !there.has(key));
  const [order, orderBefore] = [now.filter((key) => had.has(key)), was.filter((key) => there.has(key))];
  return !isIn && !isOut && order.join('\n') === orderBefore.join('\n');
}
