// What a person switched, kept over restarts: whether sync is paused, and whether the run before only rehearsed.
import type { Kysely } from 'kysely';

export type SwitchTables = { sync_settings: { name: string; value: string } };

export type SyncSwitch = {
  isPaused(): boolean;
  pause(paused: boolean): Promise<void>;
  /** Remembers how this run goes; answers with how the one before went. */
  rehearsing(dryRun: boolean): Promise<boolean>;
  /** Remembers which servers are written to; answers with those that were not before. */
  targeting(servers: readonly string[]): Promise<readonly string[]>;
};

const TARGET = 'target ';

export async function openSyncSwitch(db: Kysely<SwitchTables>): Promise<SyncSwitch> {
  const kept = new Map(
    (await db.selectFrom('sync_settings').selectAll().execute()).map(({ name, value }) => [name, value === 'on']),
  );
  const keep = async (name: string, on: boolean): Promise<void> => {
    if ((kept.get(name) ?? false) === on) return;
    const row = { value: on ? 'on' : 'off' };
    await db
      .insertInto('sync_settings')
      .values({ name, ...row })
      .onConflict((conflict) => conflict.column('name').doUpdateSet(row))
      .execute();
    kept.set(name, on);
  };
  return {
    isPaused: () => kept.get('paused') ?? false,
    pause: (paused) => keep('paused', paused),
    async rehearsing(dryRun) {
      const before = kept.get('dry_run') ?? false;
      await keep('dry_run', dryRun);
      return before;
    },
    async targeting(servers) {
      const before = [...kept].flatMap(([name, on]) => (on && name.startsWith(TARGET) ? [name.slice(TARGET.length)] : []));
      for (const server of new Set([...before, ...servers])) await keep(`${TARGET}${server}`, servers.includes(server));
      return servers.filter((server) => !before.includes(server));
    },
  };
}
