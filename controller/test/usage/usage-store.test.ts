// Rows 67, 68: usage on disk: a minute in three tiers, 30 days and more, never more than so much; on a real PostgreSQL as well.
import t, { type Test } from 'tap';
import { systemClock } from '../../src/clock.ts';
import { migrations } from '../../src/database/migrations/index.ts';
import { type Database, openDatabase } from '../../src/database/open-database.ts';
import { silentLog } from '../../src/log.ts';
import type { Drawn } from '../../src/usage/amount.ts';
import { openUsageStore, type UsageMinute } from '../../src/usage/usage-store.ts';
import { KEPT, TIERS, type Tier, type UsageTables } from '../../src/usage/usage-tables.ts';
import { postgresPrograms, startPostgres } from '../database/start-postgres.ts';

const programs = await postgresPrograms();
const options = { clock: systemClock, log: silentLog, migrations };
const MINUTE = 60_000;
const DAY = 86_400_000;
/** A midnight. */
const NOW = Date.UTC(2026, 10, 27);
const EVER = { place: null, name: null, from: 0, to: Number.MAX_SAFE_INTEGER } as const;

const anna = (change: Partial<Drawn> = {}): Drawn => ({
  ...{ by: 'viewer', name: 'main/anna', place: 'uplink', upBytes: 1_000, downBytes: 10, ms: MINUTE },
  ...change,
});
const minute = (at: number, drawn: readonly Drawn[], change: Partial<UsageMinute> = {}): UsageMinute => ({
  ...{ at, midnight: Math.floor(at / DAY) * DAY, drawn, wanDays: [], baseline: null },
  ...change,
});

const ABOUT: Readonly<Record<string, (test: Test, database: Database) => Promise<void>>> = {
  async 'a minute is in its minute, its quarter and its day; parts of one minute are added'(t, database) {
    const store = await openUsageStore(database.tables<UsageTables>());
    for (const at of [NOW, NOW, NOW + MINUTE, NOW + 20 * MINUTE])
      await store.add(minute(at, [anna(), anna({ place: 'home', upBytes: 5e12 })]));
    const read = async (tier: Tier) =>
      (await store.points({ ...EVER, by: 'viewer', place: 'uplink', tier })).map(({ at, upBytes, ms }) => [
        (at - NOW) / MINUTE,
        upBytes,
        ms / MINUTE,
      ]);
    t.same(await read('minute'), [
      [0, 2_000, 2],
      [1, 1_000, 1],
      [20, 1_000, 1],
    ]);
    t.same(await read('quarter'), [
      [0, 3_000, 3],
      [15, 1_000, 1],
    ]);
    t.same(await read('day'), [[0, 4_000, 4]]);
    const home = await store.points({ ...EVER, by: 'viewer', place: 'home', name: 'main/anna', tier: 'day' });
    t.same(home, [{ ...anna({ place: 'home', upBytes: 20e12, downBytes: 40, ms: 4 * MINUTE }), at: NOW }], 'terabytes are whole');
    t.same(await store.points({ ...EVER, by: 'player', tier: 'day' }), []);
  },
  async 'what an earlier run wrote goes on under the same number, with the WAN’s days and counters'(t, database) {
    const baseline = { wan: 'r/w', device: 'eth0', uptimeS: 123.45, txBytes: 9e15, rxBytes: 7, utc: NOW };
    const day = { at: NOW, upBytes: 5e9, downBytes: 6e9, seenMs: 1_000, filledMs: 0 };
    const first = await openUsageStore(database.tables<UsageTables>());
    await first.add(minute(NOW, [anna()], { wanDays: [day], baseline }));
    const second = await openUsageStore(database.tables<UsageTables>());
    t.same(await second.baseline(), baseline);
    await second.add(minute(NOW, [anna()], { wanDays: [day], baseline: { ...baseline, wan: 'r/other' } }));
    t.same(await second.wanDays(), [{ at: NOW, upBytes: 10e9, downBytes: 12e9, seenMs: 2_000, filledMs: 0 }]);
    t.match(await second.baseline(), { wan: 'r/other' });
    t.match(await second.points({ ...EVER, by: 'viewer', tier: 'day' }), [{ upBytes: 2_000 }]);
  },
  async 'each tier is kept for its time, and what a wrong clock wrote into the future goes'(t, database) {
    const store = await openUsageStore(database.tables<UsageTables>());
    for (const days of [401, 399, 32, 30, 3, 1, 0]) await store.add(minute(NOW - days * DAY, [anna()]));
    await store.add(minute(NOW + 400 * DAY, [anna()]));
    await store.prune(NOW);
    const ages = async (tier: Tier) =>
      (await store.points({ ...EVER, by: 'viewer', tier })).map(({ at }) => Math.round((NOW - at) / DAY));
    t.same(await ages('minute'), [1, 0]);
    t.same(await ages('quarter'), [30, 3, 1, 0]);
    t.same(await ages('day'), [399, 32, 30, 3, 1, 0]);
  },
  async 'a cap is told once a month, whoever asks'(t, database) {
    const store = await openUsageStore(database.tables<UsageTables>());
    await store.tell(NOW, ['upload 75 1']);
    await store.tell(NOW, ['upload 75 1', 'upload 90 1']);
    t.same([...(await (await openUsageStore(database.tables<UsageTables>())).told(NOW))].sort(), ['upload 75 1', 'upload 90 1']);
    t.equal((await store.told(NOW + 1)).size, 0);
  },
};

for (const [what, check] of Object.entries(ABOUT))
  t.test(`on SQLite: ${what}`, async (t) => {
    await using database = await openDatabase({ path: t.testdir(), ...options });
    await check(t, database);
  });

t.test('on PostgreSQL', { skip: programs === null && 'Debian package postgresql is not installed' }, async (t) => {
  if (programs === null) return;
  await using server = await startPostgres(programs);
  await using database = await openDatabase({ path: t.testdir(), url: server.url, ...options });
  for (const [what, check] of Object.entries(ABOUT)) {
    for (const table of ['usage_points', 'usage_subjects', 'usage_wan_days', 'usage_baseline', 'data_cap_told'] as const)
      await database.tables<UsageTables>().deleteFrom(table).execute();
    await t.test(what, (test) => check(test, database));
  }
});

t.test('row 68: never more rows than each tier may have, the oldest go first', async (t) => {
  await using database = await openDatabase({ path: t.testdir(), ...options });
  const db = database.tables<UsageTables>();
  const store = await openUsageStore(db);
  await store.add(minute(NOW, [anna()]));
  const rows = Array.from({ length: KEPT.minute.rows + 5_000 }, (_, i) => ({
    ...{ tier: TIERS.minute, at: NOW - i * 1_000, subject: 2 + (i % 50), up_bytes: i, down_bytes: 0, ms: 1 },
  }));
  for (let i = 0; i < rows.length; i += 5_000)
    await db
      .insertInto('usage_points')
      .values(rows.slice(i, i + 5_000))
      .execute();
  await store.prune(NOW + MINUTE);
  const { count, oldest } = await db
    .selectFrom('usage_points')
    .select(({ fn }) => [fn.countAll<number>().as('count'), fn.min('at').as('oldest')])
    .where('tier', '=', TIERS.minute)
    .executeTakeFirstOrThrow();
  t.equal(count, KEPT.minute.rows);
  t.ok(Number(oldest) >= NOW - KEPT.minute.rows * 1_000);
});

t.test('names beyond 500 count among the others, and those whose rows are gone make room', async (t) => {
  await using database = await openDatabase({ path: t.testdir(), ...options });
  const db = database.tables<UsageTables>();
  const store = await openUsageStore(db);
  const players = (from: number, count: number) =>
    Array.from({ length: count }, (_, i) => anna({ by: 'player', name: `player ${from + i}` }));
  for (let i = 0; i < 6; i += 1) await store.add(minute(NOW - 500 * DAY, players(i * 100, 100)));
  const points = await store.points({ ...EVER, by: 'player', tier: 'day' });
  t.equal(points.find(({ name }) => name === '(others)')?.upBytes, 100_000);
  t.equal(points.length, 501);
  await store.prune(NOW);
  await store.add(minute(NOW, players(1_000, 1)));
  t.match(await store.points({ ...EVER, by: 'player', tier: 'day' }), [{ name: 'player 1000', upBytes: 1_000 }]);
});
