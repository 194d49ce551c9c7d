// The log of what was written: found by its filters, kept within its days and its size.
import t, { type Test } from 'tap';
import { type LogQuery, logOf, pruneLog, readLog } from '../../../src/sync/shown/log-reading.ts';
import { createLogTotals } from '../../../src/sync/shown/log-totals.ts';
import { type LogRow, logRow, openSyncDatabase } from '../sync-database.ts';

const ALL: LogQuery = { limit: 100, offset: 0, sinceMs: null, source: null, target: null, eventType: null, itemName: null };

async function open(t: Test, rows: readonly LogRow[]) {
  const { db } = await openSyncDatabase(t);
  if (rows.length > 0)
    await db
      .insertInto('sync_log')
      .values([...rows])
      .execute();
  const ids = async (query: Partial<LogQuery> = {}) => (await readLog(db, { ...ALL, ...query })).entries.map(({ id }) => id);
  return { db, ids };
}

t.test('rows 280, 306: the newest first, by each filter alone and together', async (t) => {
  const { db, ids } = await open(t, [
    logRow(1),
    logRow(2, { target: 'cabin', event_type: 'watched' }),
    logRow(3, { origin: 'barn', target: 'attic', item_name: '100% Wolf_Man' }),
    logRow(4, { at_ms: 3_000, item_name: 'The Wolf' }),
  ]);
  t.same(await ids(), [4, 3, 2, 1]);
  t.same(await ids({ sinceMs: 2_000 }), [4, 3, 2]);
  t.same(await ids({ source: 'barn' }), [3]);
  t.same(await ids({ target: 'cabin' }), [2]);
  t.same(await ids({ eventType: 'favorite' }), [4, 3, 1]);
  t.same(await ids({ itemName: 'wOLF' }), [4, 3]);
  t.same(await ids({ itemName: '0%' }), [3], 'signs of a pattern are signs');
  t.same(await ids({ itemName: 'f_m' }), [3]);
  t.same(await ids({ itemName: '\\' }), []);
  t.same(await ids({ itemName: 'wolf', source: 'attic', sinceMs: 3_000 }), [4]);
  const page = await readLog(db, { ...ALL, limit: 2, offset: 1 });
  t.same([page.entries.map(({ id }) => id), page.total], [[3, 2], 4]);
  t.same(
    (await logOf(db, { person: 'anna', identity: 'tmdb:2' }, 5)).map(({ id }) => id),
    [2],
  );
});

t.test('row 280: the log is bounded by days and by number', async (t) => {
  const rows = Array.from({ length: 2_500 }, (_, i) => logRow(i + 1, { success: i % 10 === 0 ? 0 : 1 }));
  const { db, ids } = await open(t, []);
  for (let from = 0; from < rows.length; from += 500)
    await db
      .insertInto('sync_log')
      .values(rows.slice(from, from + 500))
      .execute();
  const totals = createLogTotals(db, () => 0);
  t.same(await totals(), { entries: 2_500, successful: 2_250, lastMs: 2_500_000 });
  t.equal(await pruneLog(db, 2_000_000), 1_999);
  t.same(await ids({ limit: 1, offset: 500 }), [2_000], 'what is as old as that stays');
  t.equal(await pruneLog(db, 0, 100), 401);
  t.equal((await readLog(db, { ...ALL, limit: 1 })).total, 100);
  t.equal(await pruneLog(db, 0, 100), 0);
});
