// What a person switched is kept.
import t from 'tap';
import { openSyncSwitch, type SwitchTables } from '../../../src/sync/asked/sync-switch.ts';
import { openSyncDatabase } from '../sync-database.ts';

t.test('a pause is kept; how the run before went is told', async (t) => {
  const { database } = await openSyncDatabase(t);
  const open = () => openSyncSwitch(database.tables<SwitchTables>());
  const first = await open();
  t.same([first.isPaused(), await first.rehearsing(true)], [false, false]);
  await first.pause(true);
  await first.pause(true);
  t.equal(first.isPaused(), true);
  const second = await open();
  t.same([second.isPaused(), await second.rehearsing(false)], [true, true]);
  await second.pause(false);
  const third = await open();
  t.same([third.isPaused(), await third.rehearsing(false)], [false, false]);
});

t.test('a server that was not written to until now is told once', async (t) => {
  const { database } = await openSyncDatabase(t);
  const open = () => openSyncSwitch(database.tables<SwitchTables>());
  t.same(await (await open()).targeting(['attic']), ['attic']);
  t.same(await (await open()).targeting(['attic', 'barn']), ['barn']);
  t.same(await (await open()).targeting(['barn']), []);
  t.same(await (await open()).targeting(['attic', 'barn']), ['attic']);
});
