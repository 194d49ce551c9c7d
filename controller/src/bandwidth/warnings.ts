// Pure: what an operator should know: proxies that hide viewers, places where server and home disagree, minimums that do not fit.

import type { MediaServerRules } from '../neighbours/media-server.ts';
import { isPrivate, parseAddress } from './address-range.ts';
import type { Decision } from './decision.ts';
import { mbitOf } from './rate-words.ts';
import type { WatchedStream } from './watched-streams.ts';

export type ServerFacts = {
  readonly name: string;
  readonly rules: MediaServerRules | null;
  readonly streams: readonly WatchedStream[];
};

export function findWarnings(servers: readonly ServerFacts[], decision: Decision | null): readonly string[] {
  const over = decision?.overCommitmentBps ?? 0;
  return [
    ...servers.flatMap(hiddenByProxy),
    ...new Set(servers.flatMap(({ streams }) => streams.map(({ location }) => location.hint).filter((hint) => hint !== null))),
    ...unexplained(decision),
    ...(over > 0 ? [`The minimum per viewer does not fit: the caps exceed what there is by ${mbitOf(over)}`] : []),
  ];
}

/** A part of the line that no known viewer or torrent explains, from which on it is worth a look. */
const MUCH = 0.25;

/** Nothing governs downloads (jellyfin#11365), Live TV outside of our channels (jellyfin#6032) and players that no server tells of: they show here alone. */
function unexplained(decision: Decision | null): readonly string[] {
  const { budget = null, counted = 0 } = decision ?? {};
  if (budget === null || counted === 0 || budget.otherBps < budget.capacityBps * MUCH) return [];
  return [
    `${mbitOf(budget.otherBps)} leave the home that no viewer and no torrent explains: a download from a media server, Live TV, a player that its server does not list, or another device. Everything else gives way to it`,
  ];
}

/** Without KnownProxies everybody behind a reverse proxy has its private address: local to Jellyfin, so never capped (jellyfin#13883). */
function hiddenByProxy({ name, rules, streams }: ServerFacts): readonly string[] {
  if (rules === null || rules.knownProxies.length > 0) return [];
  const users = new Map<string, Set<string>>();
  for (const { stream } of streams) {
    const address = stream.address === null ? null : parseAddress(stream.address);
    if (stream.address === null || address === null || !isPrivate(address)) continue;
    users.set(stream.address, (users.get(stream.address) ?? new Set()).add(stream.userId));
  }
  return [...users]
    .filter(([, ids]) => ids.size > 1)
    .map(
      ([address, ids]) =>
        `${ids.size} users of ${name} watch from the one private address ${address}: if that is a reverse proxy, add it to the server's KnownProxies, else its remote viewers count as local`,
    );
}
