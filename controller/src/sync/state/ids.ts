// Numbers for rows of the queue and the journal: they rise, also over restarts, and are never used again.
import type { Kysely } from 'kysely';
import type { SyncTables } from './sync-tables.ts';

export async function openIds(db: Kysely<SyncTables>): Promise<() => number> {
  let last = 0;
  for (const table of ['sync_queue', 'sync_log'] as const) {
    const row = await db
      .selectFrom(table)
      .select(({ fn }) => fn.max('id').as('last'))
      .executeTakeFirst();
    last = Math.max(last, Number(row?.last ?? 0));
  }
  return () => {
    last += 1;
    return last;
  };
}
