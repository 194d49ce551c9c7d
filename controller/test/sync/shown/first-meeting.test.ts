// What is kept of the first meeting of servers: what was found, and what was to be written where.
import t from 'tap';
import { type MeetingTables, readMeetings } from '../../../src/sync/reconcile/meeting-report.ts';
import { viewAlignment } from '../../../src/sync/shown/alignment-view.ts';
import { NEVER_MS } from '../../../src/sync/state/queue-store.ts';
import { openInProcessHome, until } from '../in-process-home.ts';

t.test('each user of each server is reported once, each writing once', async (t) => {
  const home = await openInProcessHome(t, {
    servers: { attic: { version: '12.0.0' }, barn: { version: '10.10.7' } },
    hooks: false,
  });
  const [attic, barn] = [home.server('attic'), home.server('barn')];
  attic.sim.importWatched('anna', attic.itemId('Film 0'), { favourite: true });
  attic.sim.importWatched('anna', attic.itemId('Film 1'), { rating: 10 });
  barn.sim.importWatched('anna', barn.itemId('Film 2'), { favourite: true, rating: 1 });
  for (const one of [attic, barn]) one.sim.importWatched('anna', one.itemId('Film 3'), { favourite: true });
  const running = await home.start();
  await until('all is written', () => barn.has('anna', 'Film 1').rating === 10 && attic.has('anna', 'Film 2').rating === 1);
  const meetings = await readMeetings(running.db.withTables<MeetingTables>(), ['attic', 'barn']);
  const ofAnna = meetings.filter(({ person }) => person === 'anna');
  t.match(ofAnna, [
    { server: 'attic', touched: 3 },
    { server: 'barn', touched: 2 },
  ]);
  t.equal(
    ofAnna.reduce((sum, { joined }) => sum + joined, 0),
    4,
    'what both had is news of the first one only',
  );
  const to = (server: string) => ofAnna.flatMap(({ writes }) => writes[server] ?? []);
  const sum = (server: string, kind: 'items' | 'favourites' | 'ratings' | 'watched') =>
    to(server).reduce((total, one) => total + one[kind], 0);
  const isNear = (counts: readonly number[], must: readonly number[]): boolean =>
    counts.every((count, at) => count === must[at] || count === (must[at] ?? 0) + 1);
  // Two meetings that overlap may both count one item that both are to bring.
  const toAttic = [sum('attic', 'items'), sum('attic', 'favourites'), sum('attic', 'ratings')];
  t.ok(isNear(toAttic, [1, 1, 1]), `${toAttic}`);
  const toBarn = [sum('barn', 'items'), sum('barn', 'favourites'), sum('barn', 'ratings')];
  t.ok(isNear(toBarn, [2, 1, 1]), `${toBarn}`);
  t.same([sum('attic', 'watched'), sum('barn', 'watched')], [0, 0]);
  const people = running.people.all();
  const { users } = viewAlignment({ meetings: ofAnna.slice(0, 1), people, servers: ['attic', 'barn'], dryRun: false });
  t.match(
    users.filter(({ username }) => username === 'anna').map(({ server, met_at: met }) => [server, met === null]),
    [
      ['attic', false],
      ['barn', true],
    ],
  );
});

t.test(
  'a kill after the comparing and before all is queued: it is done once more, and what waited for it goes out',
  async (t) => {
    const home = await openInProcessHome(t, { servers: { attic: {}, barn: {} }, hooks: false });
    const [attic, barn] = [home.server('attic'), home.server('barn')];
    attic.sim.importWatched('anna', attic.itemId('Film 0'), { favourite: true });
    barn.sim.inject({ method: 'POST', path: /UserData$/, times: 1_000, answer: 'hang' });
    const first = await home.start();
    const meetings = async ({ db }: typeof first) => await readMeetings(db.withTables<MeetingTables>(), ['attic', 'barn']);
    const waiting = () => first.db.selectFrom('sync_queue').select('id').execute();
    await until(
      'it waits, and everybody was met',
      async () => (await waiting()).length === 1 && (await meetings(first)).length === 4,
    );
    // As it stands on disk in between.
    await first.db.withTables<MeetingTables>().deleteFrom('sync_meetings').where('server', '=', 'barn').execute();
    await first.db.updateTable('sync_queue').set({ due_ms: NEVER_MS }).execute();
    await first.end();
    barn.sim.clearFaults();
    const second = await home.start();
    await until('it is brought', () => barn.has('anna', 'Film 0').favourite);
    await until('and reported', async () => (await meetings(second)).length === 4);
  },
);
