// What a kill left on record of our own seeding is gone once it is switched off: nobody could put it back.
import t from 'tap';
import { type LimitTables, openLimitStore } from '../../src/bandwidth/limits/limit-store.ts';
import { openPauseStore, type PauseTables } from '../../src/bandwidth/pausing/pause-store.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { migrations } from '../../src/database/migrations/index.ts';
import { openDatabase } from '../../src/database/open-database.ts';
import { silentLog } from '../../src/log.ts';
import { letSeedingGo } from '../../src/wiring/let-seeding-go.ts';
import { createFakeClock } from '../fixtures/fake-clock.ts';

t.test('only where it is off, and no download client is called so', async (t) => {
  t.teardown(() => {});
  const folder = t.testdir({
    'on.yaml': 'distribution: { enabled: true }',
    'off.yaml': '',
    'named.yaml': 'torrent_clients: [{ name: distribution, type: qbittorrent, url: "http://127.0.0.1:1" }]',
  });
  const clock = createFakeClock();
  await using database = await openDatabase({ path: `${folder}/db`, clock, log: silentLog, migrations });
  const stores = {
    limits: await openLimitStore(database.tables<LimitTables>(), clock.now),
    pauses: await openPauseStore(database.tables<PauseTables>()),
  };
  const write = { label: 'x', originalBps: 0, currentBps: 0, capBps: 1_000 };
  for (const target of ['torrent:distribution/normal', 'download:distribution/normal', 'torrent:qbit/normal'])
    await stores.limits.beforeWrite({ ...write, target });
  await stores.pauses.add('distribution', ['*']);
  const heldWith = async (file: string) => {
    await letSeedingGo(await loadConfig({ path: `${folder}/${file}`, env: {}, algorithms: ['demand'] }), stores);
    return [stores.limits.held().length, stores.pauses.clients().length];
  };
  t.same(await heldWith('on.yaml'), [3, 1]);
  t.same(await heldWith('named.yaml'), [3, 1]);
  t.same(await heldWith('off.yaml'), [1, 0]);
  t.equal(stores.limits.held()[0]?.target, 'torrent:qbit/normal');
});
