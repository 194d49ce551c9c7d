// Pure: what an operator should know: proxies that hide viewers, places where server and home disagree, minimums that do not fit.

import type { MediaServerRules } from '../neighbours/media-server.ts';
import { isPrivate, parseAddress } from './address-range.ts';
import type { Decision } from './decision.ts';
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
    ...(over > 0
      ? [`The minimum per viewer does not fit: the caps exceed what there is by ${(over / 1_000_000).toFixed(1)} Mbit/s`]
      : []),
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
