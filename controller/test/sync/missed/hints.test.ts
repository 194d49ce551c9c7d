// What is made of a server's activity log and tasks: what is new, what is waited for, what counts as a lost hook, and what is kept over a restart.
import t from 'tap';
import { silentLog } from '../../../src/log.ts';
import type { ActivityEntry, ChangeFeeds } from '../../../src/neighbours/synced-hints.ts';
import { untouched } from '../../../src/neighbours/watch-state.ts';
import { createHints } from '../../../src/sync/missed/hints.ts';
import { writeShadow } from '../../../src/sync/state/state-store.ts';
import { openSyncDatabase, type SyncDatabase } from '../sync-database.ts';

const NEVER = new AbortController().signal;
const START_MS = 1_800_000_000_000;
const BACK = { isBack: true, skewMs: 0 };

type Given = { readonly kept?: SyncDatabase; readonly tellsHooks?: boolean };

async function open(t: Parameters<typeof openSyncDatabase>[0], { kept, tellsHooks = true }: Given = {}) {
  const database = kept ?? (await openSyncDatabase(t));
  const now = { ms: START_MS, hooks: 0, scanEndMs: null as number | null, isRunning: false };
  const entries: ActivityEntry[] = [];
  const asked: number[] = [];
  const feeds: ChangeFeeds = {
    async activitySince(sinceMs) {
      asked.push(sinceMs);
      return { entries: entries.filter(({ atMs }) => atMs >= sinceMs), isComplete: true };
    },
    libraryScan: async () => ({ isRunning: now.isRunning, lastEndMs: now.scanEndMs, lastStatus: 'Completed' }),
  };
  const hints = createHints({
    ...{ db: database.db, tell: () => {}, log: silentLog, nowMs: () => now.ms, feeds: () => feeds },
    personOf: (_server, userId) => (userId === 'stranger' ? null : userId),
    ...{ waitingHooks: () => now.hooks, tellsHooks: () => tellsHooks, indexedMs: () => START_MS - 1_000 },
  });
  hints.expect('attic', true);
  const played = (id: number, atMs: number, more: Partial<ActivityEntry> = {}): void =>
    void entries.push({ ...{ id, atMs, kind: 'played', userId: 'anna', itemId: 'film', began: true }, ...more });
  const told = async (asking = BACK) => (await hints.ask('attic', asking, NEVER)).plays.map(({ atMs, itemId }) => [atMs, itemId]);
  return { database, now, entries, asked, hints, played, told };
}

t.test('what was before the first time is not asked for; what comes is told once, also after a restart', async (t) => {
  const first = await open(t);
  first.played(7, START_MS - 5_000);
  t.same(await first.told(), []);
  t.same(first.asked, []);
  first.now.ms += 60_000;
  first.played(8, START_MS + 20_000);
  // Written later, dated earlier.
  first.played(9, START_MS + 19_000, { itemId: 'other' });
  first.played(10, START_MS + 21_000, { userId: 'stranger' });
  first.played(11, START_MS + 21_000, { itemId: null });
  first.played(12, START_MS + 21_000, { kind: 'other' });
  t.same(await first.told(), [
    [START_MS + 20_000, 'film'],
    [START_MS + 19_000, 'other'],
  ]);
  t.same(await first.told(), []);
  const next = await open(t, { kept: first.database });
  next.entries.push(...first.entries);
  next.played(13, START_MS + 20_500, { itemId: 'late' });
  next.played(14, START_MS + 90_000, { itemId: 'meanwhile' });
  next.now.ms += 120_000;
  t.same(await next.told(), [
    [START_MS + 90_000, 'meanwhile'],
    [START_MS + 20_500, 'late'],
  ]);
  t.ok((next.asked[0] ?? 0) <= START_MS + 21_000 && (next.asked[0] ?? 0) > START_MS);
});

t.test(
  'a hook is waited for: some seconds, and while hooks wait to be worked on; one that came is no play to be read',
  async (t) => {
    const { database, now, hints, played, told } = await open(t);
    await told();
    now.ms += 10_000;
    played(1, START_MS + 9_000);
    played(2, START_MS + 9_000, { itemId: 'heard' });
    t.same(await told(), []);
    now.ms += 60_000;
    now.hooks = 1;
    t.same(await told(), []);
    now.hooks = 0;
    const place = { server: 'attic', userId: 'anna', itemId: 'heard' };
    await writeShadow(database.db, place, { seen: untouched, hookMs: START_MS + 8_990, readMs: null, past: [] });
    t.same(await told(), [[START_MS + 9_000, 'film']]);
    t.match(hints.of('attic'), { lost: 0, isLosing: false });
  },
);

t.test(
  'lost is what began and should have told, or what was found; not before hooks were expected, and one playing once',
  async (t) => {
    const { now, hints } = await open(t);
    const play = { userId: 'anna', itemId: 'film', atMs: START_MS + 1_000, began: true, withinMs: 5_000 };
    t.equal(hints.judge('attic', { ...play, atMs: START_MS - 1 }, { found: true, skewMs: 0 }), false);
    t.equal(hints.judge('barn', play, { found: true, skewMs: 0 }), false, 'it has no plugin');
    t.equal(
      hints.judge('attic', { ...play, began: false }, { found: false, skewMs: 0 }),
      false,
      'an end that failed saves nothing',
    );
    now.ms += 5_000;
    t.equal(hints.judge('attic', play, { found: false, skewMs: 0 }), true);
    t.equal(hints.judge('attic', { ...play, atMs: play.atMs + 900, began: false }, { found: true, skewMs: 0 }), false);
    t.match(hints.of('attic'), { lost: 1, lastLostMs: START_MS + 5_000, isLosing: true });
    hints.expect('attic', false);
    t.match(hints.of('attic'), { isExpected: false, isLosing: false });
    const silent = await open(t, { tellsHooks: false });
    t.equal(silent.hints.judge('attic', play, { found: false, skewMs: 0 }), false, 'of a music video none comes');
  },
);

t.test('the end of a scan is told until its items were read, and not while the next one runs', async (t) => {
  const { now, hints, database } = await open(t);
  const scan = async (from = hints) => (await from.ask('attic', BACK, NEVER)).scanEndMs;
  now.scanEndMs = START_MS - 60_000;
  t.equal(await scan(), null, 'its items were read after it');
  now.isRunning = true;
  now.scanEndMs = START_MS + 60_000;
  t.equal(await scan(), null);
  now.isRunning = false;
  t.equal(await scan(), START_MS + 60_000);
  t.equal(await scan(), START_MS + 60_000);
  await hints.scanWasRead('attic', START_MS + 60_000);
  t.equal(await scan(), null);
  const next = await open(t, { kept: database });
  next.now.scanEndMs = START_MS + 60_000;
  t.equal(await scan(next.hints), null);
});

t.test('a clock that was set back hides nothing', async (t) => {
  const { now, asked, played, told } = await open(t);
  await told();
  now.ms += 60_000;
  played(1, START_MS + 3_600_000);
  await told({ isBack: true, skewMs: 3_600_000 });
  // An hour behind: entries have dates again that were.
  now.ms += 60_000;
  played(2, START_MS + 90_000, { itemId: 'after' });
  t.same(await told(), [[START_MS + 90_000, 'after']]);
  t.ok((asked.at(-1) ?? 0) <= START_MS + 120_000);
  now.ms += 60_000;
  played(3, START_MS + 150_000, { itemId: 'the next' });
  t.same(await told(), [[START_MS + 150_000, 'the next']], 'and nothing again');
});

t.test('a log that was begun anew is read from its beginning', async (t) => {
  const { now, entries, played, told } = await open(t);
  await told();
  now.ms += 60_000;
  played(500, START_MS + 30_000);
  t.equal((await told()).length, 1);
  entries.length = 0;
  now.ms += 60_000;
  played(1, START_MS + 90_000, { itemId: 'after' });
  t.same(await told(), [[START_MS + 90_000, 'after']]);
  t.same(await told(), []);
});
