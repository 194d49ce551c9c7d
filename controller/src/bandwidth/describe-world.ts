// The watched neighbours as the outside is shown them, and what room there is.
import type { BandwidthStatus } from './bandwidth-status.ts';
import type { Decision } from './decision.ts';
import { clientOriginals, userLimitsShown } from './limits/shown-limits.ts';
import { capacityOf } from './line/uplink-reading.ts';
import type { BandwidthSettings } from './settings.ts';
import { locateViewer } from './viewer-location.ts';
import { findWarnings } from './warnings.ts';
import { allStreams, type World } from './world.ts';

export type WorldStatus = Pick<
  BandwidthStatus,
  | 'userLimits'
  | 'clientOriginals'
  | 'uplink'
  | 'capacityUpBps'
  | 'capacityDownBps'
  | 'capacityFrom'
  | 'streams'
  | 'overheads'
  | 'mediaServers'
  | 'torrentClients'
  | 'warnings'
>;

/** Who plays what, and what download clients move: cheap enough for each second. */
export const describeNeighbours = (world: World): Pick<BandwidthStatus, 'streams' | 'mediaServers' | 'torrentClients'> => ({
  streams: allStreams(world),
  mediaServers: world.servers.map(({ server: { name, type, onUplink, lineClass }, state }) => ({
    name,
    type,
    onUplink,
    lineClass,
    health: state().health,
  })),
  torrentClients: world.torrents.map(({ client: { name, type, onUplink, lineClass }, health, reading }) => ({
    name,
    type,
    onUplink,
    lineClass,
    health: health(),
    reading: reading(),
  })),
});

export function describeWorld(world: World, settings: BandwidthSettings, decision: Decision | null): WorldStatus {
  const uplink = world.uplink.state();
  const capacity = capacityOf(settings, uplink.reading);
  return {
    uplink,
    capacityUpBps: capacity.upBps,
    capacityDownBps: capacity.downBps,
    capacityFrom: capacity.upBps === null ? null : capacity.upBps === settings.capacityUpBps ? 'operator' : 'router',
    ...describeNeighbours(world),
    overheads: world.overheads.all(),
    userLimits: userLimitsShown(world),
    clientOriginals: clientOriginals(world),
    warnings: findWarnings(
      world.servers.map(({ server, state }) => ({ name: server.name, rules: state().rules, streams: state().streams })),
      decision,
    ),
  };
}

/** Whether one more stream, bit/s, to a client at this address fits beside those that run. At home, and while nothing is known, always. */
export function findsRoom(
  { ranges }: World,
  decision: Decision | null,
  { address, bps }: { readonly address: string; readonly bps: number },
): boolean {
  const budget = decision?.budget ?? null;
  return budget === null || bps <= budget.newStreamBps || !locateViewer(address, ranges(), null).usesUplink;
}
