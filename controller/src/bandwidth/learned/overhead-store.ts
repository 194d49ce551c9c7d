// What was learned of how much players draw, kept over restarts.
import type { Kysely } from 'kysely';
import { z } from 'zod';

/** `lessons`: a JSON array of factors, the newest last. */
export type OverheadTables = { bandwidth_overheads: { kind: string; lessons: string } };

export type OverheadStore = {
  /** As they were at the start. */
  readonly lessons: ReadonlyMap<string, readonly number[]>;
  save(kind: string, lessons: readonly number[]): Promise<void>;
};

const stored = z.array(z.number());

export async function openOverheadStore(db: Kysely<OverheadTables>): Promise<OverheadStore> {
  const rows = await db.selectFrom('bandwidth_overheads').selectAll().execute();
  return {
    lessons: new Map(rows.map(({ kind, lessons }) => [kind, stored.parse(JSON.parse(lessons))])),
    async save(kind, lessons) {
      const row = { lessons: JSON.stringify(lessons) };
      await db
        .insertInto('bandwidth_overheads')
        .values({ kind, ...row })
        .onConflict((conflict) => conflict.column('kind').doUpdateSet(row))
        .execute();
    },
  };
}
