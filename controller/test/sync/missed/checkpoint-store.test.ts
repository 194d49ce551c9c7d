// How far a server's log was read, on a real PostgreSQL as well: there a bigint is a text.
import t, { type Test } from 'tap';
import { systemClock } from '../../../src/clock.ts';
import { migrations } from '../../../src/database/migrations/index.ts';
import { type Database, openDatabase } from '../../../src/database/open-database.ts';
import { silentLog } from '../../../src/log.ts';
import { type CheckpointTables, readCheckpoint, writeCheckpoint } from '../../../src/sync/missed/checkpoint-store.ts';
import { postgresPrograms, startPostgres } from '../../database/start-postgres.ts';

const programs = await postgresPrograms();
const options = { clock: systemClock, log: silentLog, migrations };

async function keeps(test: Test, database: Database): Promise<void> {
  const db = database.tables<CheckpointTables>();
  test.equal(await readCheckpoint(db, 'attic'), null);
  const checkpoint = { activityMs: 1_800_000_000_123, activityId: 7, scanEndMs: null };
  await writeCheckpoint(db, 'attic', checkpoint);
  test.same(await readCheckpoint(db, 'attic'), checkpoint);
  await writeCheckpoint(db, 'attic', { ...checkpoint, scanEndMs: 1_800_000_000_456 });
  test.same(await readCheckpoint(db, 'attic'), { ...checkpoint, scanEndMs: 1_800_000_000_456 });
  test.equal(await readCheckpoint(db, 'barn'), null);
}

t.test('on SQLite', async (t) => {
  await using database = await openDatabase({ path: t.testdir(), ...options });
  await keeps(t, database);
});

t.test('on PostgreSQL', { skip: programs === null && 'Debian package postgresql is not installed' }, async (t) => {
  if (programs === null) return;
  await using server = await startPostgres(programs);
  await using database = await openDatabase({ path: t.testdir(), url: server.url, ...options });
  await keeps(t, database);
});
