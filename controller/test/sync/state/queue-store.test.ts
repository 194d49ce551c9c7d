// Wanted anew: what a row of the queue keeps, and what it begins anew with.
import t from 'tap';
import { oldestPendingMs } from '../../../src/sync/shown/queue-reading.ts';
import { enqueue, NEVER_MS, rowOf } from '../../../src/sync/state/queue-store.ts';
import { openSyncDatabase, queueRow } from '../sync-database.ts';

t.test(
  'what is still to be brought stays as old as it was; what was set aside, or waited, makes the queue no later than it is',
  async (t) => {
    const { db } = await openSyncDatabase(t);
    const rows = [
      queueRow(1),
      queueRow(2, { status: 'failed', attempts: 6, problem: 'no' }),
      queueRow(3, { status: 'waiting', absent_tries: 2, due_ms: NEVER_MS }),
    ];
    await db.insertInto('sync_queue').values(rows).execute();
    let id = 10;
    const want = (row: (typeof rows)[number]) =>
      enqueue(
        db,
        {
          ...{ server: row.server, person: row.person, identity: row.identity, eventType: 'rating', origin: 'attic' },
          ...{ itemName: row.item_name, itemPath: null, dueMs: 90_000 },
        },
        { nowMs: 90_000, newId: () => ++id },
      );
    for (const row of rows) await want(row);
    const [pending, failed, waiting] = await Promise.all(rows.map((row) => rowOf(db, row)));
    t.match(pending, { status: 'pending', id: 1, version: 2, created_ms: 1_001, due_ms: 1_001, event_type: 'rating' });
    t.match(failed, { status: 'pending', id: 12, version: 2, created_ms: 90_000, due_ms: 90_000, attempts: 0, problem: null });
    t.match(waiting, { status: 'pending', id: 13, version: 2, created_ms: 90_000, due_ms: 90_000, absent_tries: 0 });
    await db.deleteFrom('sync_queue').where('id', '=', 1).execute();
    t.equal(await oldestPendingMs(db, 'barn'), 90_000);
  },
);
