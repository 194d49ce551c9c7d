// Decisions searched by time, mode, viewer and words, a page at a time; on a real PostgreSQL as well.
import t, { type Test } from 'tap';
import { createDecisionStore, type DecisionTables } from '../../src/bandwidth/decision-store.ts';
import { systemClock } from '../../src/clock.ts';
import { migrations } from '../../src/database/migrations/index.ts';
import { type Database, openDatabase } from '../../src/database/open-database.ts';
import { silentLog } from '../../src/log.ts';
import { postgresPrograms, startPostgres } from '../database/start-postgres.ts';

const programs = await postgresPrograms();
const options = { clock: systemClock, log: silentLog, migrations };
const START = 1_800_000_000_000;

async function finds(t: Test, database: Database): Promise<void> {
  const db = database.tables<DecisionTables>();
  const store = createDecisionStore(db);
  const rows = Array.from({ length: 1_000 }, (_, i) => ({
    // Three of each moment.
    ...{ id: `d-${String(i).padStart(4, '0')}`, at: START + Math.floor(i / 3) * 1_000, mode: i % 2 === 0 ? 'idle' : 'streaming' },
    reason: i % 100 === 7 ? 'Überraschung: 100 % of the LINE_A' : 'Nobody watches',
    detail: JSON.stringify({ viewers: { [i % 10 === 3 ? 'main/anna' : 'main/ann']: 8_000_000 }, torrents: { 'qbit/normal': i } }),
  }));
  for (let i = 0; i < rows.length; i += 200)
    await db
      .insertInto('bandwidth_decisions')
      .values(rows.slice(i, i + 200))
      .execute();
  const ids = async (filter: Omit<Parameters<typeof store.search>[0], 'limit'>, limit = 2_000) =>
    (await store.search({ limit, ...filter })).map(({ id }) => id);

  t.same(await ids({}, 2), ['d-0999', 'd-0998'], 'newest first');
  t.equal((await ids({})).length, 1_000);
  t.same(await ids({ from: START + 10_000, to: START + 11_000 }), ['d-0032', 'd-0031', 'd-0030'], 'from is in it, to is not');
  t.equal((await ids({ mode: 'streaming' })).length, 500);
  t.equal((await ids({ viewer: 'main/anna' })).length, 100, 'a name that begins alike is another');
  t.equal((await ids({ viewer: 'MAIN/Anna', mode: 'streaming' })).length, 100);
  t.equal((await ids({ viewer: 'main/nobody' })).length, 0);
  t.equal((await ids({ text: 'überraschung' })).length, 10, 'letter case does not count');
  t.equal((await ids({ text: '100 % of' })).length, 10, 'no sign is special');
  t.equal((await ids({ text: 'line_a' })).length, 10);
  t.equal((await ids({ text: 'lineXa' })).length, 0);
  t.equal((await ids({ text: 'qbit/normal' })).length, 1_000, 'inputs too');

  const seen: string[] = [];
  for (let page = await store.search({ limit: 70, mode: 'idle' }); page.length > 0; ) {
    seen.push(...page.map(({ id }) => id));
    const last = page.at(-1);
    page = await store.search({ limit: 70, mode: 'idle', before: last?.at, beforeId: last?.id });
  }
  t.same(seen, await ids({ mode: 'idle' }), 'pages lose none and repeat none, though three are of each moment');

  t.match(await store.around(START + 10_500), { held: { id: 'd-0032' }, next: { id: 'd-0033' } });
  t.match(await store.around(START - 1), { held: null, next: { id: 'd-0000' } });
  t.match(await store.around(START + 9e9), { held: { id: 'd-0999' }, next: null });
}

t.test('on SQLite', async (t) => {
  await using database = await openDatabase({ path: t.testdir(), ...options });
  await finds(t, database);
});

t.test('on PostgreSQL', { skip: programs === null && 'Debian package postgresql is not installed' }, async (t) => {
  if (programs === null) return;
  await using server = await startPostgres(programs);
  await using database = await openDatabase({ path: t.testdir(), url: server.url, ...options });
  await finds(t, database);
});
