// Who has what, and who is told of whom: peers of this place by addresses that the one who asks can reach.
import { createNetworks } from './readers.ts';

export type Peer = {
  /** A bare IP address. */
  readonly address: string;
  readonly port: number;
  /** Where it is. */
  readonly site: string;
};

export type Announced = Peer & {
  readonly infoHash: string;
  /** Bytes that it lacks. */
  readonly left: number;
  readonly isStopped: boolean;
  readonly wanted: number;
};

export type Swarm = { readonly peers: readonly Omit<Peer, 'site'>[]; readonly complete: number; readonly incomplete: number };

export type TrackerDeps = {
  /** Of this place. */
  readonly site: string;
  /** What other sites reach this one at; null: they are told of nobody here. */
  readonly publicAddress: string | null;
  /** Our own seeder, where it seeds this. */
  readonly seederOf: (infoHash: string) => { readonly address: string; readonly port: number } | null;
  /** Steady ms. */
  readonly now: () => number;
};

export type Tracker = { announce(announced: Announced): Swarm };

/** How often a peer is to come again; told to it. */
export const INTERVAL_S = 120;
/** Of who lacks something and was told of nobody: its seeder may be starting just now. */
export const LONELY_INTERVAL_S = 15;
/** Two visits missed: it is gone. */
const PEER_LIVES_MS = 2.5 * INTERVAL_S * 1_000;
const MAX_PEERS = 2_000;
const MAX_TORRENTS = 10_000;
export const MAX_WANTED = 80;

const LOOPBACK = ['127.0.0.0/8', '::1/128'];
/** RFC 1918, 4193, 6598 and link-local: who is there is reached from inside only. */
const INSIDE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16', '100.64.0.0/10', 'fe80::/10', 'fc00::/7'];

type Known = Peer & { readonly left: number; readonly at: number };

export function createTracker({ site, publicAddress, seederOf, now }: TrackerDeps): Tracker {
  const swarms = new Map<string, Map<string, Known>>();
  const isLoopback = createNetworks(LOOPBACK);
  const isInside = createNetworks(INSIDE);

  /** As the other reaches it; null: not at all. */
  const seenBy = (other: Peer, peer: Peer): Omit<Peer, 'site'> | null => {
    const { address, port } = peer;
    if (isLoopback(address) && isLoopback(other.address)) return { address, port };
    if (!isLoopback(address) && (!isInside(address) || peer.site === other.site)) return { address, port };
    if (peer.site === site && other.site !== site && publicAddress !== null) return { address: publicAddress, port };
    return null;
  };

  return {
    announce({ infoHash, address, port, site: at, left, isStopped, wanted }) {
      const swarm = living(swarms, infoHash, now());
      const [key, asking] = [`${address}:${port}`, { address, port, site: at }];
      // The newest is the last, so that the oldest gives way.
      swarm.delete(key);
      if (!isStopped) swarm.set(key, { ...asking, left, at: now() });
      drop(swarm, MAX_PEERS);
      keep(swarms, infoHash, swarm);
      const seeder = seederOf(infoHash);
      const others: readonly Peer[] = [
        ...(seeder === null ? [] : [{ ...seeder, site }]),
        ...[...swarm.entries()].filter(([other]) => other !== key).map(([, peer]) => peer),
      ];
      const peers = isStopped ? [] : someOf(others, asking, { seenBy, wanted });
      const complete = [...swarm.values()].filter((peer) => peer.left === 0).length;
      return { peers, complete: complete + (seeder === null ? 0 : 1), incomplete: swarm.size - complete };
    },
  };
}

type Choice = { readonly seenBy: (other: Peer, peer: Peer) => Omit<Peer, 'site'> | null; readonly wanted: number };

/** From a place that moves on, so that not everybody is sent to the same few. */
function someOf(others: readonly Peer[], asking: Peer, { seenBy, wanted }: Choice): readonly Omit<Peer, 'site'>[] {
  const [first, ...rest] = others;
  const turned = rest.length === 0 ? 0 : asking.port % rest.length;
  const chosen: Omit<Peer, 'site'>[] = [];
  for (const peer of [...(first === undefined ? [] : [first]), ...rest.slice(turned), ...rest.slice(0, turned)]) {
    if (chosen.length >= Math.min(wanted, MAX_WANTED)) break;
    const seen = seenBy(asking, peer);
    if (seen !== null) chosen.push(seen);
  }
  return chosen;
}

function living(swarms: ReadonlyMap<string, Map<string, Known>>, infoHash: string, now: number): Map<string, Known> {
  const swarm = swarms.get(infoHash) ?? new Map<string, Known>();
  for (const [key, { at }] of swarm) {
    if (now - at < PEER_LIVES_MS) break;
    swarm.delete(key);
  }
  return swarm;
}

function keep(swarms: Map<string, Map<string, Known>>, infoHash: string, swarm: Map<string, Known>): void {
  swarms.delete(infoHash);
  if (swarm.size > 0) swarms.set(infoHash, swarm);
  drop(swarms, MAX_TORRENTS);
}

function drop(map: Map<string, unknown>, most: number): void {
  for (const key of map.keys()) {
    if (map.size <= most) return;
    map.delete(key);
  }
}
