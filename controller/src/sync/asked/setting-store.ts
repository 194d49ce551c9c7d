// What sync remembers from run to run by a name, as JSON.
import type { Kysely } from 'kysely';
import type { SwitchTables } from './sync-switch.ts';

/** Null: nothing is kept by this name. @throws ControllerError storage_failed */
export async function readSetting(db: Kysely<SwitchTables>, name: string): Promise<unknown> {
  const row = await db.selectFrom('sync_settings').select('value').where('name', '=', name).executeTakeFirst();
  return row === undefined ? null : JSON.parse(row.value);
}

/** @throws ControllerError storage_failed */
export async function writeSetting(db: Kysely<SwitchTables>, name: string, content: unknown): Promise<void> {
  const value = JSON.stringify(content);
  await db
    .insertInto('sync_settings')
    .values({ name, value })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
    .execute();
}
