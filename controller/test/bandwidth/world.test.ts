// When everything was heard that can be heard: before that nothing is decided at once.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { type LimitTables, openLimitStore } from '../../src/bandwidth/limits/limit-store.ts';
import { createWorld, runWorld, SETTLE_MS, worldSettled } from '../../src/bandwidth/world.ts';
import { migrations } from '../../src/database/migrations/index.ts';
import { openDatabase } from '../../src/database/open-database.ts';
import { silentLog } from '../../src/log.ts';
import type { NeighbourHealth } from '../../src/neighbours/health.ts';
import type { MediaServer, MediaServerListener } from '../../src/neighbours/media-server.ts';
import { playing } from './fixtures/decision-input.ts';
import { createFakeClock } from './fixtures/fake-clock.ts';
import { createTestUplink } from './fixtures/test-uplink.ts';

/** A server that limits nobody and says what the test says, and how long it was waited for. */
async function settling(t: Test, speak: (hear: MediaServerListener, at: number) => void): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'headgate-world-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const clock = createFakeClock();
  await using database = await openDatabase({ path: folder, clock, log: silentLog, migrations });
  let ear: MediaServerListener | null = null;
  const server: MediaServer = {
    name: 'cinema',
    type: 'plex',
    onUplink: true,
    pauseGraceMs: 0,
    userLimits: null,
    watch(hear, signal) {
      ear = hear;
      return new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
    },
  };
  const world = createWorld({
    neighbours: { servers: [server], clients: [], uplink: createTestUplink() },
    homeRanges: { home: [], vpn: [], testExternal: null },
    limits: await openLimitStore(database.tables<LimitTables>(), clock.now),
    overheads: { lessons: new Map(), save: async () => {} },
    mayCap: () => true,
    clock,
    log: silentLog,
    changed: () => {},
    tell: () => {},
    handEdit: () => {},
  });
  const stop = new AbortController();
  const running = runWorld(world, stop.signal);
  const began = clock.monotonic();
  let settledAt: number | null = null;
  const settled = worldSettled(world, clock, stop.signal).then(() => {
    settledAt ??= clock.monotonic();
  });
  for (let at = 0; at <= SETTLE_MS + 1_000 && settledAt === null; at += 500) {
    if (ear !== null) speak(ear, at);
    await clock.advance(500);
  }
  await settled;
  stop.abort();
  await running;
  return (settledAt ?? Number.NaN) - began;
}

const health = (state: NeighbourHealth['state']): NeighbourHealth => ({ state, since: 0, problem: null });
/** Within half a second, which is how often the test speaks. */
const about = (t: Test, ms: number, expected: number): void =>
  void t.ok(ms >= expected && ms <= expected + 500, `${ms} ms for ${expected}`);

t.test('a server without users is waited for until it told what plays', async (t) => {
  const waited = await settling(t, (hear, at) => {
    if (at === 1_000) hear.health(health('live'));
    if (at === 3_000) hear.sessions([playing('cleo')], 0);
  });
  about(t, waited, 3_000);
});

t.test('one that cannot be heard is not waited for, and one that says nothing at all for 10 s', async (t) => {
  about(
    t,
    await settling(t, (hear, at) => {
      if (at === 1_000) hear.health(health('refused'));
    }),
    1_000,
  );
  about(t, await settling(t, () => {}), SETTLE_MS);
});
