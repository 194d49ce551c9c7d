// What is agreed and what each server was last seen to have, on disk. All calls run inside the transaction that is handed in.
import type { Kysely } from 'kysely';
import { untouched } from '../../neighbours/watch-state.ts';
import type { Registers } from './observe.ts';
import { type Place, type Shadow, type SyncTables, toRegisters, toShadow } from './sync-tables.ts';

type Tx = Kysely<SyncTables>;

export async function readRegisters(tx: Tx, person: string, identity: string): Promise<Registers> {
  const row = await tx
    .selectFrom('sync_registers')
    .select('registers')
    .where('person', '=', person)
    .where('identity', '=', identity)
    .executeTakeFirst();
  return toRegisters(row?.registers);
}

export async function writeRegisters(
  tx: Tx,
  of: { readonly person: string; readonly identity: string },
  registers: Registers,
  nowMs: number,
): Promise<void> {
  const row = { registers: JSON.stringify(registers), updated_ms: nowMs };
  await tx
    .insertInto('sync_registers')
    .values({ ...of, ...row })
    .onConflict((conflict) => conflict.columns(['person', 'identity']).doUpdateSet(row))
    .execute();
}

/** Null: never seen, and its user was not aligned, so nothing can be said of what it has. */
export async function readShadow(tx: Tx, { server, userId, itemId }: Place): Promise<Shadow | null> {
  const row = await tx
    .selectFrom('sync_shadows')
    .select(['seen', 'hook_ms', 'read_ms'])
    .where('server', '=', server)
    .where('user_id', '=', userId)
    .where('item_id', '=', itemId)
    .executeTakeFirst();
  if (row !== undefined) return toShadow(row);
  const aligned = await alignedMs(tx, server, userId);
  // An alignment keeps no row of what nobody has touched.
  return aligned === null ? null : { seen: untouched, hookMs: null, readMs: aligned };
}

export async function writeShadow(tx: Tx, { server, userId, itemId }: Place, shadow: Shadow): Promise<void> {
  const row = { seen: JSON.stringify(shadow.seen), hook_ms: shadow.hookMs, read_ms: shadow.readMs };
  await tx
    .insertInto('sync_shadows')
    .values({ server, user_id: userId, item_id: itemId, ...row })
    .onConflict((conflict) => conflict.columns(['server', 'user_id', 'item_id']).doUpdateSet(row))
    .execute();
}

/** When this user of this server was compared whole for the first time; null before. */
export async function alignedMs(tx: Tx, server: string, userId: string): Promise<number | null> {
  const row = await tx
    .selectFrom('sync_alignments')
    .select('aligned_ms')
    .where('server', '=', server)
    .where('user_id', '=', userId)
    .executeTakeFirst();
  return row?.aligned_ms ?? null;
}
