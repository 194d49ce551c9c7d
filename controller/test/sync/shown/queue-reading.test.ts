// The queue counted and listed: by an index, never whole.
import { sql } from 'kysely';
import t from 'tap';
import { noLists } from '../../../src/sync/playlists/lists-overview.ts';
import { createOverview } from '../../../src/sync/shown/overview.ts';
import { countQueue, listQueue, oldestPendingMs, queueRow as rowById } from '../../../src/sync/shown/queue-reading.ts';
import { openSyncDatabase, queueRow } from '../sync-database.ts';

t.test('rows 279, 299-301: counted by server and status; lists begin with the oldest, and end at their limit', async (t) => {
  const { db } = await openSyncDatabase(t);
  const rows = [
    queueRow(5),
    queueRow(2),
    queueRow(3, { server: 'cabin' }),
    queueRow(4, { status: 'waiting' }),
    queueRow(6, { status: 'failed', problem: 'no' }),
    queueRow(1, { server: 'gone' }),
  ];
  await db.insertInto('sync_queue').values(rows).execute();
  t.same((await countQueue(db)).get('barn'), { pending: 2, waiting: 1, failed: 1, held: 0 });
  const servers = ['barn', 'cabin'];
  const ids = async (limit: number, afterId?: number) =>
    (await listQueue(db, { servers, status: 'pending', limit, ...(afterId === undefined ? {} : { afterId }) })).map(
      ({ id }) => id,
    );
  t.same(await ids(100), [2, 3, 5]);
  t.same(await ids(2), [2, 3]);
  t.same(await ids(2, 2), [3, 5]);
  t.same([await oldestPendingMs(db, 'barn'), await oldestPendingMs(db, 'attic')], [1_002, null]);
  t.match(await rowById(db, servers, 6), { problem: 'no' });
  t.equal(await rowById(db, servers, 1), null, 'of a server that is not kept the same any more');
});

t.test('row 299: no question about the queue reads it whole', async (t) => {
  const { db } = await openSyncDatabase(t);
  const plan = async (query: string): Promise<string> => {
    const { rows } = await sql<{ detail: string }>`explain query plan ${sql.raw(query)}`.execute(db);
    return rows.map(({ detail }) => detail).join('; ');
  };
  t.match(
    await plan("select * from sync_queue where server='a' and status='pending' and id > 0 order by id limit 5"),
    /sync_queue_order/,
  );
  t.match(await plan('select server, status, count(*) from sync_queue group by server, status'), /COVERING INDEX/);
  t.match(
    await plan("select * from sync_queue where server in ('a','b') and status in ('pending','failed') and id=3"),
    /sync_queue_order/,
  );
  t.match(
    await plan('select target, count(*), sum(success), max(at_ms) from sync_log group by target'),
    /COVERING INDEX sync_log_target/,
  );
  for (const query of [
    "select * from sync_queue where server='a' and status='pending' and id > 0 order by id limit 5",
    "select * from sync_log where target='a' order by at_ms desc, id desc limit 5",
  ])
    t.notMatch(await plan(query), /^SCAN/);
});

t.test('however many ask, it is counted once; whoever changed something sees it', async (t) => {
  const { db } = await openSyncDatabase(t);
  const clock = { nowMs: 10_000, plusMinusMs: Number.POSITIVE_INFINITY };
  const overview = createOverview({
    ...{ db, servers: ['barn'], nowMs: () => clock.nowMs },
    presence: { away: () => null },
    lists: async () => noLists,
    clocks: { skew: () => ({ ms: 7, plusMinusMs: clock.plusMinusMs }) },
  });
  t.equal(overview.latest(), null);
  const [a, b] = await Promise.all([overview.read(), overview.read()]);
  t.equal(a, b);
  t.equal(a.servers[0]?.skew, null, 'nothing was measured yet');
  clock.plusMinusMs = 50;
  await db.insertInto('sync_queue').values(queueRow(1)).execute();
  t.equal((await overview.read()).servers[0]?.counts.pending, 0, 'read a moment ago');
  overview.forget();
  t.match(await overview.read(), { servers: [{ counts: { pending: 1 }, oldestPendingMs: 1_001, skew: { ms: 7 } }] });
  await db.deleteFrom('sync_queue').execute();
  clock.nowMs += 600;
  t.match(await overview.read(), { servers: [{ counts: { pending: 0 }, oldestPendingMs: null }] });
});
