// What the server itself decides with: its limit for all, and its idea of "local".
import type { JellyfinClient } from './jellyfin-client.ts';
import { standingLimit } from './limit-value.ts';
import type { MediaServerRules } from './shapes.ts';

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
 * The first call reads everything. Each later one makes a single request, for the part that is older, so that asking once a minute stays within the
 * three requests a minute that a server at rest may be asked (no part is older than two calls). A failed call makes the next one read everything again.
 */
export const createReadRules = (
  client: Pick<JellyfinClient, 'publicInfo' | 'serverConfiguration' | 'networkConfiguration'>,
): ((signal: AbortSignal) => Promise<MediaServerRules>) => {
  let known: Parts | null = null;
  let serverIsOlder = true;

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
    const before = known;
    known = null;
    known = before ? await refresh(before, signal) : await readAll(signal);
    serverIsOlder = before ? !serverIsOlder : true;
    return rulesOf(known);
  };
};
