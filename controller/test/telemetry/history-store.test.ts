// Row 68: the WAN's history on disk: thirty days and more by range, in a bounded number of rows; on a real PostgreSQL as well.
import t, { type Test } from 'tap';
import { systemClock } from '../../src/clock.ts';
import { telemetryMigration } from '../../src/database/migrations/003-telemetry.ts';
import { type Database, openDatabase } from '../../src/database/open-database.ts';
import { silentLog } from '../../src/log.ts';
import { createHistoryStore, type TelemetryTables } from '../../src/telemetry/history-store.ts';
import { readHistory } from '../../src/telemetry/read-history.ts';
import { postgresPrograms, startPostgres } from '../database/start-postgres.ts';
import { runTelemetry } from './open-telemetry.ts';

const programs = await postgresPrograms();
const options = { clock: systemClock, log: silentLog, migrations: [telemetryMigration] };
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const START = Date.UTC(2026, 9, 1);
const DAYS = 40;

/** Forty days of minutes that say by their rate which day they are of, rolled up once a day. */
async function keepsDays(t: Test, database: Database): Promise<void> {
  const db = database.tables<TelemetryTables>();
  const store = createHistoryStore(db);
  for (let day = 0; day < DAYS; day += 1) {
    const rows = Array.from({ length: DAY / MINUTE }, (_, i) => {
      const [up, at] = [(day + 1) * 1_000_000, START + day * DAY + i * MINUTE];
      return { wan: 'router/wan', at, up_bps: up, down_bps: 2 * up, up_peak_bps: 3 * up, down_peak_bps: 4 * up, samples: 60 };
    });
    for (let i = 0; i < rows.length; i += 480)
      await db
        .insertInto('wan_minutes')
        .values(rows.slice(i, i + 480))
        .execute();
    await store.rollUp(START + (day + 1) * DAY);
  }
  const now = START + DAYS * DAY;
  const count = async (table: keyof TelemetryTables): Promise<number> =>
    Number(
      (
        await db
          .selectFrom(table)
          .select(({ fn }) => fn.countAll<number>().as('count'))
          .executeTakeFirstOrThrow()
      ).count,
    );
  t.equal(await count('wan_minutes'), (7 * DAY) / MINUTE, 'minutes of a week');
  t.equal(await count('wan_hours'), DAYS * 24, 'hours of all days');
  const read = async (from: number, to: number, most: number) =>
    await readHistory({ seconds: new Map(), store, now }, { wan: 'router/wan', from, to, most });
  const month = await read(now - 30 * DAY, now, 30);
  t.equal(month.length, 30, 'thirty days, a step each');
  t.same(
    month.map(({ upBps, downBps, upPeakBps, samples }) => [upBps / 1e6, downBps / 2e6, upPeakBps / 3e6, samples]),
    Array.from({ length: 30 }, (_, i) => [i + 11, i + 11, i + 11, 86_400]),
  );
  t.equal((await read(now - 30 * DAY, now, 5_000)).length, 30 * 24, 'hour by hour');
  const old = await read(START + 5 * DAY, START + 5 * DAY + 6 * HOUR, 100);
  t.ok(old.length === 6 && old.every(({ upBps }) => upBps === 6e6), 'a part of an old day');
  t.same(await read(START - DAY, START, 10), []);
}

t.test('on SQLite', async (t) => {
  await using database = await openDatabase({ path: t.testdir(), ...options });
  await keepsDays(t, database);
});

t.test('on PostgreSQL', { skip: programs === null && 'Debian package postgresql is not installed' }, async (t) => {
  if (programs === null) return;
  await using server = await startPostgres(programs);
  await using database = await openDatabase({ path: t.testdir(), url: server.url, ...options });
  await keepsDays(t, database);
});

t.test('a clock that leaps years ahead for some minutes takes nothing of what is kept', async (t) => {
  const home = await runTelemetry(t);
  const from = home.clock.now();
  const speak = async (minutes: number): Promise<void> => {
    for (let m = 0; m < minutes; m += 1) {
      home.say(1_000_000);
      await home.pass(MINUTE);
    }
  };
  await speak(65);
  home.clock.jump(3 * 365 * DAY);
  await speak(20);
  home.clock.jump(-3 * 365 * DAY);
  await speak(65);
  const kept = await home.store.range('router/wan', 'minutes', from, from + 65 * MINUTE);
  t.ok(kept.length >= 62, `${kept.length} of 65 minutes: the newest were not on the disk yet`);
  t.ok((await home.store.range('router/wan', 'hours', from, from + 3 * HOUR)).length >= 1, 'and hours are made again');
});
