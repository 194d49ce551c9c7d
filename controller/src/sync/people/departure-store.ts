// Users who are gone from a server, or go by another name there: what a person must say first, on disk. Calls with `tx` run inside the transaction that is handed in.
import type { Kysely, Selectable } from 'kysely';
import type { DepartureStatus, UserTables } from './people-tables.ts';

type Tx = Kysely<UserTables>;

export type Departure = Selectable<UserTables['sync_departures']>;

export type Left = { readonly server: string; readonly person: string; readonly name: string };

/** Of a person who has no users elsewhere nothing is to be decided; whoever is decided about is not asked about twice. */
export async function noteDeparture(tx: Tx, left: Left, status: 'pending' | 'renamed', nowMs: number): Promise<void> {
  const { person, server, name } = left;
  const elsewhere = await tx.selectFrom('sync_users').select('server').where('person', '=', person).limit(1).executeTakeFirst();
  const standing = await tx.selectFrom('sync_departures').select('id').where('person', '=', person).limit(1).executeTakeFirst();
  if (elsewhere === undefined || standing !== undefined) return;
  const last = await tx
    .selectFrom('sync_departures')
    .select(({ fn }) => fn.max('id').as('id'))
    .executeTakeFirst();
  const id = Number(last?.id ?? 0) + 1;
  await tx
    .insertInto('sync_departures')
    .values({ ...{ id, person, server, name, status }, gone_ms: nowMs, confirmed_ms: null, told: 0 })
    .execute();
}

/** Somebody made the user again: where they were gone, or after all was done. */
export async function noteReturn(tx: Tx, { server, person }: Omit<Left, 'name'>): Promise<void> {
  await tx.deleteFrom('sync_departures').where('person', '=', person).where('status', '=', 'done').execute();
  await tx.deleteFrom('sync_departures').where('person', '=', person).where('server', '=', server).execute();
}

/** What is agreed of somebody who is deleted everywhere: whoever gets the name next is another person. The log stays. */
export async function forgetPerson(db: Tx, person: string): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await tx.deleteFrom('sync_queue').where('person', '=', person).execute();
    await tx.deleteFrom('sync_registers').where('person', '=', person).execute();
  });
}

export async function departures(db: Tx): Promise<readonly Departure[]> {
  return await db.selectFrom('sync_departures').selectAll().orderBy('id').execute();
}

export async function departure(db: Tx, id: number): Promise<Departure | null> {
  return (await db.selectFrom('sync_departures').selectAll().where('id', '=', id).executeTakeFirst()) ?? null;
}

export async function changeDeparture(
  db: Tx,
  id: number,
  change: { readonly status?: DepartureStatus; readonly confirmed_ms?: number | null; readonly told?: number },
): Promise<void> {
  await db.updateTable('sync_departures').set(change).where('id', '=', id).execute();
}

export async function dropDeparture(db: Tx, id: number): Promise<void> {
  await db.deleteFrom('sync_departures').where('id', '=', id).execute();
}
