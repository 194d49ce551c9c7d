// How much was lost lately, how much there is to lose, and why losses of a server are doubted. All calls run inside the transaction that is handed in.
import { type Kysely, sql } from 'kysely';
import type { DoubtReason, GuardTables } from './guard-tables.ts';
import type { UserAt } from './hold-store.ts';

type Tx = Kysely<GuardTables>;

/** Items with a loss since then, without this one. */
export async function lossesSince(tx: Tx, { server, userId }: UserAt, itemId: string, sinceMs: number): Promise<number> {
  const row = await tx
    .selectFrom('sync_losses')
    .select(({ fn }) => fn.countAll().as('count'))
    .where('server', '=', server)
    .where('user_id', '=', userId)
    .where('item_id', '<>', itemId)
    .where('at_ms', '>', sinceMs)
    .executeTakeFirst();
  return Number(row?.count ?? 0);
}

/** One that was let through; those of before are no matter any more. */
export async function noteLoss(
  tx: Tx,
  { server, userId }: UserAt,
  itemId: string,
  { nowMs, sinceMs }: { nowMs: number; sinceMs: number },
): Promise<void> {
  await tx
    .deleteFrom('sync_losses')
    .where('server', '=', server)
    .where('user_id', '=', userId)
    .where('at_ms', '<=', sinceMs)
    .execute();
  await tx
    .insertInto('sync_losses')
    .values({ server, user_id: userId, item_id: itemId, at_ms: nowMs })
    .onConflict((conflict) => conflict.columns(['server', 'user_id', 'item_id']).doUpdateSet({ at_ms: nowMs }))
    .execute();
}

export async function forgetLosses(tx: Tx, { server, userId }: UserAt): Promise<void> {
  await tx.deleteFrom('sync_losses').where('server', '=', server).where('user_id', '=', userId).execute();
}

/** Of users who lost nothing since. */
export async function forgetOldLosses(db: Tx, beforeMs: number): Promise<void> {
  await db.deleteFrom('sync_losses').where('at_ms', '<=', beforeMs).execute();
}

/** Items of which this user has something there: watched, favourite, begun or rated. One look at all of their rows. */
export async function hasThere(tx: Tx, { server, userId }: UserAt): Promise<number> {
  const row = await tx
    .selectFrom('sync_shadows')
    .select(({ fn }) => fn.countAll().as('count'))
    .where('server', '=', server)
    .where('user_id', '=', userId)
    // Its JSON is ours: nothing else in it says true, and a position does not begin with 0.
    .where(
      sql<boolean>`(seen like '%true%' or (seen like '%"positionMs":%' and seen not like '%"positionMs":0%') or (seen like '%"rating":%' and seen not like '%"rating":null%'))`,
    )
    .executeTakeFirst();
  return Number(row?.count ?? 0);
}

export type Doubt = { readonly reason: DoubtReason; readonly why: string; readonly atMs: number };

export async function noteDoubt(tx: Tx, server: string, { reason, why, atMs }: Doubt): Promise<void> {
  await tx
    .insertInto('sync_doubts')
    .values({ server, reason, why, at_ms: atMs })
    .onConflict((conflict) => conflict.columns(['server', 'reason']).doUpdateSet({ why, at_ms: atMs }))
    .execute();
}

/** When a person last said of this user's losses there that they are meant; 0: never. */
export async function releasedMs(tx: Tx, { server, userId }: UserAt): Promise<number> {
  const row = await tx
    .selectFrom('sync_holds')
    .select(({ fn }) => fn.max('closed_ms').as('last'))
    .where('server', '=', server)
    .where('user_id', '=', userId)
    .where('status', '=', 'released')
    .executeTakeFirst();
  return Number(row?.last ?? 0);
}
