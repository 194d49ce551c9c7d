// Queues all that is agreed of a person for one of their users: after the first comparing of that user, and when items appear on a server.
import { setImmediate as turn } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import type { WatchChange } from '../../neighbours/watch-state.ts';
import { planWrite } from '../state/plan-write.ts';
import { enqueue } from '../state/queue-store.ts';
import { readShadow } from '../state/state-store.ts';
import { type SyncTables, toRegisters } from '../state/sync-tables.ts';
import type { ApplyDeps } from './apply-deps.ts';

export type BroughtTo = { readonly server: string; readonly userId: string; readonly person: string };

/** One transaction each: some ms. */
const AT_ONCE = 200;

/** What waited for the first comparing is due; of all else, what this server has and shows otherwise. @param note of each item what is to be written */
export async function bringAgreed(
  { db, around }: Pick<ApplyDeps, 'db' | 'around'>,
  to: BroughtTo,
  note: (plan: WatchChange) => void = () => {},
): Promise<void> {
  if (!around.targets(to.person).some(({ server }) => server === to.server)) return;
  await db
    .updateTable('sync_queue')
    .set({ due_ms: around.nowMs() })
    .where('server', '=', to.server)
    .where('person', '=', to.person)
    .where('status', '=', 'pending')
    .execute();
  let after = '';
  for (;;) {
    const rows = await db
      .selectFrom('sync_registers')
      .select(['identity', 'registers'])
      .where('person', '=', to.person)
      .where('identity', '>', after)
      .orderBy('identity')
      .limit(AT_ONCE)
      .execute();
    await db.transaction().execute(async (tx) => {
      for (const row of rows) {
        const plan = await bringOne(tx, around, to, row);
        if (plan !== null) note(plan);
      }
    });
    const last = rows.at(-1);
    if (last === undefined || rows.length < AT_ONCE) return;
    after = last.identity;
    await turn();
  }
}

/** Where its item is there, and does not show what is agreed. Answers with what is to be written; null: nothing. */
export async function bringOne(
  tx: Kysely<SyncTables>,
  around: ApplyDeps['around'],
  { server, userId, person }: BroughtTo,
  { identity, registers: text }: { readonly identity: string; readonly registers: string },
): Promise<WatchChange | null> {
  const registers = toRegisters(text);
  for (const itemId of around.itemsOf(identity, server)) {
    const seen = (await readShadow(tx, { server, userId, itemId }))?.seen ?? {};
    const plan = planWrite(registers, seen, around.isSynced);
    if (plan === null) continue;
    const { name, path } = around.itemNamed(server, itemId);
    const origin = Object.values(registers)[0]?.at.origin ?? server;
    const wanted = { server, person, identity, eventType: 'watched' as const, origin, itemName: name, itemPath: path };
    await enqueue(tx, { ...wanted, dueMs: around.nowMs() }, { nowMs: around.nowMs(), newId: around.newId });
    return plan;
  }
  return null;
}
