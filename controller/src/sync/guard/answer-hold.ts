// What becomes of what was held: each loss is told once more and counts, or its server is brought back. Some at a time, so that a crash in between changes nothing.
import type { Kysely } from 'kysely';
import type { WatchChange } from '../../neighbours/watch-state.ts';
import { enqueue } from '../state/queue-store.ts';
import { readShadow, writeShadow } from '../state/state-store.ts';
import type { Place } from '../state/sync-tables.ts';
import { type Around, eventOf, takeReport } from '../state/take-report.ts';
import { gatherWakes } from '../state/transact.ts';
import { FIELDS } from '../state/watch-fields.ts';
import { type Answer, type GuardTables, toChange } from './guard-tables.ts';
import { closeHold, dropHeld, type HeldRow, type HoldRow, heldRows } from './hold-store.ts';
import { forgetLosses } from './loss-store.ts';

export type AnswerDeps = {
  readonly db: Kysely<GuardTables>;
  readonly around: Around;
  /** Items may be called otherwise since; null: it is there no more. */
  identityOf(server: string, itemId: string): string | null;
};

/** One transaction each: some ms. */
const AT_ONCE = 50;

/** Answers with how many there were. */
export async function answerHold(deps: AnswerDeps, hold: HoldRow, answer: Answer): Promise<number> {
  const { db, around } = deps;
  const gathered = gatherWakes(around);
  const inside = { ...deps, around: gathered.around };
  for (let answered = 0; ; ) {
    const left = await db.transaction().execute(async (tx) => {
      const rows = await heldRows(tx, hold.id, AT_ONCE);
      for (const row of rows) await answerOne(inside, tx, row, answer);
      if (rows.length > 0) return rows.length;
      await closeHold(tx, hold.id, answer === 'counts' ? 'released' : 'discarded', around.nowMs());
      // Who said that it is meant is not asked again for the rest of it.
      if (answer === 'counts') await forgetLosses(tx, { server: hold.server, userId: hold.user_id });
      return 0;
    });
    answered += left;
    gathered.wake();
    if (left === 0) return answered;
  }
}

async function answerOne(deps: AnswerDeps, tx: Kysely<GuardTables>, row: HeldRow, answer: Answer): Promise<void> {
  const place: Place = { server: row.server, userId: row.user_id, itemId: row.item_id };
  if (row.identity === '') {
    // Whoever finds it gone asks again, and is told.
    await tx
      .updateTable('sync_held')
      .set({ answer, set_ms: deps.around.nowMs() })
      .where('server', '=', row.server)
      .where('user_id', '=', row.user_id)
      .where('item_id', '=', row.item_id)
      .execute();
    return;
  }
  await dropHeld(tx, place);
  const held = { ...row, identity: deps.identityOf(row.server, row.item_id) ?? row.identity };
  if (answer === 'counts') await countNow(deps, tx, place, held);
  else await bringBack(deps, tx, held);
}

/** As if it were told now for the first time, with the time when it was: whatever was said since is later. */
async function countNow({ around }: AnswerDeps, tx: Kysely<GuardTables>, place: Place, row: HeldRow): Promise<void> {
  const shadow = await readShadow(tx, place);
  const seen = { ...shadow?.seen, ...toChange(row.before) };
  await writeShadow(tx, place, { seen, hookMs: shadow?.hookMs ?? null, readMs: row.not_before_ms || null, past: [] });
  await takeReport(
    tx,
    { ...around, guard: undefined },
    {
      ...{ place, person: row.person, identity: row.identity, itemName: row.item_name, itemPath: row.item_path },
      ...{ has: toChange(row.after), unmeant: [], ms: row.set_ms },
      ...{ hookMs: shadow?.hookMs ?? null, readMs: shadow?.readMs ?? null },
    },
  );
}

async function bringBack({ around }: AnswerDeps, tx: Kysely<GuardTables>, row: HeldRow): Promise<void> {
  if (!around.targets(row.person).some(({ server }) => server === row.server)) return;
  const changes = changesBack(toChange(row.before));
  const wanted = { server: row.server, person: row.person, identity: row.identity, origin: 'guard' };
  await enqueue(
    tx,
    { ...wanted, eventType: eventOf(changes), itemName: row.item_name, itemPath: row.item_path, dueMs: around.nowMs() },
    { nowMs: around.nowMs(), newId: around.newId },
  );
  around.wake([row.server]);
}

const changesBack = (before: WatchChange) => FIELDS.filter((field) => field in before).map((field) => ({ field }));
