// What the operator changed is kept over restarts, and nothing else is.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import type { BandwidthSettings } from '../../src/bandwidth/settings.ts';
import { openSettingsStore, type SettingsTables } from '../../src/bandwidth/settings-store.ts';
import { systemClock } from '../../src/clock.ts';
import { migrations } from '../../src/database/migrations/index.ts';
import { openDatabase } from '../../src/database/open-database.ts';
import { silentLog } from '../../src/log.ts';
import { M, SETTINGS } from './fixtures/decision-input.ts';

async function openDb() {
  const folder = await mkdtemp(join(tmpdir(), 'headgate-settings-'));
  const database = await openDatabase({ path: folder, clock: systemClock, log: silentLog, migrations });
  return {
    db: database.tables<SettingsTables>(),
    async [Symbol.asyncDispose]() {
      await database[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** UTC ms of the tests. */
let now = 0;
const open = (
  db: Parameters<typeof openSettingsStore>[0],
  configured: () => BandwidthSettings,
  forced?: { readonly dryRun?: boolean },
) => openSettingsStore(db, { configured, now: () => now, forced });

t.test('a change wins over the configuration, is kept, and can go back', async (t) => {
  await using stores = await openDb();
  const store = await open(stores.db, () => ({ ...SETTINGS, capacityUpBps: 20 * M }));
  await store.change({ enabled: false, capacityUpBps: 30 * M });
  await store.change({ reserve: { percent: 20 } });
  const next = await open(stores.db, () => ({ ...SETTINGS, capacityUpBps: 20 * M, minPerViewerBps: 7 }));
  t.match(next.settings(), { enabled: false, capacityUpBps: 30 * M, reserve: { percent: 20 }, minPerViewerBps: 7 });
  await next.change({ capacityUpBps: null });
  t.equal(next.settings().capacityUpBps, 20 * M);
});

t.test('two changes at the same moment are both kept', async (t) => {
  await using stores = await openDb();
  const store = await open(stores.db, () => SETTINGS);
  await Promise.all([
    store.change({ enabled: false }),
    store.change({ dryRun: true }),
    store.boost({ viewer: 'a', bps: null, until: 10 }),
    store.boost({ viewer: 'b', bps: M, until: 20 }),
  ]);
  for (const one of [store, await open(stores.db, () => SETTINGS)]) {
    t.match(one.settings(), { enabled: false, dryRun: true });
    t.same(
      one.boosts().map(({ viewer }) => viewer),
      ['a', 'b'],
    );
  }
});

t.test('--dry-run is of this run alone', async (t) => {
  await using stores = await openDb();
  const store = await open(stores.db, () => SETTINGS, { dryRun: true });
  await store.change({ dryRun: false });
  t.equal(store.settings().dryRun, true);
  t.equal((await open(stores.db, () => SETTINGS)).settings().dryRun, false);
});

t.test('a boost replaces one of the same viewer, an end in the past ends it, what ended is dropped', async (t) => {
  await using stores = await openDb();
  const store = await open(stores.db, () => SETTINGS);
  await store.boost({ viewer: 'a', bps: 1, until: 100 });
  await store.boost({ viewer: 'a', bps: 2, until: 200 });
  await store.boost({ viewer: 'b', bps: 3, until: 150 });
  t.same(
    store.boosts().map(({ viewer, bps }) => [viewer, bps]),
    [
      ['a', 2],
      ['b', 3],
    ],
  );
  now = 160;
  await store.boost({ viewer: 'a', bps: null, until: 5 });
  now = 0;
  t.same(store.boosts(), []);
});

t.test('rows that are no settings any more do not keep it from opening', async (t) => {
  await using stores = await openDb();
  await stores.db
    .insertInto('bandwidth_settings')
    .values([
      { name: 'changed', value: '{broken' },
      { name: 'boosts', value: '[{"viewer":1}]' },
    ])
    .execute();
  const store = await open(stores.db, () => SETTINGS);
  t.same([store.settings(), store.boosts()], [SETTINGS, []]);
});

t.test('a disk that takes nothing: the change is refused and not in force', async (t) => {
  await using stores = await openDb();
  const store = await open(stores.db, () => SETTINGS);
  await stores.db.schema.dropTable('bandwidth_settings').execute();
  await t.rejects(store.change({ enabled: false }));
  t.equal(store.settings().enabled, true);
  await t.rejects(store.change({ enabled: false }), 'and the one after it is tried on its own');
});

t.test(
  'an override holds until its end over all else, also after a restart; a lasting change of the same setting ends it',
  async (t) => {
    await using stores = await openDb();
    const store = await open(stores.db, () => SETTINGS);
    await store.change({ capacityUpBps: 30 * M });
    await store.override({ patch: { capacityUpBps: 10 * M, enabled: false, whenIdleBps: M }, until: 1_000 });
    await store.override({ patch: { enabled: true }, until: 500 });
    for (const one of [store, await open(stores.db, () => SETTINGS)])
      t.match(one.settings(), { capacityUpBps: 10 * M, enabled: true });
    await store.change({ capacityUpBps: 20 * M });
    t.equal(store.settings().capacityUpBps, 20 * M);
    t.same(
      store.overrides().map(({ patch }) => Object.keys(patch)),
      [['whenIdleBps'], ['enabled']],
      'the others stand',
    );
    now = 1_000;
    t.same([store.overrides(), store.settings().capacityUpBps], [[], 20 * M]);
    now = 0;
  },
);

t.test('an end in the past takes the named settings back, and what is stored and is no override is none', async (t) => {
  await using stores = await openDb();
  const store = await open(stores.db, () => SETTINGS);
  await store.override({ patch: { enabled: false, reserve: { percent: 50 } }, until: 1_000 });
  await store.override({ patch: { enabled: false }, until: 0 });
  t.match(store.settings(), { enabled: true, reserve: { percent: 50 } });
  await stores.db.updateTable('bandwidth_settings').set({ value: '[{"patch":{"enabled":"no"},"until":5}]' }).execute();
  t.same((await open(stores.db, () => SETTINGS)).overrides(), []);
});
