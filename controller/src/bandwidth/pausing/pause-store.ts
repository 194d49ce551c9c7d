// Which torrents were stopped by us and nobody else, on disk before they are stopped and until they run again.
import type { Kysely } from 'kysely';
import { z } from 'zod';

/** `ids`: a JSON array. */
export type PauseTables = { paused_torrents: { client: string; ids: string } };

export type PauseStore = {
  /** From memory: what `open` read and every change since. */
  held(client: string): readonly string[];
  /** Where anything is stopped by us. */
  clients(): readonly string[];
  /** Durable when it resolves; only then may they be stopped. */
  add(client: string, ids: readonly string[]): Promise<void>;
  /** All of them run again. */
  forget(client: string): Promise<void>;
};

const storedIds = z.array(z.string());

/** Reads what an earlier run left behind. */
export async function openPauseStore(db: Kysely<PauseTables>): Promise<PauseStore> {
  const rows = await db.selectFrom('paused_torrents').selectAll().execute();
  const stopped = new Map(rows.map(({ client, ids }) => [client, new Set(storedIds.parse(JSON.parse(ids)))]));
  return {
    held: (client) => [...(stopped.get(client) ?? [])],
    clients: () => [...stopped.keys()],
    async add(client, ids) {
      const all = new Set([...(stopped.get(client) ?? []), ...ids]);
      const row = { ids: JSON.stringify([...all]) };
      await db
        .insertInto('paused_torrents')
        .values({ client, ...row })
        .onConflict((conflict) => conflict.column('client').doUpdateSet(row))
        .execute();
      stopped.set(client, all);
    },
    async forget(client) {
      await db.deleteFrom('paused_torrents').where('client', '=', client).execute();
      stopped.delete(client);
    },
  };
}
