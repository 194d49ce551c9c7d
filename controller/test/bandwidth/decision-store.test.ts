// Rows 12, 68: the history of decisions, newest first, bounded.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { createDecisionStore, type DecisionTables } from '../../src/bandwidth/decision-store.ts';
import { systemClock } from '../../src/clock.ts';
import { migrations } from '../../src/database/migrations/index.ts';
import { openDatabase } from '../../src/database/open-database.ts';
import { silentLog } from '../../src/log.ts';

t.test('newest first, a page at a time, and never more than the newest 5,000 and a few', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'headgate-decisions-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  await using database = await openDatabase({ path: folder, clock: systemClock, log: silentLog, migrations });
  const db = database.tables<DecisionTables>();
  const old = Array.from({ length: 5_150 }, (_, i) => ({ id: `old-${i}`, at: i, mode: 'idle', reason: '', detail: '{}' }));
  for (let i = 0; i < old.length; i += 1_000)
    await db
      .insertInto('bandwidth_decisions')
      .values(old.slice(i, i + 1_000))
      .execute();
  const store = createDecisionStore(db);
  for (let i = 0; i < 200; i += 1)
    await store.add({ id: `new-${i}`, at: 20_000 + i, mode: 'streaming', reason: 'why', detail: { i } });
  const { count } = await db
    .selectFrom('bandwidth_decisions')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  t.equal(Number(count), 5_000);
  const page = await store.latest(2);
  t.match(page, [{ id: 'new-199', detail: { i: 199 } }, { id: 'new-198' }]);
  t.match(await store.latest(1, 20_198), [{ id: 'new-197', at: 20_197, mode: 'streaming', reason: 'why' }]);
});
