// Items got another name, since more is known of them: the lists that hold them follow.
import type { Kysely } from 'kysely';
import type { Rename } from '../index/view-changes.ts';
import { type ListTables, readLists, readPlaces, writeList, writePlace } from './list-store.ts';
import { renameEntries, type SeenList } from './merge-lists.ts';

export async function renameInLists(db: Kysely<ListTables>, renamed: readonly Rename[], nowMs: number): Promise<void> {
  const names = new Map(renamed.map(({ from, to }) => [from, to]));
  const nameOf = (identity: string): string => names.get(identity) ?? identity;
  const isRenamed = (list: SeenList | 'delete' | null): list is SeenList =>
    list !== null && list !== 'delete' && list.entries.some(({ identity }) => names.has(identity));
  const inSeen = (list: SeenList): SeenList => ({
    ...list,
    entries: list.entries.map(({ itemId, identity }) => ({ itemId, identity: nameOf(identity) })),
  });
  if (names.size === 0) return;
  await db.transaction().execute(async (tx) => {
    for (const list of await readLists(tx, null)) {
      const entries = renameEntries(list.agreed.entries, nameOf);
      if (entries !== list.agreed.entries) await writeList(tx, { ...list, agreed: { ...list.agreed, entries } }, nowMs);
    }
    for (const place of await readPlaces(tx)) {
      const { seen, writing } = place;
      if (!isRenamed(seen) && !isRenamed(writing)) continue;
      await writePlace(tx, {
        ...place,
        seen: isRenamed(seen) ? inSeen(seen) : seen,
        writing: isRenamed(writing) ? inSeen(writing) : writing,
      });
    }
  });
}

/** Of all that anybody has in a list, had there, or is to have. */
export async function identitiesInLists(db: Kysely<ListTables>): Promise<ReadonlySet<string>> {
  const agreed = (await readLists(db, null)).map((list) => list.agreed.entries);
  const there = (await readPlaces(db)).flatMap(({ seen, writing }) => [seen, writing]);
  const entries = [...agreed, ...there.map((list) => (list === null || list === 'delete' ? [] : list.entries))].flat();
  return new Set(entries.map(({ identity }) => identity));
}
