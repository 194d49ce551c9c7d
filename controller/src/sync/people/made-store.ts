// Users whom we make, on disk: written down before they are made, so that a crash in between ends in exactly one.
import type { Kysely, Selectable } from 'kysely';
import type { UserTables } from './people-tables.ts';

type Db = Kysely<UserTables>;

export type MadeRow = Selectable<UserTables['sync_made_users']>;
export type MadeKey = { readonly server: string; readonly person: string };

export async function madeUser(db: Db, { server, person }: MadeKey): Promise<MadeRow | null> {
  const row = await db
    .selectFrom('sync_made_users')
    .selectAll()
    .where('server', '=', server)
    .where('person', '=', person)
    .executeTakeFirst();
  return row ?? null;
}

export async function madeUsers(db: Db): Promise<readonly MadeRow[]> {
  return await db.selectFrom('sync_made_users').selectAll().orderBy('made_ms').orderBy('server').orderBy('person').execute();
}

export async function writeMade(db: Db, row: MadeRow): Promise<void> {
  await db
    .insertInto('sync_made_users')
    .values(row)
    .onConflict((conflict) => conflict.columns(['server', 'person']).doUpdateSet(row))
    .execute();
}

export async function changeMade(
  db: Db,
  { server, person }: MadeKey,
  change: Partial<Omit<MadeRow, keyof MadeKey>>,
): Promise<void> {
  await db.updateTable('sync_made_users').set(change).where('server', '=', server).where('person', '=', person).execute();
}

export async function dropMade(db: Db, { server, person }: MadeKey): Promise<void> {
  await db.deleteFrom('sync_made_users').where('server', '=', server).where('person', '=', person).execute();
}

/** Who asks second finds none. */
export async function takeSealed(db: Db, key: MadeKey): Promise<MadeRow | null> {
  return await db.transaction().execute(async (tx) => {
    const row = await madeUser(tx, key);
    if (row === null || row.status !== 'made' || row.password === null) return null;
    await changeMade(tx, key, { password: null });
    return row;
  });
}

export type Confirmation = { readonly byWhom: string; readonly atMs: number };

const FIRST_MEETING = 'first-meeting';

/** That the report of the first meeting was read and is right; null: not yet. */
export async function confirmation(db: Db): Promise<Confirmation | null> {
  const row = await db.selectFrom('sync_confirmations').selectAll().where('what', '=', FIRST_MEETING).executeTakeFirst();
  return row === undefined ? null : { byWhom: row.by_whom, atMs: row.at_ms };
}

/** The first one stays. */
export async function confirm(db: Db, { byWhom, atMs }: Confirmation): Promise<void> {
  await db
    .insertInto('sync_confirmations')
    .values({ what: FIRST_MEETING, by_whom: byWhom, at_ms: atMs })
    .onConflict((conflict) => conflict.column('what').doNothing())
    .execute();
}
