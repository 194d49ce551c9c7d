// Items that turn out to be another, or the same as another, are so in every list that holds them.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { systemClock } from '../../../src/clock.ts';
import { syncPlaylistsMigration } from '../../../src/database/migrations/013-sync-playlists.ts';
import { openDatabase } from '../../../src/database/open-database.ts';
import { silentLog } from '../../../src/log.ts';
import {
  type ListTables,
  newPlace,
  readLists,
  readPlaces,
  writeList,
  writePlace,
} from '../../../src/sync/playlists/list-store.ts';
import { newList } from '../../../src/sync/playlists/merge-lists.ts';
import { identitiesInLists, renameInLists } from '../../../src/sync/playlists/rename-in-lists.ts';

t.test('what is agreed, what was seen and what is being written follow, and nothing else is touched', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'headgate-lists-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  await using database = await openDatabase({
    ...{ path: folder, log: silentLog, clock: systemClock, migrations: [syncPlaylistsMigration] },
  });
  const db = database.tables<ListTables>();
  const seen = { name: 'Friday', entries: ['a', 'b', 'c'].map((identity) => ({ identity, itemId: `id of ${identity}` })) };
  const at = { ms: 1, count: 0, origin: 'attic' };
  const place = { ...newPlace({ server: 'attic', userId: 'anna', list: 'one' }, 1), listId: 'there', seen, writing: seen };
  await writeList(db, { id: 'one', person: 'anna', agreed: newList(seen, at) }, 1);
  await writePlace(db, place);
  await renameInLists(db, [{ from: 'x', to: 'y' }], 2);
  t.same(await readPlaces(db), [place]);
  await renameInLists(
    db,
    [
      { from: 'a', to: 'z' },
      { from: 'c', to: 'b' },
    ],
    2,
  );
  t.same([...(await identitiesInLists(db))].sort(), ['b', 'z']);
  const [list] = await readLists(db, 'anna');
  t.same(
    list?.agreed.entries.map(({ identity }) => identity),
    ['z', 'b'],
  );
  const named = ['z', 'b', 'b'].map((identity, index) => ({ identity, itemId: seen.entries[index]?.itemId }));
  t.match(await readPlaces(db), [{ seen: { entries: named }, writing: { entries: named } }]);
});
