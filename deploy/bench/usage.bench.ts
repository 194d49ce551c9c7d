// What 30 days of usage weigh and what a minute of it costs: ten viewers, and a house of three hundred.
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../controller/src/clock.ts';
import { usageMigration } from '../../controller/src/database/migrations/019-usage.ts';
import { type Database, openDatabase } from '../../controller/src/database/open-database.ts';
import { silentLog } from '../../controller/src/log.ts';
import { addMoment, type Drawing, type Sums } from '../../controller/src/usage/amount.ts';
import { openUsageStore } from '../../controller/src/usage/usage-store.ts';
import { DAY_MS, KEPT, MINUTE_MS, QUARTER_MS, TIERS, type UsageTables } from '../../controller/src/usage/usage-tables.ts';
import { type Bench, type BenchLine, judge } from './bench-line.ts';
import { median, tenth } from './figures.ts';

const name = 'usage';
const NOW = Date.UTC(2026, 10, 27);
const DAYS = 30;
const VIEWERS = 10;
const HOURS_A_DAY = 3;
const CLIENTS = 3;
const MIB = 1024 ** 2;
const HOUR_MS = 3_600_000;
const MINUTES = 20;

export const bench: Bench = {
  name,
  async lines() {
    const folder = await mkdtemp(join(tmpdir(), 'headgate-usage-'));
    try {
      return [
        ...(await weighMonth(join(folder, 'month'))),
        ...(await timeMinutes(join(folder, 'ten'), VIEWERS, 30)),
        ...(await timeMinutes(join(folder, 'many'), 300, 1_000)),
        timeSecond(),
      ];
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

const open = (path: string) => openDatabase({ path, clock: systemClock, log: silentLog, migrations: [usageMigration] });

/** Rows as the store leaves them: to write 43,200 minutes one by one is no part of what is asked. */
async function weighMonth(path: string): Promise<BenchLine[]> {
  await using database = await open(path);
  const db = database.tables<UsageTables>();
  const empty = await bytesOf(database);
  // Each viewer with a player of their own, and the kinds.
  const subjects = [...Array.from({ length: VIEWERS * 2 }, () => HOURS_A_DAY), ...Array.from({ length: CLIENTS + 3 }, () => 24)];
  const rows = subjects.flatMap((hours, subject) => rowsOf(subject, hours)).sort((a, b) => a.at - b.at);
  for (let i = 0; i < rows.length; i += 4_000)
    await db
      .insertInto('usage_points')
      .values(rows.slice(i, i + 4_000))
      .execute();
  const bytes = (await bytesOf(database)) - empty;
  const most = Object.values(KEPT).reduce((sum, { rows: count }) => sum + count, 0);
  const house = `30 days of ${VIEWERS} viewers for ${HOURS_A_DAY} h a day and ${CLIENTS} clients day and night`;
  return [
    judge({ name, line: `${house}, in memory`, value: tenth(bytes / MIB), unit: 'MiB' }, { atMost: 4 }),
    judge({ name, line: `one of its ${rows.length} rows`, value: tenth(bytes / rows.length), unit: 'B' }, { atMost: 80 }),
    judge(
      { name, line: 'as many rows as may be', value: tenth((most * bytes) / rows.length / MIB), unit: 'MiB' },
      { atMost: 16 },
    ),
  ];
}

function rowsOf(subject: number, hours: number): UsageTables['usage_points'][] {
  const tier = (key: keyof typeof TIERS, eachMs: number, backMs: number): UsageTables['usage_points'][] =>
    Array.from({ length: Math.floor(backMs / eachMs) }, (_, i) => NOW - (i + 1) * eachMs)
      .filter((at) => eachMs === DAY_MS || (at % DAY_MS) / HOUR_MS < hours)
      .map((at) => ({
        tier: TIERS[key],
        at,
        subject,
        up_bytes: 60_000_000 + (at % 9_973),
        down_bytes: 1_000_000 + (at % 997),
        ms: eachMs,
      }));
  return [
    ...tier('minute', MINUTE_MS, KEPT.minute.ms),
    ...tier('quarter', QUARTER_MS, DAYS * DAY_MS),
    ...tier('day', DAY_MS, DAYS * DAY_MS),
  ];
}

type Pages = { pragma_page_count: { page_count: number }; pragma_page_size: { page_size: number } };

async function bytesOf(database: Database): Promise<number> {
  const db = database.tables<Pages>();
  const { page_count: count } = await db.selectFrom('pragma_page_count').selectAll().executeTakeFirstOrThrow();
  const { page_size: size } = await db.selectFrom('pragma_page_size').selectAll().executeTakeFirstOrThrow();
  return count * size;
}

/** What each minute writes where so many watch, and how long it takes, the disk's part included. */
async function timeMinutes(path: string, viewers: number, atMostMs: number): Promise<BenchLine[]> {
  await using database = await open(path);
  const store = await openUsageStore(database.tables<UsageTables>());
  const before = await journalBytes(path);
  const took: number[] = [];
  for (let minute = 0; minute < MINUTES; minute += 1) {
    const at = NOW + minute * MINUTE_MS;
    const drawn = [...addMoment(new Map(), drawingOf(viewers), MINUTE_MS).values()];
    const from = performance.now();
    await store.add({ at, midnight: NOW, drawn, wanDays: [], baseline: null });
    took.push(performance.now() - from);
  }
  const kib = ((await journalBytes(path)) - before) / MINUTES / 1024;
  return [
    judge(
      { name, line: `a minute of ${viewers} viewers is written (median)`, value: tenth(median(took)), unit: 'ms' },
      { atMost: atMostMs },
    ),
    judge(
      { name, line: `a minute of ${viewers} viewers, in the journal`, value: tenth(kib), unit: 'KiB' },
      { atMost: viewers * 1.5 },
    ),
  ];
}

async function journalBytes(path: string): Promise<number> {
  const files = (await readdir(path)).filter((file) => file.startsWith('journal-'));
  return (await Promise.all(files.map((file) => stat(join(path, file))))).reduce((sum, { size }) => sum + size, 0);
}

/** The second in which everybody watches, at a hundred servers with fifty sessions each. */
function timeSecond(): BenchLine {
  const drawing = drawingOf(5_000);
  let sums: Sums = new Map();
  const took = Array.from({ length: MINUTES }, () => {
    const from = performance.now();
    sums = addMoment(sums, drawing, 1_000);
    return performance.now() - from;
  });
  return judge(
    { name, line: 'a second of 5,000 streams is counted (median)', value: tenth(median(took)), unit: 'ms' },
    { atMost: 50 },
  );
}

const drawingOf = (viewers: number): Drawing => ({
  streams: Array.from({ length: viewers }, (_, i) => ({
    ...{ key: `${i}`, viewer: `main/user-${i}`, player: `Player ${i % 8}`, place: 'uplink' as const, bps: 8_000_000 + i },
  })),
  clients: Array.from({ length: CLIENTS }, (_, i) => ({
    name: `client-${i}`,
    place: 'uplink' as const,
    upBps: 1_000_000,
    downBps: 9_000_000,
  })),
});
