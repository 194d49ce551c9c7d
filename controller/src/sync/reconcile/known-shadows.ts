// All that was last seen of one user of one server, to be compared with what a scan finds.
import { setImmediate as turn } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import { type Shadow, type SyncTables, toShadow } from '../state/sync-tables.ts';

/** Some ms of the event loop each. */
const AT_ONCE = 1_000;

export async function knownShadows(db: Kysely<SyncTables>, server: string, userId: string): Promise<ReadonlyMap<string, Shadow>> {
  const known = new Map<string, Shadow>();
  let after = '';
  for (;;) {
    const rows = await db
      .selectFrom('sync_shadows')
      .select(['item_id', 'seen', 'hook_ms', 'read_ms'])
      .where('server', '=', server)
      .where('user_id', '=', userId)
      .where('item_id', '>', after)
      .orderBy('item_id')
      .limit(AT_ONCE)
      .execute();
    for (const row of rows) known.set(row.item_id, toShadow(row));
    const last = rows.at(-1);
    if (last === undefined || rows.length < AT_ONCE) return known;
    after = last.item_id;
    await turn();
  }
}
