// What is agreed and what each server was last seen to have, on disk. All calls run inside the transaction that is handed in.
// Statements as text: each report makes a dozen, and building them takes longer than SQLite does.
import { type Kysely, sql } from 'kysely';
import { untouched } from '../../neighbours/watch-state.ts';
import type { Registers } from './observe.ts';
import { type Place, type Shadow, type SyncTables, toRegisters, toShadow } from './sync-tables.ts';

type Tx = Kysely<SyncTables>;

export async function readRegisters(tx: Tx, person: string, identity: string): Promise<Registers> {
  const { rows } = await sql<Pick<SyncTables['sync_registers'], 'registers'>>`
    select registers from sync_registers where person = ${person} and identity = ${identity}`.execute(tx);
  return toRegisters(rows[0]?.registers);
}

export async function writeRegisters(
  tx: Tx,
  of: { readonly person: string; readonly identity: string },
  registers: Registers,
  nowMs: number,
): Promise<void> {
  const { person, identity } = of;
  await sql`
    insert into sync_registers (person, identity, registers, updated_ms)
    values (${person}, ${identity}, ${JSON.stringify(registers)}, ${nowMs})
    on conflict (person, identity) do update set registers = excluded.registers, updated_ms = excluded.updated_ms`.execute(tx);
}

/** Null: never seen, and its user was not aligned, so nothing can be said of what it has. */
export async function readShadow(tx: Tx, { server, userId, itemId }: Place): Promise<Shadow | null> {
  const { rows } = await sql<Pick<SyncTables['sync_shadows'], 'seen' | 'hook_ms' | 'read_ms' | 'past'>>`
    select seen, hook_ms, read_ms, past from sync_shadows
    where server = ${server} and user_id = ${userId} and item_id = ${itemId}`.execute(tx);
  const [row] = rows;
  if (row !== undefined) return toShadow(row);
  const aligned = await alignedMs(tx, server, userId);
  // An alignment keeps no row of what nobody has touched.
  return aligned === null ? null : { seen: untouched, hookMs: null, readMs: aligned, past: [] };
}

export async function writeShadow(tx: Tx, { server, userId, itemId }: Place, shadow: Shadow): Promise<void> {
  const { seen, hookMs, readMs } = shadow;
  const past = shadow.past.length === 0 ? null : JSON.stringify(shadow.past);
  await sql`
    insert into sync_shadows (server, user_id, item_id, seen, hook_ms, read_ms, past)
    values (${server}, ${userId}, ${itemId}, ${JSON.stringify(seen)}, ${hookMs}, ${readMs}, ${past})
    on conflict (server, user_id, item_id)
    do update set seen = excluded.seen, hook_ms = excluded.hook_ms, read_ms = excluded.read_ms, past = excluded.past`.execute(tx);
}

/** When this user of this server was compared whole for the first time; null before. */
export async function alignedMs(tx: Tx, server: string, userId: string): Promise<number | null> {
  const { rows } = await sql<Pick<SyncTables['sync_alignments'], 'aligned_ms'>>`
    select aligned_ms from sync_alignments where server = ${server} and user_id = ${userId}`.execute(tx);
  return rows[0]?.aligned_ms ?? null;
}
