// What one turn of the controller costs: the sessions of all servers, one of which limits nobody, and four download clients, all watched by the real code.
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtInAllocators } from '../../controller/src/bandwidth/allocators/built-in.ts';
import { decideCaps, NOTHING_DECIDED } from '../../controller/src/bandwidth/decide-caps.ts';
import { gatherTurn } from '../../controller/src/bandwidth/decision-turns.ts';
import type { LimitStore } from '../../controller/src/bandwidth/limits/limit-store.ts';
import { planWrites } from '../../controller/src/bandwidth/limits/plan-writes.ts';
import { openBandwidthStores } from '../../controller/src/bandwidth/open-stores.ts';
import { createWorld, runWorld, worldSettled } from '../../controller/src/bandwidth/world.ts';
import { wantedLimits } from '../../controller/src/bandwidth/world-view.ts';
import { systemClock } from '../../controller/src/clock.ts';
import { migrations } from '../../controller/src/database/migrations/index.ts';
import { openDatabase } from '../../controller/src/database/open-database.ts';
import { silentLog } from '../../controller/src/log.ts';
import type { TorrentClient } from '../../controller/src/neighbours/download-client.ts';
import type { MediaServer, MediaServerListener, PlayingStream } from '../../controller/src/neighbours/media-server.ts';
import { SETTINGS } from '../../controller/test/bandwidth/fixtures/decision-input.ts';

/** @property servers those that limit their users; one more, with 60 sessions, limits nobody, as Plex */
export type Crowd = {
  readonly servers: number;
  readonly usersEach: number;
  readonly sessionsEach: number;
  readonly turns: number;
  /** Caps that each user was given before, as a busy evening leaves them. */
  readonly rememberedCaps: number;
  /**
   * `turn`: all of it, as the clock on the wall has it. `decision`: gathering and deciding alone, in CPU time of its thread: of a crowd that takes
   * the better part of a second's turn to tell what it plays, which in truth it does not do each second.
   */
  readonly of: 'turn' | 'decision';
};

/** 200 sessions at three servers. */
const EVENING: Crowd = { servers: 2, usersEach: 50, sessionsEach: 70, turns: 600, rememberedCaps: 8, of: 'turn' };
const OPEN_SERVER = 'cinema';
const OPEN_SESSIONS = 60;
const CLIENTS = ['one', 'two', 'three', 'four'];
/** Only downloads. */
const USENET = 'four';
const WARM_PART = 6;
const namesOf = ({ servers }: Crowd): readonly string[] => Array.from({ length: servers }, (_, n) => `server-${n}`);

/** Milliseconds of each turn: a WAN sample and a changed stream come in, all is gathered, decided, and the writes that are due are planned. */
export async function decisionTimes(crowd: Crowd = EVENING): Promise<readonly number[]> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'headgate-bench-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const database = stack.use(await openDatabase({ path: folder, log: silentLog, clock: systemClock, migrations }));
  let aheadMs = 0;
  const clock = {
    now: () => systemClock.now() + aheadMs,
    monotonic: () => systemClock.monotonic() + aheadMs,
    sleep: systemClock.sleep,
  };
  const stores = await openBandwidthStores({
    tables: database.tables,
    now: clock.now,
    configured: () => ({
      ...SETTINGS,
      classes: { regular: 1 },
      torrents: { ...SETTINGS.torrents, share: 'activity', limitDownloads: 'always', pauseBelowBps: 1_000_000 },
    }),
  });
  await rememberCaps(stores.limits, crowd);
  const home = crowdedHome(clock.now, crowd);
  const deps = {
    neighbours: home.neighbours,
    stores,
    rules: { allocators: builtInAllocators, homeRanges: { home: [], vpn: [], testExternal: null } },
    ...{ clock, log: silentLog, tell: () => {}, newId: randomUUID },
  };
  const world = createWorld({
    ...deps,
    homeRanges: deps.rules.homeRanges,
    limits: stores.limits,
    overheads: stores.overheads,
    mayCap: () => true,
    changed: () => {},
    tell: () => {},
    handEdit: () => {},
  });
  const ending = new AbortController();
  const watching = runWorld(world, ending.signal);
  await worldSettled(world, clock, ending.signal);
  const times: number[] = [];
  let memory = NOTHING_DECIDED;
  const warm = Math.ceil(crowd.turns / WARM_PART);
  for (let turn = 0; turn < warm + crowd.turns; turn += 1) {
    aheadMs += 1_000;
    const told = performance.now();
    home.change(turn);
    const from = process.threadCpuUsage();
    const { decision, memory: next } = decideCaps(gatherTurn(world, deps), memory);
    const { user, system } = process.threadCpuUsage(from);
    const wanted = wantedLimits(world, decision, { dryRun: false, operatorAt: null });
    planWrites(wanted, world.targets.view(clock.monotonic()), {
      now: clock.monotonic(),
      writeIntervalMs: 30_000,
      newestStartAt: null,
    });
    if (turn >= warm) times.push(crowd.of === 'decision' ? (user + system) / 1_000 : performance.now() - told);
    memory = next;
    if (decision.viewers.length !== crowd.servers * crowd.usersEach || decision.counted === 0 || decision.downloads.length === 0)
      throw new Error('nobody was decided upon');
  }
  ending.abort();
  await watching;
  return times;
}

async function rememberCaps(limits: LimitStore, crowd: Crowd): Promise<void> {
  for (const server of namesOf(crowd))
    for (let user = 0; user < crowd.usersEach; user += 1)
      for (let cap = 1; cap <= crowd.rememberedCaps; cap += 1) {
        const target = `user:${server}/user-${user}`;
        await limits.beforeWrite({
          target,
          label: target,
          originalBps: 0,
          currentBps: (cap - 1) * 500_000,
          capBps: cap * 500_000,
        });
      }
}

const streamOf = (n: number, user: number, startedAt: number): PlayingStream => ({
  id: `session-${n}`,
  userId: `user-${user}`,
  userName: `user-${user}`,
  client: 'Jellyfin Web',
  device: `Screen ${n}`,
  address: n % 2 === 0 ? `203.0.113.${n}` : `2001:db8:${n}::5`,
  title: 'Film',
  kind: 'video',
  paused: n % 10 === 0,
  positionMs: n * 1_000,
  height: 1080,
  transcode: n % 3 === 0 ? { bps: 4_000_000, videoDirect: false, audioDirect: true } : null,
  nominalBps: 8_000_000,
  startedAt,
  lastCheckInAt: null,
});

const UNCHANGED = { beforeBps: 0, afterBps: 0, written: false };
const asleep = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve()));

const clientOf = (name: string, now: () => number): TorrentClient => ({
  ...{ name, type: 'memory', onUplink: true },
  async watch(hear, signal) {
    hear.health({ state: 'live', since: now(), problem: null });
    const limitBps = { normal: 20_000_000, alternative: 80_000 };
    hear.reading({
      ...{ at: now(), uploadBps: name === 'one' ? 5_000_000 : 0, downloadBps: 9_000_000 },
      ...{ mode: 'normal', uploadLimitBps: name === USENET ? null : limitBps, downloadLimitBps: limitBps },
      limitsLanPeers: true,
    });
    await asleep(signal);
  },
  rounded: (bps) => bps,
  changeLimit: async () => UNCHANGED,
  pausing: { running: async () => [], pause: async () => {}, resume: async () => {} },
});

/** Neighbours in memory: what the adapters do with bytes is not a decision. */
function crowdedHome(now: () => number, crowd: Crowd) {
  const { usersEach, sessionsEach } = crowd;
  const heard = new Map<string, MediaServerListener>();
  const startedAt = now();
  const sizeOf = (server: string): number => (server === OPEN_SERVER ? OPEN_SESSIONS : sessionsEach);
  const sessions = (server: string, turn: number): readonly PlayingStream[] =>
    Array.from({ length: sizeOf(server) }, (_, n) => ({
      ...streamOf(n, n % usersEach, startedAt),
      ...(server === OPEN_SERVER ? { saidPlace: 'remote' as const, reservedBps: 3_000_000 } : {}),
      lastCheckInAt: now(),
      nominalBps: 8_000_000 + (n === turn % sizeOf(server) ? turn * 1_000 : 0),
    }));
  const watch =
    (name: string): MediaServer['watch'] =>
    async (hear, signal) => {
      heard.set(name, hear);
      hear.health({ state: 'live', since: now(), problem: null });
      hear.sessions(sessions(name, 0), now());
      await asleep(signal);
    };
  const open: MediaServer = {
    ...{ name: OPEN_SERVER, type: 'plex', onUplink: true, pauseGraceMs: 60_000 },
    ...{ watch: watch(OPEN_SERVER), userLimits: null },
  };
  const servers = namesOf(crowd).map(
    (name): MediaServer => ({
      ...{ name, type: 'jellyfin', onUplink: true, pauseGraceMs: 0, watch: watch(name) },
      userLimits: {
        rounded: (bps) => bps,
        users: async () =>
          Array.from({ length: usersEach }, (_, n) => ({
            ...{ id: `user-${n}`, name: `user-${n}`, limitBps: 4_000_000 },
            ...{ isAdministrator: false, isDisabled: false, mayWatchRemotely: true },
          })),
        rules: async () => ({
          ...{ limitBps: 0, localSubnets: [], enableIPv6: true },
          ...{ knownProxies: [], version: '12.0.0' },
        }),
        changeUserLimit: async () => UNCHANGED,
      },
    }),
  );
  const uplink = {
    read: () => ({
      ...{ router: 'router', wan: 'wan', sample: { upBps: 90_000_000, downBps: 60_000_000, at: now() } },
      ...{
        shaperUpBps: 1_000_000_000,
        shaperDownBps: 1_000_000_000,
        orderedUpBps: null,
        orderedDownBps: null,
        addresses: ['198.51.100.1'],
        prefixes: ['2001:db8:ffff::/56'],
        saturated: false,
      },
    }),
    onSample: () => () => {},
  };
  return {
    neighbours: { servers: [...servers, open], clients: CLIENTS.map((name) => clientOf(name, now)), uplink },
    change(turn: number): void {
      for (const [name, hear] of heard) hear.sessions(sessions(name, turn), now());
    },
  };
}
