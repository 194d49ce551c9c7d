// What sync shows and takes back, on a real PostgreSQL.
import t from 'tap';
import { systemClock } from '../../../src/clock.ts';
import { migrations } from '../../../src/database/migrations/index.ts';
import { openDatabase } from '../../../src/database/open-database.ts';
import { silentLog } from '../../../src/log.ts';
import { dropLetter, retryFailed } from '../../../src/sync/asked/dead-letters.ts';
import { openSyncSwitch, type SwitchTables } from '../../../src/sync/asked/sync-switch.ts';
import { undo } from '../../../src/sync/asked/undo.ts';
import { keepMeeting, type MeetingTables, readMeetings } from '../../../src/sync/reconcile/meeting-report.ts';
import { exportLines } from '../../../src/sync/shown/export.ts';
import { pruneLog, readLog } from '../../../src/sync/shown/log-reading.ts';
import { createLogTotals } from '../../../src/sync/shown/log-totals.ts';
import { countQueue, listQueue } from '../../../src/sync/shown/queue-reading.ts';
import { readRegisters, writeRegisters, writeShadow } from '../../../src/sync/state/state-store.ts';
import type { SyncTables } from '../../../src/sync/state/sync-tables.ts';
import type { Around } from '../../../src/sync/state/take-report.ts';
import { postgresPrograms, startPostgres } from '../../database/start-postgres.ts';
import { logRow, queueRow } from '../sync-database.ts';

const programs = await postgresPrograms();
const NOW_MS = 50_000;

/** Anna on two servers that have every item under its identity's name. */
const around: Around = {
  targets: () => ['attic', 'barn'].map((server) => ({ server, userId: 'anna-id' })),
  itemsOf: (identity) => [identity],
  itemNamed: (_server, itemId) => ({ name: itemId, path: null }),
  dueMs: () => NOW_MS,
  isSynced: () => true,
  hasField: () => true,
  isSource: () => true,
  nowMs: () => NOW_MS,
  newId: () => 900,
  wake: () => {},
};

t.test(
  'on PostgreSQL the queue, the log, an undo and an export are as on SQLite',
  { skip: programs === null && 'Debian package postgresql is not installed' },
  async (t) => {
    if (programs === null) return;
    await using server = await startPostgres(programs);
    await using database = await openDatabase({
      path: t.testdir(),
      url: server.url,
      clock: systemClock,
      log: silentLog,
      migrations,
    });
    const db = database.tables<SyncTables>();

    await db
      .insertInto('sync_queue')
      .values([queueRow(1, { status: 'failed' }), queueRow(2), queueRow(3, { status: 'failed', server: 'attic' })])
      .execute();
    t.same((await countQueue(db)).get('barn'), { pending: 1, waiting: 0, failed: 1, held: 0 });
    const letters = { db, servers: ['attic', 'barn'], nowMs: () => NOW_MS, wake: () => {} };
    await dropLetter(letters, 3);
    t.equal(await retryFailed(letters, null), 1);
    t.match(await listQueue(db, { servers: ['attic', 'barn'], status: 'pending', limit: 9 }), [{ id: 1, version: 2 }, { id: 2 }]);

    await db
      .insertInto('sync_log')
      .values([logRow(1), logRow(2, { item_name: '100% Wolf', success: 0 }), logRow(3, { target: 'attic' })])
      .execute();
    const all = { limit: 9, offset: 0, sinceMs: null, source: null, target: null, eventType: 'favorite', itemName: null };
    t.match(await readLog(db, all), { total: 3, entries: [{ id: 3 }, { id: 2 }, { id: 1 }] });
    t.match(await readLog(db, { ...all, itemName: '0% w', limit: 1 }), { total: 1, entries: [{ id: 2 }] });
    t.same(await createLogTotals(db, () => 0)(), { entries: 3, successful: 2, lastMs: 3_000 });

    const place = { server: 'attic', userId: 'anna-id', itemId: 'tmdb:1' };
    const at = { ms: 900, count: 0, origin: 'attic' };
    await db.transaction().execute(async (tx) => {
      await writeRegisters(tx, { person: 'anna', identity: 'tmdb:1' }, { favourite: { value: true, at } }, 900);
      await writeShadow(tx, place, { seen: { favourite: true }, hookMs: 1_764_000_000_000.123, readMs: 900, past: [] });
    });
    const undone = await undo({ db, around }, { scope: { id: 1 }, force: false, dryRun: false });
    t.match(undone, { entries: 1, items: [{ changes: [{ from: true, to: false }], servers: ['attic', 'barn'] }] });
    t.match(await readRegisters(db, 'anna', 'tmdb:1'), { favourite: { value: false, at: { ms: NOW_MS, origin: 'undo' } } });
    await t.rejects(undo({ db, around }, { scope: { id: 2 }, force: true, dryRun: true }), { code: 'conflict' });

    const user = { server: 'attic', userId: 'anna-id', name: 'Anna', isAdministrator: false, isDisabled: false };
    const people = { all: () => [{ person: 'anna', users: [user] }] };
    const lines: string[] = [];
    for await (const some of exportLines(
      { db, people, index: { itemsOf: () => [] }, nowMs: () => NOW_MS },
      AbortSignal.timeout(9_000),
    ))
      lines.push(...some.trimEnd().split('\n'));
    t.match(
      lines.map((text) => (JSON.parse(text) as { kind: string }).kind),
      ['headgate-sync', 'user', 'agreed', 'seen', 'end'],
    );

    const meetings = database.tables<MeetingTables>();
    for (const touched of [1, 2])
      await keepMeeting(meetings, { ...user, person: 'anna' }, { atMs: touched, report: { touched, joined: 0, writes: {} } });
    t.match(await readMeetings(meetings, ['attic']), [{ touched: 2, atMs: 2 }]);
    const switched = await openSyncSwitch(database.tables<SwitchTables>());
    await switched.pause(true);
    await switched.pause(false);
    t.equal((await openSyncSwitch(database.tables<SwitchTables>())).isPaused(), false);
    t.equal(await pruneLog(db, 3_000), 2);
  },
);
