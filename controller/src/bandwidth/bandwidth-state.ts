// Pure: the feature's status as the one flat JSON that MQTT carries.
import type { BandwidthState } from '@headgate/protocol';
import type { TorrentReading } from '../neighbours/download-client.ts';
import type { BandwidthStatus } from './bandwidth-status.ts';
import { STALE_AFTER_MS } from './decide-caps.ts';
import type { TorrentCap } from './decision.ts';

/** `means` are of the last 10 s; null while no router speaks. */
export type Means = { readonly upBps: number; readonly downBps: number } | null;

export function toBandwidthState(status: BandwidthStatus, means: Means, utcNow: number): BandwidthState {
  const { decision, settings, uplink, streams } = status;
  const counted = streams.filter(({ counts }) => counts);
  const silentMs = uplink.silentMs ?? 0;
  return {
    at: iso(utcNow),
    mode: decision?.mode ?? 'unknown',
    reason: decision?.reason ?? 'Starting: nothing was decided yet.',
    enabled: settings.enabled,
    dry_run: settings.dryRun,
    algorithm: settings.algorithm,
    wan_up_bps: rounded(means?.upBps),
    wan_down_bps: rounded(means?.downBps),
    capacity_up_bps: rounded(status.capacityUpBps),
    capacity_down_bps: rounded(status.capacityDownBps),
    headroom_bps: rounded(decision?.budget?.headroomBps),
    reserve_bps: rounded(decision?.budget?.reserveBps) ?? 0,
    reserve_percent: reservePercent(status),
    other_bps: rounded(uplink.otherBps) ?? 0,
    budget_bps: rounded(decision?.budget?.viewersBps),
    streams: streams.length,
    remote_streams: counted.length,
    remote_demand_bps: Math.round(counted.reduce((sum, { demand }) => sum + demand.bps, 0)),
    caps_pending: streams.filter(({ capState }) => capState === 'pending' || capState === 'asked').length,
    caps_ignored: streams.filter(({ capState }) => capState === 'ignored').length,
    torrent_limit_bps: rounded(decision?.torrentTotalBps),
    torrent_up_bps: clientsBps(status, ({ uploadBps }) => uploadBps),
    download_limit_bps: rounded(decision?.downloadTotalBps),
    torrent_down_bps: clientsBps(status, ({ downloadBps }) => downloadBps),
    torrents_paused: (decision?.pausedClients.length ?? 0) > 0,
    over_commitment_bps: rounded(decision?.overCommitmentBps) ?? 0,
    viewers: Object.fromEntries((decision?.viewers ?? []).map(({ server, name, capBps }) => [`${server}/${name}`, capBps])),
    torrent_clients: limitsOf(status, decision?.torrents),
    download_clients: limitsOf(status, decision?.downloads),
    neighbours_silent: [...status.mediaServers, ...status.torrentClients].filter(
      ({ health }) => health?.state === 'unreachable' || health?.state === 'refused',
    ).length,
    ...shadowOf(status),
    stale_since: uplink.reading !== null && silentMs > STALE_AFTER_MS ? iso(utcNow - silentMs) : null,
    schedule_rule: settings.rule,
    pause_minutes: pauseMinutes(status, utcNow),
    overrides: Object.fromEntries(
      status.overrides.flatMap(({ patch, until }) => Object.keys(patch).map((key) => [snake(key), iso(until)])),
    ),
  };
}

function pauseMinutes({ overrides }: BandwidthStatus, utcNow: number): number {
  const pause = overrides.find(({ patch }) => patch.enabled === false);
  return pause === undefined ? 0 : Math.max(0, Math.ceil((pause.until - utcNow) / 60_000));
}

const snake = (key: string): string => key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

function reservePercent({ settings: { reserve }, capacityUpBps }: BandwidthStatus): number | null {
  if ('percent' in reserve) return reserve.percent;
  return capacityUpBps === null || capacityUpBps === 0 ? null : Math.round((reserve.bps / capacityUpBps) * 1000) / 10;
}

function shadowOf({ rehearsal }: BandwidthStatus): Partial<BandwidthState> {
  const { differs = null, differences = null, last = null } = rehearsal?.shadow ?? {};
  const reason = last === null ? null : `${last.what}. ${last.reason}`;
  return { shadow_differs: differs, shadow_differences: differences, shadow_reason: reason };
}

/** The limit of the speed mode that is active. */
const limitsOf = ({ torrentClients }: BandwidthStatus, caps: readonly TorrentCap[] = []): Record<string, number | null> =>
  Object.fromEntries(
    torrentClients.map(({ name, reading }) => [
      name,
      caps.find(({ client, mode }) => client === name && mode === reading?.mode)?.capBps ?? null,
    ]),
  );

const clientsBps = ({ torrentClients }: BandwidthStatus, rateOf: (reading: TorrentReading) => number): number =>
  Math.round(
    torrentClients.reduce((sum, { onUplink, reading }) => sum + (onUplink && reading !== null ? rateOf(reading) : 0), 0),
  );

const rounded = (bps: number | null | undefined): number | null =>
  bps === null || bps === undefined ? null : Math.max(0, Math.round(bps));
const iso = (ms: number): string => new Date(ms).toISOString();
