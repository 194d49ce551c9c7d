// The store is there as long as its folder can be written.
import { rm } from 'node:fs/promises';
import t from 'tap';
import { systemClock } from '../../src/clock.ts';
import { migrations } from '../../src/database/migrations/index.ts';
import { openDatabase } from '../../src/database/open-database.ts';
import { silentLog } from '../../src/log.ts';
import { storeIsThere } from '../../src/wiring/store-is-there.ts';

t.test('row 105: a data folder that is taken away is noticed, though SQLite still answers from memory', async (t) => {
  const path = t.testdir();
  const database = await openDatabase({ path, clock: systemClock, log: silentLog, migrations });
  t.teardown(() => Promise.resolve(database[Symbol.asyncDispose]()).catch(() => undefined));
  const look = storeIsThere({ database: { path, url: null, compactAfter: 1000 } }, database);
  await t.resolves(look());
  await rm(path, { recursive: true });
  await t.rejects(look(), { code: 'ENOENT' });
});
