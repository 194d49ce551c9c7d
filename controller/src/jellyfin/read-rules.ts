// What the server itself decides with: its limit for all, and its idea of "local".

import type { MediaServerRules } from '../neighbours/media-server.ts';
import type { JellyfinClient } from './jellyfin-client.ts';
import { standingLimit } from './limit-value.ts';

type Parts = {
  readonly server: Awaited<ReturnType<JellyfinClient['serverConfiguration']>>;
  readonly network: Awaited<ReturnType<JellyfinClient['networkConfiguration']>>;
  readonly version: string;
};

const rulesOf = ({ server, network, version }: Parts): MediaServerRules => ({
  limitBps: standingLimit(server.RemoteClientBitrateLimit),
  localSubnets: network.LocalNetworkSubnets ?? [],
  enableIPv6: network.EnableIPv6 ?? false,
  knownProxies: network.KnownProxies ?? [],
  version,
});

/**
 * The first call reads everything, as does the first one after an outage or a failure. Each other one makes a single request, for the part that is
 * older: a server at rest may be asked three times a minute, and sessions and users are two of them. So no part is older than two calls.
 */
export const createReadRules = (
  client: Pick<JellyfinClient, 'publicInfo' | 'serverConfiguration' | 'networkConfiguration' | 'outages'>,
): ((signal: AbortSignal) => Promise<MediaServerRules>) => {
  let known: Parts | null = null;
  let serverIsOlder = true;
  let outages = 0;

  const refresh = async (parts: Parts, signal: AbortSignal): Promise<Parts> => {
    if (serverIsOlder) return { ...parts, server: await client.serverConfiguration(signal) };
    return { ...parts, network: await client.networkConfiguration(signal) };
  };

  const readAll = async (signal: AbortSignal): Promise<Parts> => ({
    version: (await client.publicInfo(signal)).Version,
    server: await client.serverConfiguration(signal),
    network: await client.networkConfiguration(signal),
  });

  return async (signal) => {
    const before = outages === client.outages() ? known : null;
    known = null;
    outages = client.outages();
    known = before ? await refresh(before, signal) : await readAll(signal);
    serverIsOlder = before ? !serverIsOlder : true;
    return rulesOf(known);
  };
};
