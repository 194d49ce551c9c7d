// What one turn of the controller costs: 200 sessions at three servers, one of which limits nobody, and four download clients, all watched by the real code.

import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtInAllocators } from '../../controller/src/bandwidth/allocators/built-in.ts';
import { decideCaps, NOTHING_DECIDED } from '../../controller/src/bandwidth/decide-caps.ts';
import { gatherTurn } from '../../controller/src/bandwidth/decision-turns.ts';
import type { LimitStore } from '../../controller/src/bandwidth/limit-store.ts';
import { openBandwidthStores } from '../../controller/src/bandwidth/open-stores.ts';
import { planWrites } from '../../controller/src/bandwidth/plan-writes.ts';
import { sampleWorld } from '../../controller/src/bandwidth/sample-world.ts';
import { createWorld, runWorld, worldSettled } from '../../controller/src/bandwidth/world.ts';
import { wantedLimits } from '../../controller/src/bandwidth/world-view.ts';
import { systemClock } from '../../controller/src/clock.ts';
import { migrations } from '../../controller/src/database/migrations/index.ts';
import { openDatabase } from '../../controller/src/database/open-database.ts';
import { silentLog } from '../../controller/src/log.ts';
import type { TorrentClient } from '../../controller/src/neighbours/download-client.ts';
import type { MediaServer, MediaServerListener, PlayingStream } from '../../controller/src/neighbours/media-server.ts';
import { SETTINGS } from '../../controller/test/bandwidth/fixtures/decision-input.ts';

/** Users of each are limited. */
const SERVERS = ['main', 'attic'];
/** Limits nobody, as Plex. */
const OPEN_SERVER = 'cinema';
const USERS_EACH = 50;
const SESSIONS: Readonly<Record<string, number>> = { main: 70, attic: 70, cinema: 60 };
const CLIENTS = ['one', 'two', 'three', 'four'];
/** Only downloads. */
const USENET = 'four';
const TURNS = 600;
const WARM_TURNS = 100;

/** Milliseconds of each turn: a WAN sample and a changed stream come in, all is gathered, decided, and the writes that are due are planned. */
export async function decisionTimes(): Promise<readonly number[]> {
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
  await rememberCaps(stores.limits);
  const home = crowdedHome(clock.now);
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
  for (let turn = 0; turn < WARM_TURNS + TURNS; turn += 1) {
    aheadMs += 1_000;
    const from = performance.now();
    home.change(turn);
    sampleWorld(world);
    const { decision, memory: next } = decideCaps(gatherTurn(world, deps), memory);
    const wanted = wantedLimits(world, decision, { dryRun: false, operatorAt: null });
    planWrites(wanted, world.targets.view(clock.monotonic()), {
      now: clock.monotonic(),
      writeIntervalMs: 30_000,
      newestStartAt: null,
    });
    if (turn >= WARM_TURNS) times.push(performance.now() - from);
    memory = next;
    if (decision.viewers.length !== SERVERS.length * USERS_EACH || decision.counted === 0 || decision.downloads.length === 0)
      throw new Error('nobody was decided upon');
  }
  ending.abort();
  await watching;
  return times;
}

/** A day of caps of each user, as a busy evening leaves them. */
async function rememberCaps(limits: LimitStore): Promise<void> {
  for (const server of SERVERS)
    for (let user = 0; user < USERS_EACH; user += 1)
      for (let cap = 1; cap <= 8; cap += 1) {
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

const streamOf = (n: number, startedAt: number): PlayingStream => ({
  id: `session-${n}`,
  userId: `user-${n % USERS_EACH}`,
  userName: `user-${n % USERS_EACH}`,
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
function crowdedHome(now: () => number) {
  const heard = new Map<string, MediaServerListener>();
  const startedAt = now();
  const sessions = (server: string, turn: number): readonly PlayingStream[] =>
    Array.from({ length: SESSIONS[server] ?? 0 }, (_, n) => ({
      ...streamOf(n, startedAt),
      ...(server === OPEN_SERVER ? { saidPlace: 'remote' as const, reservedBps: 3_000_000 } : {}),
      lastCheckInAt: now(),
      nominalBps: 8_000_000 + (n === turn % (SESSIONS[server] ?? 1) ? turn * 1_000 : 0),
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
  const servers = SERVERS.map(
    (name): MediaServer => ({
      ...{ name, type: 'jellyfin', onUplink: true, pauseGraceMs: 0, watch: watch(name) },
      userLimits: {
        rounded: (bps) => bps,
        users: async () =>
          Array.from({ length: USERS_EACH }, (_, n) => ({
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
