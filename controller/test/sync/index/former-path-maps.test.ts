// Path maps that are changed between runs: films without ids are known by mapped paths, and so is what is agreed of them.
import t from 'tap';
import { systemClock } from '../../../src/clock.ts';
import { silentLog } from '../../../src/log.ts';
import type { SwitchTables } from '../../../src/sync/asked/sync-switch.ts';
import { formerPathMaps } from '../../../src/sync/index/former-path-maps.ts';
import { createIndexFiles } from '../../../src/sync/index/index-files.ts';
import { createItemIndex } from '../../../src/sync/index/item-index.ts';
import type { PathMap } from '../../../src/sync/index/path-maps.ts';
import { openSyncDatabase } from '../sync-database.ts';
import { film, testServer } from './test-library.ts';

const never = new AbortController().signal;

t.test('what was called by a former map is found by it; what was never called so, or is still there, is not', async (t) => {
  const { database } = await openSyncDatabase(t);
  const folder = t.testdir();
  const run = async (pathMaps: readonly PathMap[]) => {
    const former = await formerPathMaps(database.tables<SwitchTables>(), pathMaps);
    const index = createItemIndex({
      ...{ files: createIndexFiles(folder), pathMaps, formerPathMaps: former, clock: systemClock, log: silentLog, signal: never },
    });
    await index.load(['a']);
    return index;
  };
  const plain = await run([]);
  const items = [film('1', {}, { path: '/mnt/films/A.mkv' }), film('2', { tmdb: '7' }, { path: '/mnt/films/B.mkv' })];
  await plain.refresh(testServer('a', items), never);
  const before = ['movie path:/mnt/films/A.mkv', 'movie tmdb:7', 'movie path:/mnt/films/C.mkv'];
  t.same(await plain.calledBefore(before), []);

  const mapped = await run([{ server: 'a', from: '/mnt', to: '/' }]);
  t.same(await mapped.calledBefore(before), [{ from: 'movie path:/mnt/films/A.mkv', to: 'movie path:/films/A.mkv' }]);
  const again = await run([{ server: 'a', from: '/mnt/films', to: '/video' }]);
  t.same(
    await again.calledBefore([...before, 'movie path:/films/A.mkv']),
    [
      { from: 'movie path:/films/A.mkv', to: 'movie path:/video/A.mkv' },
      { from: 'movie path:/mnt/films/A.mkv', to: 'movie path:/video/A.mkv' },
    ],
    'also of the run before the last',
  );
  await again.learn('a', film('1', { imdb: 'tt0000009' }, { path: '/mnt/films/A.mkv' }));
  t.same(
    await again.calledBefore(['movie path:/video/A.mkv', 'movie tmdb:7', 'server:a item:1']),
    [
      { from: 'movie path:/video/A.mkv', to: 'movie imdb:tt0000009' },
      { from: 'server:a item:1', to: 'movie imdb:tt0000009' },
    ],
    'by an id that came later',
  );
});
