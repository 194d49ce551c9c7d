// Holds, and users who are gone, on a real PostgreSQL.
import t from 'tap';
import { systemClock } from '../../../src/clock.ts';
import { migrations } from '../../../src/database/migrations/index.ts';
import { openDatabase } from '../../../src/database/open-database.ts';
import { silentLog } from '../../../src/log.ts';
import type { GuardTables } from '../../../src/sync/guard/guard-tables.ts';
import { createHolds } from '../../../src/sync/guard/holds.ts';
import { openLossGuard } from '../../../src/sync/guard/loss-guard.ts';
import { departures } from '../../../src/sync/people/departure-store.ts';
import { followPeople } from '../../../src/sync/people/follow-people.ts';
import { changeMade, confirm, confirmation, takeSealed, writeMade } from '../../../src/sync/people/made-store.ts';
import { openPeople } from '../../../src/sync/people/people.ts';
import type { UserTables } from '../../../src/sync/people/people-tables.ts';
import { readRegisters, writeRegisters, writeShadow } from '../../../src/sync/state/state-store.ts';
import type { SyncTables } from '../../../src/sync/state/sync-tables.ts';
import { type Around, takeReport } from '../../../src/sync/state/take-report.ts';
import { postgresPrograms, startPostgres } from '../../database/start-postgres.ts';

const programs = await postgresPrograms();

t.test(
  'on PostgreSQL losses are held and released, and users are gone and made, as on SQLite',
  { skip: programs === null && 'Debian package postgresql is not installed' },
  async (t) => {
    if (programs === null) return;
    await using server = await startPostgres(programs);
    const clock = systemClock;
    const opened = { path: t.testdir(), url: server.url, clock, log: silentLog, migrations };
    await using database = await openDatabase(opened);
    const db = database.tables<GuardTables>();
    const limits = { losses: 1, percent: 50, windowMs: 600_000 };
    const guard = await openLossGuard({ db, limits, clock, log: silentLog, held: () => {} });
    let ids = 0;
    const around: Around = {
      targets: () => ['attic', 'barn'].map((name) => ({ server: name, userId: 'anna-id' })),
      itemsOf: (identity) => [identity],
      itemNamed: (_server, itemId) => ({ name: itemId, path: null }),
      dueMs: clock.now,
      isSynced: () => true,
      hasField: () => true,
      isSource: () => true,
      guard,
      nowMs: clock.now,
      newId: () => (ids += 1),
      wake: () => {},
    };
    const at = { ms: 900, count: 0, origin: 'attic' };
    const has = { played: true, playCount: 1, positionMs: 0, favourite: true, rating: null, lastPlayedMs: null };
    const films = ['a', 'b', 'c', 'd'];
    const states = database.tables<SyncTables>();
    for (const identity of films)
      await states.transaction().execute(async (tx) => {
        const [played, favourite] = [
          { value: true, at },
          { value: true, at },
        ];
        await writeRegisters(tx, { person: 'anna', identity }, { played, favourite }, 900);
        for (const name of ['attic', 'barn'])
          await writeShadow(
            tx,
            { server: name, userId: 'anna-id', itemId: identity },
            { seen: has, hookMs: null, readMs: 900, past: [] },
          );
      });
    const lose = (identity: string) =>
      states.transaction().execute((tx) =>
        takeReport(tx, around, {
          ...{ place: { server: 'barn', userId: 'anna-id', itemId: identity }, person: 'anna', identity },
          ...{ itemName: identity, itemPath: null, has: { played: false, favourite: false }, unmeant: [] },
          ...{ ms: clock.now(), hookMs: null, readMs: clock.now() },
        }),
      );
    for (const identity of films) await lose(identity);
    const agreed = async (identity: string) => (await readRegisters(states, 'anna', identity)).favourite?.value;
    t.same(await Promise.all(films.map(agreed)), [false, false, true, true], 'half of four, and no more');
    const holds = createHolds({ db, around, identityOf: () => null, clock, log: silentLog, tell: () => {} });
    const [hold] = await holds.list('open');
    t.match(hold, { items: 2, reason: 'losses', some: [{ before: { played: true }, after: { played: false } }, {}] });
    await holds.release(hold?.id ?? 0);
    t.same(await Promise.all(films.map(agreed)), [false, false, false, false]);
    t.equal(await holds.count(), 0);
    guard.noteSize('barn', { before: 10, after: 9, atMs: clock.now() + 1 });
    await guard.settled();
    t.match(await db.selectFrom('sync_doubts').selectAll().execute(), [{ server: 'barn', reason: 'shrunk' }]);

    const users = database.tables<UserTables>();
    const follow = followPeople({ isSource: () => true, nowMs: clock.now });
    const people = await openPeople(users, { map: {}, skipped: [], follow });
    const carla = (id: string) => ({ id, name: 'Carla', isAdministrator: false, isDisabled: false });
    await people.refresh('attic', [carla('1')]);
    await people.refresh('barn', [carla('2')]);
    await people.refresh('barn', []);
    t.match(await departures(users), [{ person: 'carla', server: 'barn', status: 'pending', told: 0 }]);
    await people.refresh('barn', [carla('3')]);
    t.same(await departures(users), [], 'made again');
    const key = { server: 'barn', person: 'carla' };
    const row = { ...key, name: 'Carla', source: 'attic', status: 'making' as const, password: 'sealed', problem: null };
    await writeMade(users, { ...row, attempts: 0, due_ms: 0, made_ms: clock.now() });
    t.equal(await takeSealed(users, key), null, 'not yet');
    await changeMade(users, key, { status: 'made' });
    t.match(await takeSealed(users, key), { password: 'sealed' });
    t.equal(await takeSealed(users, key), null);
    await confirm(users, { byWhom: 'first', atMs: 1 });
    await confirm(users, { byWhom: 'second', atMs: 2 });
    t.same(await confirmation(users), { byWhom: 'first', atMs: 1 });
  },
);
