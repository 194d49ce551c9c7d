// The watched neighbours as values: the input of a decision, and the limits that it wants.

import type { Direction, ModeLimits, SpeedMode } from '../neighbours/download-client.ts';
import type { NeighbourHealth } from '../neighbours/health.ts';
import type { Decision, DecisionInput, TorrentCap, TorrentInput, ViewerInput } from './decision.ts';
import { judgeLimit } from './limits/judge-limit.ts';
import type { LimitStore } from './limits/limit-store.ts';
import { torrentTarget, userTarget } from './limits/limit-targets.ts';
import { ceilingOf, type Wanted } from './limits/plan-writes.ts';
import { capacitiesOf, type KnownLine } from './line/known-line.ts';
import { sampleWorld } from './sample-world.ts';
import type { ServerWatch } from './server-watch.ts';
import type { TorrentWatch } from './torrent-watch.ts';
import { viewerKey } from './watched-streams.ts';
import { allStreams, SETTLE_MS, type World } from './world.ts';

const LOST_AFTER_MS = 15 * 60_000;

export type Given = Pick<DecisionInput, 'now' | 'utcNow' | 'settings' | 'boosts' | 'allocator'>;

/** Everything of this moment, the line's newest second included. */
export function gatherInput(world: World, given: Given): DecisionInput {
  for (const watch of world.servers) watch.review();
  world.running.follow(world.servers.flatMap((watch) => watch.state().streams));
  const streams = allStreams(world);
  world.uplink.starts(streams.filter(({ counts }) => counts));
  sampleWorld(world, streams);
  const { otherBps, otherDownBps, silentMs, reading, knownFromStart, rush } = world.uplink.state();
  const line: KnownLine = {
    shaperUpBps: reading?.shaperUpBps ?? null,
    shaperDownBps: reading?.shaperDownBps ?? null,
    orderedUpBps: reading?.orderedUpBps ?? null,
    orderedDownBps: reading?.orderedDownBps ?? null,
    soonKnown: otherBps === null && silentMs !== null && silentMs < SETTLE_MS,
    knownFromStart,
  };
  return {
    ...given,
    line,
    ...capacitiesOf(given.settings, line),
    otherBps,
    otherDownBps,
    rush,
    routerSilentMs: silentMs,
    serverLost: world.servers.some((watch) => isLost(watch, given.now)),
    streams,
    viewers: world.servers.flatMap((watch) => viewersOf(watch, world.limits)),
    torrents: world.torrents.map((watch) => torrentOf(watch, world.limits)),
  };
}

/** `operatorAt`: steady ms of the operator's last change, which makes every write urgent. */
export function wantedLimits(
  world: World,
  decision: Decision,
  how: { readonly dryRun: boolean; readonly operatorAt: number | null },
): readonly Wanted[] {
  const { limits, leftovers } = world;
  for (const key of leftovers) if (limits.record(key)?.held !== true) leftovers.delete(key);
  const want = (key: string, capBps: number | null, startedAt: number | null): Wanted => ({
    key,
    capBps: how.dryRun || leftovers.has(key) ? null : capBps,
    urgentAt: later(startedAt, how.operatorAt),
  });
  // Whoever just started comes first: its next negotiation is the nearest.
  const viewers = [...decision.viewers].sort((a, b) => (b.startedAt ?? 0) - (a.startedAt ?? 0));
  const slots = (caps: readonly TorrentCap[], direction: Direction): readonly Wanted[] =>
    caps.map(({ client, mode, capBps }) => want(torrentTarget(client, { direction, mode }), capBps, null));
  const wanted = [
    ...slots(decision.torrents, 'upload'),
    ...slots(decision.downloads, 'download'),
    ...viewers.map(({ key, capBps, startedAt }) => want(`user:${key}`, capBps, startedAt)),
  ];
  const named = new Set(wanted.map(({ key }) => key));
  const rest = [...leftovers].filter((key) => !named.has(key)).map((key) => want(key, null, null));
  const isSilent = silentTargets(world);
  return [...wanted, ...rest].filter(({ key }) => !isSilent(key));
}

/** Limits of neighbours that cannot be heard: trying them tells nobody anything new, and only puts off the write that is due on their return. */
function silentTargets(world: World): (key: string) => boolean {
  const silent = new Set([
    ...world.servers.filter(({ state }) => !state().answers).map(({ server }) => userTarget(server.name, '')),
    ...[...muteClients(world)].flatMap((name) => [`torrent:${name}/`, `download:${name}/`]),
  ]);
  return (key) => silent.has(key.slice(0, key.indexOf('/') + 1));
}

/** Download clients that cannot be heard. */
export const muteClients = ({ torrents }: World): ReadonlySet<string> =>
  new Set(torrents.filter(({ health }) => isMute(health())).map(({ client }) => client.name));

/** By key, or as a person writes it: `server/user name`, letter case ignored. Null where nobody is called so. */
export const findViewer = (world: World, name: string): string | null => findUser(world, name)?.key ?? null;

/** The same, as it is written: `server/user name`. */
export const viewerName = (world: World, name: string): string | null => findUser(world, name)?.label ?? null;

function findUser({ servers }: World, name: string): { readonly key: string; readonly label: string } | null {
  for (const { server, state } of servers) {
    for (const user of state().users ?? []) {
      const one = { key: viewerKey(server.name, user.id), label: `${server.name}/${user.name}` };
      if (one.key === name || one.label.toLowerCase() === name.toLowerCase()) return one;
    }
  }
  return null;
}

function viewersOf({ server, state, namesOf }: ServerWatch, limits: LimitStore): readonly ViewerInput[] {
  const { users, rules } = state();
  return (users ?? []).map((user) => {
    const { viewer, target } = namesOf(user);
    const { originalBps } = judgeLimit(user.limitBps, limits.record(target));
    return {
      key: viewer,
      server: server.name,
      name: user.name,
      eligible: server.onUplink && !user.isDisabled && user.mayWatchRemotely,
      ceilingBps: originalBps > 0 ? originalBps : ceilingOf(rules?.limitBps ?? 0),
      ceilingFrom: originalBps > 0 ? 'user' : 'server',
    };
  });
}

function torrentOf({ client, reading, moves }: TorrentWatch, limits: LimitStore): TorrentInput {
  const now = reading();
  const { uploadBps, downloadBps } = moves();
  const ceiling = (direction: Direction, mode: SpeedMode, bps: number | undefined): number =>
    ceilingOf(judgeLimit(bps ?? 0, limits.record(torrentTarget(client.name, { direction, mode }))).originalBps);
  const ceilings = (direction: Direction, set: ModeLimits | null | undefined) => ({
    normal: ceiling(direction, 'normal', set?.normal),
    alternative: ceiling(direction, 'alternative', set?.alternative),
  });
  return {
    client: client.name,
    onUplink: client.onUplink,
    // Until it was heard it is taken for one that sends: what is kept free for it is little.
    uploads: now === null || now.uploadLimitBps !== null,
    uploadBps,
    downloadBps,
    mode: now?.mode ?? null,
    ceilingBps: ceilings('upload', now?.uploadLimitBps),
    downloadCeilingBps: now?.downloadLimitBps ? ceilings('download', now.downloadLimitBps) : null,
  };
}

const isMute = (health: NeighbourHealth | null): boolean => health?.state === 'unreachable' || health?.state === 'refused';

const isLost = ({ state }: ServerWatch, now: number): boolean => {
  const { silentSince, streams } = state();
  return silentSince !== null && now - silentSince >= LOST_AFTER_MS && streams.some(({ counts }) => counts);
};

const later = (a: number | null, b: number | null): number | null => (a === null ? b : b === null ? a : Math.max(a, b));
