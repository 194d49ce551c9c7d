// Rows 57, 58, ruling 2: originals and caps on disk.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { judgeLimit } from '../../../src/bandwidth/limits/judge-limit.ts';
import { type LimitTables, openLimitStore } from '../../../src/bandwidth/limits/limit-store.ts';
import { systemClock } from '../../../src/clock.ts';
import { migrations } from '../../../src/database/migrations/index.ts';
import { openDatabase } from '../../../src/database/open-database.ts';
import { silentLog } from '../../../src/log.ts';

const HOUR = 3_600_000;
const at = { now: 1_800_000_000_000 };

async function openStores() {
  const folder = await mkdtemp(join(tmpdir(), 'headgate-limits-'));
  const database = await openDatabase({ path: folder, clock: systemClock, log: silentLog, migrations });
  const db = database.tables<LimitTables>();
  return {
    db,
    open: () => openLimitStore(db, () => at.now),
    async [Symbol.asyncDispose]() {
      await database[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
const write = (currentBps: number, capBps: number, originalBps = 9) => ({
  target: 'user:main/a',
  label: 'anna at main',
  originalBps,
  currentBps,
  capBps,
});

t.test('rows 57, 58: what a run left is there for the next one, -1 and 0 included', async (t) => {
  await using stores = await openStores();
  const store = await stores.open();
  for (const [target, originalBps] of [
    ['user:main/a', -1],
    ['user:main/b', 0],
    ['torrent:qbit/normal', 5],
  ] as const)
    await store.beforeWrite({ target, label: target, originalBps, currentBps: originalBps, capBps: 3 });
  await store.restored('user:main/b');
  const next = await stores.open();
  t.same(
    next
      .held()
      .map(({ target, record }) => [target, record.originalBps])
      .sort(),
    [
      ['torrent:qbit/normal', 5],
      ['user:main/a', -1],
    ],
  );
  t.match(
    next.record('user:main/b'),
    { held: false, originalBps: 0, writtenBps: [3] },
    'remembered a while for late saves of a dashboard',
  );
  t.equal(next.record('user:main/c'), null);
});

t.test('ruling 2: a cap counts as ours for as long as it stood and a day longer', async (t) => {
  await using stores = await openStores();
  const store = await stores.open();
  await store.beforeWrite(write(9, 1));
  at.now += 48 * HOUR;
  t.same(store.record('user:main/a')?.writtenBps, [1], 'it still stands');
  for (const cap of [2, 3, 4]) {
    await store.beforeWrite(write(cap - 1, cap));
    at.now += HOUR;
  }
  t.same(store.record('user:main/a')?.writtenBps, [1, 2, 3, 4]);
  at.now += 23 * HOUR;
  t.same(store.record('user:main/a')?.writtenBps, [3, 4]);
  t.same((await stores.open()).record('user:main/a')?.writtenBps, [3, 4]);
});

t.test('a write that never landed, then days of darkness: the cap that stands is still known as ours', async (t) => {
  await using stores = await openStores();
  const store = await stores.open();
  await store.beforeWrite(write(9, 1));
  // Two is stored, and the power fails before Jellyfin gets it: 1 stands.
  await store.beforeWrite(write(1, 2));
  at.now += 10 * 24 * HOUR;
  const next = await stores.open();
  t.same(judgeLimit(1, next.record('user:main/a')), { kind: 'ours', originalBps: 9 });
  // Failing for days, with a new cap each time, the one that stands is never forgotten.
  for (let cap = 3; cap < 60; cap += 1) {
    await next.beforeWrite(write(1, cap));
    at.now += HOUR;
  }
  t.same(judgeLimit(1, (await stores.open()).record('user:main/a')), { kind: 'ours', originalBps: 9 });
});

t.test('rows are few: each value once, however often it is written', async (t) => {
  await using stores = await openStores();
  const store = await stores.open();
  for (let i = 0; i < 200; i += 1) {
    await store.beforeWrite(write(((i + 4) % 5) + 1, (i % 5) + 1));
    at.now += 60_000;
  }
  const rows = await stores.db.selectFrom('limit_writes').selectAll().execute();
  t.equal(rows.length, 5);
  t.same(
    (await stores.open()).record('user:main/a')?.writtenBps,
    store.record('user:main/a')?.writtenBps,
    'the order is on disk as well',
  );
});

t.test('a clock that is set back or forth loses nothing', async (t) => {
  await using stores = await openStores();
  const store = await stores.open();
  const real = at.now;
  at.now = real + 365 * 24 * HOUR;
  await store.beforeWrite(write(9, 1));
  at.now = real;
  await store.beforeWrite(write(1, 2));
  await store.beforeWrite(write(2, 3));
  t.same((await stores.open()).record('user:main/a')?.writtenBps, [1, 2, 3]);
  at.now = real + 365 * 24 * HOUR + 1;
  t.same((await stores.open()).record('user:main/a')?.writtenBps, [1, 2, 3]);
});

t.test('a new original by hand, and a user who is gone', async (t) => {
  await using stores = await openStores();
  const store = await stores.open();
  await store.beforeWrite(write(9, 1));
  await store.keepOriginal('user:main/a', 7);
  t.equal((await stores.open()).record('user:main/a')?.originalBps, 7);
  await store.restored('user:main/a');
  await store.restored('user:main/nobody');
  t.same([store.record('user:main/a')?.held, (await stores.open()).held()], [false, []]);
});
