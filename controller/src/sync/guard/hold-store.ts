// Holds and what they hold, on disk. All calls run inside the transaction that is handed in.
import type { Kysely, Selectable } from 'kysely';
import type { WatchField } from '../../neighbours/watch-state.ts';
import type { Place, SyncTables } from '../state/sync-tables.ts';
import { onlyFields, withoutFields } from '../state/watch-fields.ts';
import { type GuardTables, type HoldReason, type HoldStatus, toChange } from './guard-tables.ts';

type Tx = Kysely<GuardTables>;

export type HoldRow = Selectable<GuardTables['sync_holds']>;
export type HeldRow = Selectable<GuardTables['sync_held']>;
export type UserAt = { readonly server: string; readonly userId: string };

export async function openHoldOf(tx: Tx, { server, userId }: UserAt): Promise<HoldRow | null> {
  const row = await tx
    .selectFrom('sync_holds')
    .selectAll()
    .where('server', '=', server)
    .where('user_id', '=', userId)
    .where('status', '=', 'open')
    .orderBy('id')
    .limit(1)
    .executeTakeFirst();
  return row ?? null;
}

export type Opening = UserAt & {
  readonly id: number;
  readonly person: string;
  readonly reason: HoldReason;
  readonly why: string;
  readonly nowMs: number;
};

export async function openHold(tx: Tx, { id, server, userId, person, reason, why, nowMs }: Opening): Promise<void> {
  const row = { id, server, user_id: userId, person, reason, why };
  await tx
    .insertInto('sync_holds')
    .values({ ...row, status: 'open', opened_ms: nowMs, closed_ms: null, told: 0 })
    .execute();
}

/** 0: there was none. */
export async function lastHoldId(db: Tx): Promise<number> {
  const last = await db
    .selectFrom('sync_holds')
    .select(({ fn }) => fn.max('id').as('id'))
    .executeTakeFirst();
  return Number(last?.id ?? 0);
}

export async function closeHold(tx: Tx, id: number, status: Exclude<HoldStatus, 'open'>, nowMs: number): Promise<void> {
  await tx
    .updateTable('sync_holds')
    .set({ status, closed_ms: nowMs })
    .where('id', '=', id)
    .where('status', '=', 'open')
    .execute();
}

export async function heldOf(tx: Tx, { server, userId, itemId }: Place): Promise<HeldRow | null> {
  const row = await tx
    .selectFrom('sync_held')
    .selectAll()
    .where('server', '=', server)
    .where('user_id', '=', userId)
    .where('item_id', '=', itemId)
    .executeTakeFirst();
  return row ?? null;
}

/** What was held of it before stays as it was first; what it became is what was said last. */
export async function keepHeld(tx: Tx, row: HeldRow): Promise<void> {
  const standing = await heldOf(tx, { server: row.server, userId: row.user_id, itemId: row.item_id });
  const kept = standing === null ? row : joined(standing, row);
  await tx
    .insertInto('sync_held')
    .values(kept)
    .onConflict((conflict) => conflict.columns(['server', 'user_id', 'item_id']).doUpdateSet(kept))
    .execute();
}

const joined = (standing: HeldRow, row: HeldRow): HeldRow => ({
  ...row,
  before: JSON.stringify({ ...toChange(row.before), ...toChange(standing.before) }),
  after: JSON.stringify({ ...toChange(standing.after), ...toChange(row.after) }),
  not_before_ms: Math.min(standing.not_before_ms, row.not_before_ms),
});

/** These fields are there again, or something else was said of them. The last one of a hold ends it. */
export async function forgetHeld(tx: Tx, place: Place, fields: readonly WatchField[], nowMs: number): Promise<void> {
  const row = await heldOf(tx, place);
  if (row === null || row.answer !== null) return;
  const [before, after] = [toChange(row.before), toChange(row.after)];
  if (Object.keys(onlyFields(after, fields)).length === 0) return;
  const left = withoutFields(after, fields);
  if (Object.keys(left).length > 0) {
    const change = { before: JSON.stringify(withoutFields(before, fields)), after: JSON.stringify(left) };
    await tx
      .updateTable('sync_held')
      .set(change)
      .where('server', '=', place.server)
      .where('user_id', '=', place.userId)
      .where('item_id', '=', place.itemId)
      .execute();
    return;
  }
  await dropHeld(tx, place);
  if ((await heldCount(tx, row.hold_id)) === 0) await closeHold(tx, row.hold_id, 'over', nowMs);
}

export async function dropHeld(tx: Tx, { server, userId, itemId }: Place): Promise<void> {
  await tx
    .deleteFrom('sync_held')
    .where('server', '=', server)
    .where('user_id', '=', userId)
    .where('item_id', '=', itemId)
    .execute();
}

/** What waits for an answer. */
export async function heldCount(tx: Tx, holdId: number): Promise<number> {
  const row = await tx
    .selectFrom('sync_held')
    .select(({ fn }) => fn.countAll().as('count'))
    .where('hold_id', '=', holdId)
    .where('answer', 'is', null)
    .executeTakeFirst();
  return Number(row?.count ?? 0);
}

/** By server; servers of which nothing is held are missing. */
export async function countHeld(db: Kysely<SyncTables>): Promise<ReadonlyMap<string, number>> {
  const rows = await (db as unknown as Tx)
    .selectFrom('sync_held')
    .select(({ fn }) => ['server', fn.countAll().as('rows')])
    .where('answer', 'is', null)
    .groupBy('server')
    .execute();
  return new Map(rows.map(({ server, rows: count }) => [server, Number(count)]));
}

export async function heldRows(tx: Tx, holdId: number, most: number): Promise<readonly HeldRow[]> {
  return await tx
    .selectFrom('sync_held')
    .selectAll()
    .where('hold_id', '=', holdId)
    .where('answer', 'is', null)
    .orderBy('item_id')
    .limit(most)
    .execute();
}
