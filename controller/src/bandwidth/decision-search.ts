// Finds decisions among those that are kept: by time, mode, viewer and words. The same on SQLite and PostgreSQL, whose LIKE differ.
import type { Kysely } from 'kysely';
import type { DecisionRecord, DecisionTables } from './decision-record.ts';

/** Times UTC ms. `before` and `beforeId` are the place of the last one on the page before. */
export type DecisionFilter = {
  readonly limit: number;
  readonly before?: number | undefined;
  readonly beforeId?: string | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly mode?: string | undefined;
  /** `server/user` */
  readonly viewer?: string | undefined;
  /** In the reason or in the inputs; letter case does not count. */
  readonly text?: string | undefined;
};

/** Read at a time, so that a search through all of them does not hold the loop. */
const PAGE = 250;
type Row = DecisionTables['bandwidth_decisions'];

/** Newest first. @throws ControllerError storage_failed */
export async function searchDecisions(db: Kysely<DecisionTables>, filter: DecisionFilter): Promise<readonly DecisionRecord[]> {
  const fits = wordsFit(filter);
  const found: Row[] = [];
  let edge = { at: filter.before, id: filter.beforeId };
  for (;;) {
    const page = await readPage(db, filter, edge);
    found.push(...page.filter(fits));
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE || found.length >= filter.limit) break;
    edge = { at: Number(last.at), id: last.id };
  }
  return found.slice(0, filter.limit).map(toRecord);
}

export const toRecord = (row: Row): DecisionRecord => ({
  ...row,
  // PostgreSQL gives 64-bit integers as text.
  at: Number(row.at),
  detail: JSON.parse(row.detail) as Record<string, unknown>,
});

/** Several may be of one millisecond: their ids put them in order. */
async function readPage(
  db: Kysely<DecisionTables>,
  { from, to, mode }: DecisionFilter,
  { at, id }: { readonly at: number | undefined; readonly id: string | undefined },
): Promise<Row[]> {
  let query = db.selectFrom('bandwidth_decisions').selectAll().orderBy('at', 'desc').orderBy('id', 'desc').limit(PAGE);
  if (from !== undefined) query = query.where('at', '>=', from);
  if (to !== undefined) query = query.where('at', '<', to);
  if (mode !== undefined) query = query.where('mode', '=', mode);
  if (at !== undefined && id === undefined) query = query.where('at', '<', at);
  if (at !== undefined && id !== undefined)
    query = query.where((eb) => eb.or([eb('at', '<', at), eb.and([eb('at', '=', at), eb('id', '<', id)])]));
  return await query.execute();
}

function wordsFit({ viewer, text }: DecisionFilter): (row: Row) => boolean {
  // As it stands in the inputs, in quotes: "main/ann" is not "main/anna".
  const named = viewer === undefined ? null : JSON.stringify(viewer).toLowerCase();
  const words = text === undefined ? null : text.toLowerCase();
  return ({ reason, detail }) =>
    (named === null || detail.toLowerCase().includes(named)) &&
    (words === null || reason.toLowerCase().includes(words) || detail.toLowerCase().includes(words));
}
