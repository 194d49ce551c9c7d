// Whom usage tells apart: each has a number, so that a row is small. Bounded: what comes beyond that counts among the others.
import type { Kysely, Transaction } from 'kysely';
import { type Dimension, type Drawn, mayBeMany, OTHERS, type Place, type Subject, subjectKey } from './amount.ts';
import type { UsageTables } from './usage-tables.ts';

type Numbered = Subject & { readonly id: number };

const MOST = 500;

/** @throws ControllerError storage_failed */
export async function openSubjects(db: Kysely<UsageTables>) {
  const rows = await db.selectFrom('usage_subjects').selectAll().execute();
  const known = new Map(
    rows.map(({ id, dimension, name, place }): [string, Numbered] => {
      const subject = { by: dimension as Dimension, name, place: place as Place };
      return [subjectKey(subject), { ...subject, id }];
    }),
  );
  return {
    /** Each with its number; `fresh` are to be written, and `keep` is to be called once they are. */
    number(drawn: readonly Drawn[]) {
      const named = drawn.map((one) =>
        known.size < MOST || !mayBeMany(one) || known.has(subjectKey(one)) ? one : { ...one, name: OTHERS },
      );
      const fresh = new Map<string, Numbered>();
      let id = Math.max(0, ...[...known.values()].map((subject) => subject.id));
      const numbered = named.map((one) => {
        const key = subjectKey(one);
        const there = known.get(key) ?? fresh.get(key);
        if (there !== undefined) return { ...one, subject: there.id };
        id += 1;
        fresh.set(key, { by: one.by, name: one.name, place: one.place, id });
        return { ...one, subject: id };
      });
      return {
        numbered,
        async write(tx: Transaction<UsageTables>): Promise<void> {
          for (const { by, ...rest } of fresh.values())
            await tx
              .insertInto('usage_subjects')
              .values({ ...rest, dimension: by })
              .execute();
        },
        keep(): void {
          for (const [key, subject] of fresh) known.set(key, subject);
        },
      };
    },
    /** By number. */
    find: (isWanted: (subject: Subject) => boolean): ReadonlyMap<number, Subject> =>
      new Map([...known.values()].filter(isWanted).map(({ id, ...subject }) => [id, subject])),
    /** Forgets those without a row, where it gets crowded. */
    async makeRoom(): Promise<void> {
      if (known.size < MOST / 2) return;
      const found = await db.selectFrom('usage_points').select('subject').distinct().execute();
      const used = new Set(found.map(({ subject }) => subject));
      for (const [key, { id }] of [...known]) {
        if (used.has(id)) continue;
        await db.deleteFrom('usage_subjects').where('id', '=', id).execute();
        known.delete(key);
      }
    },
  };
}
