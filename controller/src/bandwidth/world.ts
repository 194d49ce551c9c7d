// Everything that watches the neighbours, opened as one: servers, torrent clients, the uplink, and the limits that may be set there.
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { SpeedMode, TorrentClient } from '../neighbours/download-client.ts';
import type { NeighbourHealth } from '../neighbours/health.ts';
import type { MediaServer, MediaUser } from '../neighbours/media-server.ts';
import { parseRanges } from './address-range.ts';
import type { BandwidthEvent } from './bandwidth-event.ts';
import { type KnownStreams, openKnownStreams } from './known-streams.ts';
import type { OverheadStore } from './learned/overhead-store.ts';
import type { LimitStore } from './limits/limit-store.ts';
import { createLimitTargets, type LimitingServer, type LimitTargets, userTarget } from './limits/limit-targets.ts';
import { createLimitWriter, type HandEdit, type LimitWriter } from './limits/limit-writer.ts';
import { createUplinkWatch, type Uplink, type UplinkWatch } from './line/uplink-watch.ts';
import { createServerWatch, type ServerWatch } from './server-watch.ts';
import { createTorrentWatch, type TorrentWatch } from './torrent-watch.ts';
import type { HomeRanges } from './viewer-location.ts';
import type { WatchedStream } from './watched-streams.ts';

export type Neighbours = {
  readonly servers: readonly MediaServer[];
  readonly clients: readonly TorrentClient[];
  readonly uplink: Uplink;
};

export type WorldDeps = {
  readonly neighbours: Neighbours;
  readonly homeRanges: HomeRanges;
  readonly limits: LimitStore;
  readonly overheads: OverheadStore;
  readonly mayCap: () => boolean;
  readonly clock: Clock;
  readonly log: Log;
  readonly changed: () => void;
  readonly handEdit: (edit: HandEdit) => void;
  readonly tell: (event: BandwidthEvent) => void;
};

export type World = KnownStreams & {
  readonly servers: readonly ServerWatch[];
  readonly torrents: readonly TorrentWatch[];
  readonly uplink: UplinkWatch;
  readonly limits: LimitStore;
  readonly targets: LimitTargets;
  readonly writer: LimitWriter;
  /** Targets still held from an earlier run: put back first, whatever is decided. */
  readonly leftovers: Set<string>;
  /** With the router's own addresses of now. */
  readonly ranges: () => HomeRanges;
  readonly clock: Clock;
};

export function createWorld(deps: WorldDeps): World {
  const { neighbours, limits, clock, log, changed } = deps;
  const targets = createLimitTargets(limits);
  const writer = createLimitWriter({ store: limits, mayCap: deps.mayCap, log, tell: deps.handEdit });
  const leftovers = new Set(limits.held().map(({ target }) => target));
  registerHeld(deps, targets);
  const watched = { targets, writer, clock, log, changed };
  const usersRead = usersReader(deps, { targets, writer, leftovers });
  const mustGiveBack = (server: string): boolean => limits.held().some(({ target }) => target.startsWith(userTarget(server, '')));
  const ranges = homeWithWan(deps.homeRanges, neighbours.uplink);
  const servers = neighbours.servers.map((server) =>
    createServerWatch(server, {
      ranges,
      clock,
      log,
      changed,
      mustGiveBack,
      usersBegin: () => targets.readingBegins(),
      usersRead,
    }),
  );
  return {
    servers,
    torrents: neighbours.clients.map((client) => createTorrentWatch(client, watched)),
    uplink: createUplinkWatch(neighbours.uplink, clock),
    limits,
    targets,
    writer,
    leftovers,
    ranges,
    ...openKnownStreams({ servers, targets, overheads: deps.overheads, tell: deps.tell, clock, log, changed }),
    clock,
  };
}

/** Watches all neighbours until the signal fires. */
export async function runWorld({ servers, torrents }: World, signal: AbortSignal): Promise<void> {
  await Promise.allSettled([...servers.map((watch) => watch.run(signal)), ...torrents.map((watch) => watch.run(signal))]);
}

/** With what is known of each beside what its server says. */
export const allStreams = ({ servers, seen }: World): readonly WatchedStream[] =>
  seen(servers.flatMap((watch) => watch.state().streams));

/** How long a neighbour is waited for before anything is decided without it. */
export const SETTLE_MS = 10_000;

/** Resolves once every neighbour has answered, or said that it cannot; at most 10 s. */
export async function worldSettled(world: World, clock: Clock, signal: AbortSignal): Promise<void> {
  const end = clock.monotonic() + SETTLE_MS;
  while (!isHeard(world) && clock.monotonic() < end) await clock.sleep(50, signal);
}

/** Each neighbour told once what it has to tell, or that it cannot. */
export const isHeard = ({ servers, torrents }: World): boolean =>
  servers.every(({ server, state }) => {
    const { users, heard, health, silentSince } = state();
    return ((users !== null || server.userLimits === null) && heard && isKnown(health)) || silentSince !== null;
  }) &&
  // Health and reading come one after the other: "live" without a reading is not heard yet.
  torrents.every(({ reading, health }) => isKnown(health()) && (reading() !== null || !isWell(health())));

const isWell = (health: NeighbourHealth | null): boolean => health?.state === 'live' || health?.state === 'polling';
const isKnown = (health: NeighbourHealth | null): boolean => health !== null && health.state !== 'starting';

/** The home's own WAN addresses and delegated prefixes are home: a viewer from these came back through the router. The same object as long as they are the same. */
function homeWithWan(configured: HomeRanges, uplink: Uplink): () => HomeRanges {
  let known = { texts: '', ranges: configured };
  return () => {
    const { addresses = [], prefixes = [] } = uplink.read() ?? {};
    const texts = [...addresses, ...prefixes];
    if (texts.join() !== known.texts)
      known = { texts: texts.join(), ranges: { ...configured, home: [...configured.home, ...parseRanges(texts)] } };
    return known.ranges;
  };
}

/** Held from an earlier run: reachable before the neighbour's own list was read, so that stopping early puts them back as well. */
function registerHeld({ neighbours, limits, log }: WorldDeps, targets: LimitTargets): void {
  for (const { target, label } of limits.held()) {
    const [, kind, owner = '', rest = ''] = /^(user|torrent|download):([^/]*)\/(.*)$/.exec(target) ?? [];
    const server = neighbours.servers.find(({ name }) => kind === 'user' && name === owner);
    const userLimits = server?.userLimits ?? server?.earlierLimits;
    const client = neighbours.clients.find(({ name }) => kind !== 'user' && name === owner);
    const direction = kind === 'download' ? 'download' : 'upload';
    if (userLimits) targets.addUser({ name: owner, userLimits }, { id: rest, name: label.split(' at ')[0] ?? label });
    else if (client) targets.addTorrentSlot(client, { direction, mode: rest as SpeedMode });
    else
      log.warn(
        { target: label },
        'an original is kept for a neighbour that is no longer configured: configured once more, it gets it back',
      );
  }
}

type UserLimits = { readonly targets: LimitTargets; readonly writer: LimitWriter; readonly leftovers: Set<string> };

function usersReader({ limits, log }: WorldDeps, { targets, writer, leftovers }: UserLimits) {
  const failed = (what: string) => (error: unknown) => log.error({ error: messageOf(error) }, what);
  type Server = LimitingServer & { readonly isLimited: boolean };
  return (server: Server, users: readonly MediaUser[], begun: ReadonlyMap<string, number>): void => {
    const present = new Set(users.map((user) => userTarget(server.name, user.id)));
    const gone = targets
      .keys()
      .filter((key) => targets.group(key) === server.name && key.startsWith('user:') && !present.has(key));
    for (const key of gone) {
      targets.remove(key);
      leftovers.delete(key);
      // Nothing to put back any more. What is known stays: who comes back from a backup comes back with our cap.
      if (limits.record(key)?.held) limits.restored(key).catch(failed('limit of a deleted user not let go of'));
    }
    for (const user of users) {
      // One that is not behind this uplink is left alone, unless an earlier run, told otherwise, left a cap there.
      if (!server.isLimited && !targets.has(userTarget(server.name, user.id))) continue;
      const key = targets.addUser(server, user);
      if (targets.read(key, user.limitBps, begun))
        writer.observe(key, `${user.name} at ${server.name}`, user.limitBps).catch(failed('hand edit not stored'));
    }
  };
}
