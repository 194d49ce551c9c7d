// What we stopped is known over restarts.
import t from 'tap';
import { openPauseStore, type PauseTables } from '../../../src/bandwidth/pausing/pause-store.ts';
import { systemClock } from '../../../src/clock.ts';
import { migrations } from '../../../src/database/migrations/index.ts';
import { openDatabase } from '../../../src/database/open-database.ts';
import { silentLog } from '../../../src/log.ts';

t.test('ids add up without twins, are there after a restart, and are gone once all run again', async (t) => {
  const path = t.testdir();
  const open = async () => {
    const database = await openDatabase({ path, clock: systemClock, log: silentLog, migrations });
    return {
      store: await openPauseStore(database.tables<PauseTables>()),
      [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
    };
  };
  {
    await using first = await open();
    t.same(first.store.clients(), []);
    await first.store.add('qbit', ['a', 'b']);
    await first.store.add('qbit', ['b', "c's"]);
    await first.store.add('deluge', ['d']);
    await first.store.forget('deluge');
    await first.store.forget('nobody');
  }
  {
    await using second = await open();
    t.same(second.store.clients(), ['qbit']);
    t.same(second.store.held('qbit'), ['a', 'b', "c's"]);
    t.same(second.store.held('deluge'), []);
    await second.store.forget('qbit');
  }
  await using third = await open();
  t.same(third.store.clients(), []);
});

t.test('some thousand torrents are one row', async (t) => {
  const path = t.testdir();
  await using database = await openDatabase({ path, clock: systemClock, log: silentLog, migrations });
  const store = await openPauseStore(database.tables<PauseTables>());
  const ids = Array.from({ length: 5_000 }, (_, i) => i.toString(16).padStart(40, '0'));
  await store.add('qbit', ids);
  t.same((await openPauseStore(database.tables<PauseTables>())).held('qbit'), ids);
});
