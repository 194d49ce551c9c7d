// What was set aside: tried again once each, or dropped; nothing of it while somebody else is at it.
import t, { type Test } from 'tap';
import { dropLetter, retryFailed, retryOne } from '../../../src/sync/asked/dead-letters.ts';
import { rowOf } from '../../../src/sync/state/queue-store.ts';
import { openSyncDatabase, queueRow } from '../sync-database.ts';

async function open(t: Test) {
  const { db } = await openSyncDatabase(t);
  const woken: string[] = [];
  const deps = {
    db,
    servers: ['attic', 'barn'],
    nowMs: () => 9_000,
    wake: (names: readonly string[]) => void woken.push(...names),
  };
  const row = (id: number) => db.selectFrom('sync_queue').selectAll().where('id', '=', id).executeTakeFirst();
  return { db, deps, woken, row };
}

t.test('row 313: tried again it begins anew, is due now and wakes its server', async (t) => {
  const { db, deps, woken, row } = await open(t);
  await db
    .insertInto('sync_queue')
    .values(queueRow(1, { status: 'failed', attempts: 6, absent_tries: 2, problem: 'no', due_ms: 99_000 }))
    .execute();
  await retryOne(deps, 1);
  t.match(await row(1), { status: 'pending', attempts: 0, absent_tries: 0, due_ms: 9_000, version: 2, created_ms: 1_001 });
  t.same(woken, ['barn']);
  await t.rejects(retryOne(deps, 3), { code: 'not_found' });
});

t.test('all of one server, or of all: each once, however many they are', async (t) => {
  const { db, deps, woken } = await open(t);
  for (let from = 0; from < 450; from += 150)
    await db
      .insertInto('sync_queue')
      .values(
        Array.from({ length: 150 }, (_, i) =>
          queueRow(from + i + 1, { status: 'failed', server: i % 3 === 0 ? 'attic' : 'barn' }),
        ),
      )
      .execute();
  t.equal(await retryFailed(deps, 'attic'), 150);
  t.same([...new Set(woken)], ['attic']);
  t.equal(await retryFailed(deps, null), 300);
  t.equal(await retryFailed(deps, null), 0);
});

t.test('only what was set aside can be dropped', async (t) => {
  const { db, deps } = await open(t);
  await db
    .insertInto('sync_queue')
    .values([queueRow(1, { status: 'failed' }), queueRow(2)])
    .execute();
  t.equal((await dropLetter(deps, 1)).item_name, 'Film 1');
  t.equal(await rowOf(db, { server: 'barn', person: 'anna', identity: 'tmdb:1' }), null);
  await t.rejects(dropLetter(deps, 2), { code: 'conflict', message: /pending/ });
  await t.rejects(dropLetter(deps, 1), { code: 'not_found' });
});
