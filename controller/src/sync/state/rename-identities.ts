// Items got another name, since more is known of them: what is agreed moves with them, and where two become one, the later setting of each field holds.
import type { Kysely } from 'kysely';
import { compareTimes } from './hybrid-time.ts';
import type { Register, Registers } from './observe.ts';
import { changeRow, dropRow } from './queue-store.ts';
import { readRegisters, writeRegisters } from './state-store.ts';
import { type SyncTables, toRegisters } from './sync-tables.ts';

export async function renameIdentities(
  db: Kysely<SyncTables>,
  renamed: readonly { readonly from: string; readonly to: string }[],
  nowMs: number,
): Promise<void> {
  for (const { from, to } of renamed) await db.transaction().execute((tx) => rename(tx, { from, to, nowMs }));
}

async function rename(tx: Kysely<SyncTables>, { from, to, nowMs }: { from: string; to: string; nowMs: number }): Promise<void> {
  const rows = await tx.selectFrom('sync_registers').select(['person', 'registers']).where('identity', '=', from).execute();
  for (const { person, registers } of rows) {
    const joined = later(await readRegisters(tx, person, to), toRegisters(registers));
    await writeRegisters(tx, { person, identity: to }, joined, nowMs);
  }
  await tx.deleteFrom('sync_registers').where('identity', '=', from).execute();
  await tx.updateTable('sync_log').set({ identity: to }).where('identity', '=', from).execute();
  const waiting = await tx.selectFrom('sync_queue').select(['server', 'person']).where('identity', '=', to).execute();
  const isThere = (server: string, person: string): boolean =>
    waiting.some((row) => row.server === server && row.person === person);
  for (const row of await tx.selectFrom('sync_queue').select(['server', 'person']).where('identity', '=', from).execute()) {
    // The one that stands brings what both are now.
    const key = { server: row.server, person: row.person, identity: from };
    if (isThere(row.server, row.person)) await dropRow(tx, key);
    else await changeRow(tx, key, { identity: to });
  }
}

function later(a: Registers, b: Registers): Registers {
  const joined: Record<string, Register> = { ...a };
  for (const [field, register] of Object.entries(b) as [keyof Registers, Register][]) {
    const other = a[field];
    if (other === undefined || compareTimes(register.at, other.at) > 0) joined[field] = register;
  }
  return joined as Registers;
}
