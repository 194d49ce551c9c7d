// How much was written to whom, as far back as the log goes; counted by an index, now and then.
import type { Kysely } from 'kysely';
import type { SyncTables } from '../state/sync-tables.ts';

export type LogTotals = {
  readonly entries: number;
  readonly successful: number;
  /** UTC ms of the last entry; null before the first. */
  readonly lastMs: number | null;
};

/** A hundred thousand entries take some ms. */
const FRESH_MS = 2_000;

export function createLogTotals(db: Kysely<SyncTables>, nowMs: () => number): () => Promise<LogTotals> {
  let known: { readonly totals: Promise<LogTotals>; readonly atMs: number } | null = null;
  return async () => {
    if (known !== null && Math.abs(nowMs() - known.atMs) < FRESH_MS) return await known.totals;
    const totals = readTotals(db);
    known = { totals, atMs: nowMs() };
    totals.catch(() => {
      known = null;
    });
    return await totals;
  };
}

async function readTotals(db: Kysely<SyncTables>): Promise<LogTotals> {
  const rows = await db
    .selectFrom('sync_log')
    .select(({ fn }) => ['target', fn.countAll().as('entries'), fn.sum('success').as('successful'), fn.max('at_ms').as('last')])
    .groupBy('target')
    .execute();
  const sum = (values: readonly unknown[]): number => values.reduce<number>((total, value) => total + Number(value), 0);
  return {
    entries: sum(rows.map(({ entries }) => entries)),
    successful: sum(rows.map(({ successful }) => successful)),
    lastMs: rows.length === 0 ? null : Math.max(...rows.map(({ last }) => Number(last))),
  };
}
