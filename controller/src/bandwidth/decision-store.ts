// The history of decisions: each change with its inputs and reason, newest kept.
import type { Kysely } from 'kysely';
import type { DecisionRecord, DecisionTables } from './decision-record.ts';
import { type DecisionFilter, searchDecisions, toRecord } from './decision-search.ts';

export type { DecisionRecord, DecisionTables } from './decision-record.ts';

export type DecisionStore = {
  /** Not awaited by the decision itself: history may lag, caps may not. */
  add(record: DecisionRecord): Promise<void>;
  /** Newest first. */
  latest(limit: number, before?: number): Promise<readonly DecisionRecord[]>;
  search(filter: DecisionFilter): Promise<readonly DecisionRecord[]>;
  /** The one that held at UTC ms, and the one after it; null where there is none. */
  around(at: number): Promise<{ readonly held: DecisionRecord | null; readonly next: DecisionRecord | null }>;
};

/** The line of a restless evening changes some hundred times; this is days of it, and weeks of quiet. Kept in memory too, so not more. */
const KEPT = 5_000;
const PRUNE_EACH = 200;

export function createDecisionStore(db: Kysely<DecisionTables>): DecisionStore {
  let added = 0;
  return {
    async add({ id, at, mode, reason, detail }) {
      await db
        .insertInto('bandwidth_decisions')
        .values({ id, at, mode, reason, detail: JSON.stringify(detail) })
        .execute();
      added += 1;
      if (added % PRUNE_EACH !== 0) return;
      const edge = await db
        .selectFrom('bandwidth_decisions')
        .select('at')
        .orderBy('at', 'desc')
        .offset(KEPT)
        .limit(1)
        .executeTakeFirst();
      if (edge) await db.deleteFrom('bandwidth_decisions').where('at', '<=', Number(edge.at)).execute();
    },
    async latest(limit, before) {
      let query = db.selectFrom('bandwidth_decisions').selectAll().orderBy('at', 'desc').limit(limit);
      if (before !== undefined) query = query.where('at', '<', before);
      return (await query.execute()).map(toRecord);
    },
    search: (filter) => searchDecisions(db, filter),
    async around(at) {
      const all = db.selectFrom('bandwidth_decisions').selectAll().limit(1);
      const held = await all.where('at', '<=', at).orderBy('at', 'desc').orderBy('id', 'desc').executeTakeFirst();
      const next = await all.where('at', '>', at).orderBy('at').orderBy('id').executeTakeFirst();
      return { held: held ? toRecord(held) : null, next: next ? toRecord(next) : null };
    },
  };
}
