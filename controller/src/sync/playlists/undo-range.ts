// Takes back what was written to playlists within a range of time: the newest first, each as if a person did the opposite now.
import { ControllerError } from '../../errors.ts';
import { type ListLogEntry, readList, readLoggedBetween, type StoredList } from './list-store.ts';
import type { ListsDeps } from './lists-deps.ts';
import { identities } from './merge-lists.ts';
import { isNothing, takeBack, UNDO } from './undo-list.ts';

export type ListsRange = {
  /** UTC ms, both included. Null: whoever, wherever. */
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly person: string | null;
  readonly server: string | null;
};

/** Of one list. */
export type UndoneList = {
  readonly person: string;
  readonly name: string;
  /** How many entries it has by then; null where it stays as it is. */
  readonly entries: number | null;
  /** Why something of it stays as it is. */
  readonly kept: readonly string[];
};

/** Carried through a transaction that is to leave nothing behind. */
type Rehearsal = { readonly undone: readonly UndoneList[] };

/** Those that nothing was done to are left out. @param dryRun only tells */
export async function undoRange(
  { agree, clock, changed }: ListsDeps,
  { range, dryRun }: { readonly range: ListsRange; readonly dryRun: boolean },
  signal: AbortSignal,
): Promise<readonly UndoneList[]> {
  const ms = clock.now();
  const rehearsal: { done: Rehearsal | null } = { done: null };
  try {
    const undone = await agree(signal, async (tx) => {
      const logged = (await readLoggedBetween(tx, range)).filter((entry) => !isNothing(entry));
      const lists: UndoneList[] = [];
      for (const entries of Map.groupBy(logged, ({ list }) => list).values())
        lists.push(
          await undoList(
            (entry, stored) => takeBack(tx, entry, stored, ms),
            entries,
            (id) => readList(tx, id),
          ),
        );
      if (!dryRun) return lists;
      rehearsal.done = { undone: lists };
      throw rehearsal.done;
    });
    for (const person of new Set(undone.map((one) => one.person))) changed(person, UNDO);
    return undone;
  } catch (error) {
    if (rehearsal.done === null || error !== rehearsal.done) throw error;
    return rehearsal.done.undone;
  }
}

type TakeBack = (entry: ListLogEntry, stored: StoredList | null) => Promise<StoredList>;

/** @param entries of one list, the newest first; several servers tell of the same doing */
async function undoList(
  take: TakeBack,
  entries: readonly ListLogEntry[],
  read: (id: string) => Promise<StoredList | null>,
): Promise<UndoneList> {
  const [newest] = entries;
  if (newest === undefined) throw new Error('no entries');
  const first = await read(newest.list);
  const kept = new Set<string>();
  let list = first;
  for (const entry of entries) {
    try {
      list = await take(entry, list);
    } catch (error) {
      if (!(error instanceof ControllerError) || error.code !== 'conflict') throw error;
      kept.add(error.message);
    }
  }
  const name = list?.agreed.name.value ?? (newest.before ?? newest.after)?.name ?? '';
  const entriesNow = list === null || isSame(list, first) ? null : list.agreed.entries.length;
  return { person: newest.person, name, entries: entriesNow, kept: [...kept] };
}

const isSame = ({ agreed }: StoredList, before: StoredList | null): boolean =>
  before !== null &&
  agreed.name.value === before.agreed.name.value &&
  (agreed.deletedAt === null) === (before.agreed.deletedAt === null) &&
  identities(agreed.entries).join('\n') === identities(before.agreed.entries).join('\n');
