// A server that is taken out of the configuration, and one that comes back.
import t from 'tap';
import { until } from '../../../deploy/test/end-to-end/fixtures/until.ts';
import { type LeftTables, tidyLeftServers } from '../../src/sync/left-servers.ts';
import { openInProcessHome, type Running } from './in-process-home.ts';
import { openSyncDatabase, queueRow } from './sync-database.ts';

const DAY_MS = 86_400_000;

t.test(
  'a server that comes back is as one that was off: it is brought up to date, and brings nothing back that was taken away',
  async (t) => {
    const home = await openInProcessHome(t, {
      servers: { attic: { version: '12.0.0' }, barn: { version: '10.11.11' }, cabin: { version: '10.11.11' } },
    });
    const [attic, barn, cabin] = ['attic', 'barn', 'cabin'].map((name) => home.server(name));
    if (!attic || !barn || !cabin) return;
    const anna = await attic.logIn('anna');
    const favourite = (film: string, on = true) => anna.call(on ? 'POST' : 'DELETE', `/UserFavoriteItems/${attic.itemId(film)}`);
    const queue = async ({ db }: Running) => await db.selectFrom('sync_queue').select(['server', 'item_name']).execute();
    const are =
      (...on: readonly string[]) =>
      (film: string): boolean =>
        [attic, barn, cabin].every((one) => one.has('anna', film).favourite === on.includes(one.name));
    const first = await home.start();
    for (const film of ['Film 0', 'Film 1']) await favourite(film);
    await until('all have them', () => ['Film 0', 'Film 1'].every(are('attic', 'barn', 'cabin')));
    await until('all is read back', async () => (await queue(first)).length === 0 && first.sync.busy() === 0);
    await cabin.sim.powerOff();
    await favourite('Film 2');
    await until('it waits for cabin', async () => (await queue(first)).some(({ server }) => server === 'cabin'));
    await until('barn has it', () => barn.has('anna', 'Film 2').favourite);
    await first.end();

    const second = await home.start(['cabin']);
    // What barn got last may not have been read back yet.
    t.same(
      (await queue(second)).filter(({ server }) => server === 'cabin'),
      [],
    );
    await favourite('Film 0', false);
    await favourite('Film 3');
    await until('barn has both', () => !barn.has('anna', 'Film 0').favourite && barn.has('anna', 'Film 3').favourite);
    t.same(
      (await queue(second)).filter(({ server }) => server === 'cabin'),
      [],
    );
    await second.end();

    await cabin.sim.powerOn();
    const atCabin = await cabin.logIn('anna');
    await atCabin.call('POST', `/UserFavoriteItems/${cabin.itemId('Film 5')}`);
    const third = await home.start();
    await until('cabin has all of it', () => ['Film 1', 'Film 2', 'Film 3'].every(are('attic', 'barn', 'cabin')));
    await until('what was done there meanwhile counts', () => are('attic', 'barn', 'cabin')('Film 5'));
    await until('nothing is left', async () => (await queue(third)).length === 0 && third.sync.busy() === 0);
    t.ok(are()('Film 0'), 'nobody has what was taken away');
  },
);

t.test('what waits for it goes at once, with one line; what was seen there after half a year', async (t) => {
  const { database, db } = await openSyncDatabase(t);
  const tables = database.tables<LeftTables>();
  const lines: unknown[] = [];
  const log = { info: (fields: unknown) => void lines.push(fields) };
  const tidy = (servers: readonly string[], days: number) => tidyLeftServers(tables, { servers, nowMs: days * DAY_MS, log });
  const count = async (table: 'sync_queue' | 'sync_shadows' | 'sync_alignments' | 'sync_held'): Promise<number> =>
    (await tables.selectFrom(table).select('server').where('server', '=', 'barn').execute()).length;
  await db
    .insertInto('sync_queue')
    .values([queueRow(1), queueRow(2, { status: 'failed' }), queueRow(3, { server: 'attic' })])
    .execute();
  await db.insertInto('sync_alignments').values({ server: 'barn', user_id: 'a', aligned_ms: 1 }).execute();
  const seen = { server: 'barn', user_id: 'a', item_id: 'x', seen: '{}', hook_ms: null, read_ms: 1, past: null };
  await db.insertInto('sync_shadows').values(seen).execute();
  const hold = { id: 1, server: 'barn', user_id: 'a', person: 'anna', reason: 'losses', why: 'many', status: 'open' } as const;
  await tables
    .insertInto('sync_holds')
    .values({ ...hold, opened_ms: 1, closed_ms: null, told: 1 })
    .execute();
  const held = { server: 'barn', user_id: 'a', item_id: 'x', hold_id: 1, person: 'anna', identity: 'i', item_name: 'X' };
  const loss = { item_path: null, before: '{}', after: '{}', set_ms: 1, not_before_ms: 1, answer: null };
  await tables
    .insertInto('sync_held')
    .values({ ...held, ...loss })
    .execute();

  await tidy(['attic', 'barn'], 1);
  t.same([await count('sync_queue'), lines.length], [2, 0]);
  await tidy(['attic'], 2);
  t.same([await count('sync_queue'), await count('sync_held'), await count('sync_shadows')], [0, 0, 1]);
  t.same(await tables.selectFrom('sync_holds').select('status').execute(), [{ status: 'discarded' }]);
  t.same(lines, [{ servers: ['barn'], dropped: 2 }]);
  await tidy(['attic'], 181);
  t.same([await count('sync_shadows'), lines.length], [1, 1]);
  await tidy(['attic', 'barn'], 182);
  await tidy(['attic'], 183);
  await tidy(['attic'], 362);
  t.equal(await count('sync_shadows'), 1, 'counted from when it left last');
  await tidy(['attic'], 363);
  t.same([await count('sync_shadows'), await count('sync_alignments')], [0, 0]);
  t.match(lines.at(-1), { servers: ['barn'] });
  await tidy(['attic'], 900);
  t.equal(lines.length, 3, 'and nothing more is said of it');
  t.equal((await db.selectFrom('sync_queue').select('id').execute()).length, 1);
});
