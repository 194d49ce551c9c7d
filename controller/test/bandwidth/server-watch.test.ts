// One media server kept fresh: users, rules, strangers, outages.
import t from 'tap';
import { createServerWatch } from '../../src/bandwidth/server-watch.ts';
import { ControllerError } from '../../src/errors.ts';
import { silentLog } from '../../src/log.ts';
import type { NeighbourHealth } from '../../src/neighbours/health.ts';
import type { MediaServer, MediaServerListener, MediaUser, PlayingStream } from '../../src/neighbours/media-server.ts';
import { createFakeClock } from './fixtures/fake-clock.ts';
import { createMemoryPlex } from './fixtures/memory-plex.ts';

const user = (id: string): MediaUser => ({
  id,
  name: id,
  limitBps: 0,
  isAdministrator: false,
  isDisabled: false,
  mayWatchRemotely: true,
});
const health = (state: NeighbourHealth['state']): NeighbourHealth => ({ state, since: 0, problem: null });
const stream = (userId: string): PlayingStream => ({
  id: `session of ${userId}`,
  userId,
  userName: userId,
  client: 'web',
  device: 'tv',
  address: '203.0.113.9',
  title: 'A film',
  kind: 'video',
  paused: false,
  positionMs: 0,
  height: 1080,
  transcode: null,
  nominalBps: 8_000_000,
  startedAt: 1_800_000_000_000,
  lastCheckInAt: null,
});

function openWatch(whileRulesAreAsked: (hear: MediaServerListener | null) => void = () => {}) {
  const clock = createFakeClock();
  const asked = { users: 0, rules: 0 };
  const said: { users: readonly MediaUser[] | Error; heard: MediaServerListener | null } = { users: [user('anna')], heard: null };
  const server: MediaServer = {
    name: 'main',
    type: 'jellyfin',
    onUplink: true,
    pauseGraceMs: 0,
    watch: (hear, signal) => {
      said.heard = hear;
      return new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
    },
    userLimits: {
      rounded: (bps) => bps,
      users: async () => {
        asked.users += 1;
        if (said.users instanceof Error) throw said.users;
        return said.users;
      },
      rules: async () => {
        asked.rules += 1;
        await Promise.resolve();
        whileRulesAreAsked(said.heard);
        return { limitBps: 0, localSubnets: [], enableIPv6: false, knownProxies: [], version: '12.0.0' };
      },
      changeUserLimit: async () => ({ beforeBps: 0, afterBps: 0, written: false }),
    },
  };
  const read: (readonly string[])[] = [];
  const warned: string[] = [];
  const watch = createServerWatch(server, {
    ranges: () => ({ home: [], vpn: [], testExternal: null }),
    clock,
    log: { ...silentLog, warn: (_fields, text) => void warned.push(text) },
    changed: () => {},
    mustGiveBack: () => false,
    usersBegin: () => new Map(),
    usersRead: (_server, users) => void read.push(users.map(({ id }) => id)),
  });
  const stop = new AbortController();
  const running = watch.run(stop.signal);
  const end = async (): Promise<void> => {
    stop.abort();
    await running;
  };
  return { clock, asked, said, read, warned, watch, end };
}

t.test(
  'a server that limits nobody: no users are asked for, its streams count and are not capped; heard is who told what plays',
  async (t) => {
    const clock = createFakeClock();
    const plex = createMemoryPlex(clock);
    let changes = 0;
    const watch = createServerWatch(plex.server, {
      ranges: () => ({ home: [], vpn: [], testExternal: null }),
      clock,
      log: silentLog,
      changed: () => {
        changes += 1;
      },
      mustGiveBack: () => false,
      usersBegin: () => new Map(),
      usersRead: () => t.fail('it has no users'),
    });
    t.match(watch.state(), { heard: false, health: null, silentSince: null });
    const stop = new AbortController();
    const running = watch.run(stop.signal);
    await clock.advance(120_000);
    t.match(watch.state(), { heard: true, users: null, rules: null, health: { state: 'live' }, answers: true });
    const before = changes;
    plex.play({ ...stream('cleo'), saidPlace: 'remote', reservedBps: 12_000_000 });
    t.equal(changes, before + 1);
    t.match(watch.state().streams, [
      { viewer: 'cinema/cleo', counts: true, location: { place: 'remote', capped: false }, demand: { bps: 12_000_000 } },
    ]);
    plex.health('refused', 'wrong token');
    t.match(watch.state(), { silentSince: clock.monotonic(), answers: false });
    t.equal(watch.state().streams.length, 1, 'what was heard stands');
    plex.health('polling');
    await clock.advance(1_000);
    t.match(watch.state(), { silentSince: null, answers: true });
    stop.abort();
    await running;
  },
);

t.test('a server that tells what plays but not what may be limited: said once, until it is well again', async (t) => {
  const { clock, said, warned, end } = openWatch();
  await clock.advance(0);
  said.heard?.health(health('live'));
  said.users = new ControllerError('upstream_failed', 'it has no such preference');
  await clock.advance(200_000);
  t.same(warned, ['what may be limited could not be read']);
  said.users = [user('anna')];
  await clock.advance(10_000);
  said.users = new ControllerError('upstream_failed', 'gone again');
  await clock.advance(200_000);
  t.equal(warned.length, 2);
  await end();
});

t.test('users are read at the start, then each 57 s, and 5 s after a failure; rules each 15 min', async (t) => {
  const { clock, asked, said, watch, end } = openWatch();
  await clock.advance(0);
  t.same(asked, { users: 1, rules: 1 });
  await clock.advance(56_000);
  t.equal(asked.users, 1);
  said.users = new ControllerError('timeout', 'no answer');
  await clock.advance(1_000);
  t.equal(asked.users, 2);
  t.equal(watch.state().answers, false);
  said.users = [user('anna'), user('ben')];
  await clock.advance(5_000);
  t.equal(asked.users, 3);
  t.same(
    watch.state().users?.map(({ id }) => id),
    ['anna', 'ben'],
  );
  await clock.advance(14 * 60_000 + 60_000);
  t.equal(asked.rules, 2);
  await end();
});

t.test('health and streams that are heard while rules are on their way stand afterwards', async (t) => {
  const { clock, watch, end } = openWatch((hear) => {
    hear?.health(health('live'));
    hear?.sessions([stream('anna')], 1_800_000_000_000);
  });
  await clock.advance(0);
  t.equal(watch.state().health?.state, 'live');
  t.equal(watch.state().streams.length, 1);
  t.equal(watch.state().rules?.version, '12.0.0');
  await end();
});

t.test('a server that says it has no users is not believed: everybody would be forgotten', async (t) => {
  const { clock, said, read, watch, end } = openWatch();
  await clock.advance(0);
  said.users = [];
  await clock.advance(57_000);
  t.same(read, [['anna']]);
  t.same(
    watch.state().users?.map(({ id }) => id),
    ['anna'],
  );
  await end();
});

t.test('a stream of somebody unknown has the users read once, not at each message', async (t) => {
  const { clock, asked, said, end } = openWatch();
  await clock.advance(0);
  for (let i = 0; i < 5; i += 1) {
    said.heard?.sessions([stream('ghost')], clock.now());
    await clock.advance(100);
  }
  t.equal(asked.users, 2);
  said.heard?.sessions([stream('ghost'), stream('cleo')], clock.now());
  await clock.advance(100);
  t.equal(asked.users, 3, 'another stranger is another reason');
  await end();
});

t.test('what was last heard stands through an outage; afterwards users and rules are read at once', async (t) => {
  const { clock, asked, said, watch, end } = openWatch();
  await clock.advance(0);
  said.heard?.health(health('live'));
  said.heard?.sessions([stream('anna')], clock.now());
  said.heard?.health(health('unreachable'));
  const since = watch.state().silentSince;
  await clock.advance(20_000);
  said.heard?.health(health('starting'));
  t.equal(watch.state().silentSince, since, 'another kind of silence is the same silence');
  t.equal(watch.state().streams.length, 1);
  const before = { ...asked };
  said.heard?.health(health('live'));
  await clock.advance(100);
  t.equal(watch.state().silentSince, null);
  t.same(asked, { users: before.users + 1, rules: before.rules + 1 });
  await end();
});
