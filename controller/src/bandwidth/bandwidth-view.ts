// Pure: the feature's status in the shape that REST shows.
import type { z } from 'zod';
import type { NeighbourHealth } from '../neighbours/health.ts';
import type { bandwidthView, decisionView, streamView } from './bandwidth-api.ts';
import type { BandwidthStatus } from './bandwidth-status.ts';
import { STALE_AFTER_MS } from './decide-caps.ts';
import type { TorrentCap, ViewerCap } from './decision.ts';
import type { DecisionRecord } from './decision-store.ts';
import { downloadsBps } from './download-budget.ts';
import type { UserLimitShown } from './limits/shown-limits.ts';
import { reserveBps } from './line/uplink-budget.ts';
import type { WatchedStream } from './watched-streams.ts';

const iso = (ms: number): string => new Date(ms).toISOString();

export function viewStream({
  key,
  server,
  viewer,
  stream,
  location,
  demand,
  counts,
  cutOff,
  capState,
  wireBps,
}: WatchedStream): z.input<typeof streamView> {
  return {
    id: key,
    server,
    viewer,
    user: stream.userName,
    title: stream.title,
    client: stream.client,
    device: stream.device,
    kind: stream.kind,
    place: location.place,
    said_place: stream.saidPlace ?? null,
    address: stream.address,
    counts,
    capped: location.capped,
    paused: stream.paused,
    cut_off: cutOff,
    cap_state: capState,
    demand_bps: Math.round(demand.bps),
    wire_bps: wireBps,
    demand_from: demand.from,
    transcoding: stream.transcode !== null && !stream.transcode.videoDirect,
    hint: location.hint,
  };
}

export function viewBandwidth(status: BandwidthStatus, utcNow: number): z.input<typeof bandwidthView> {
  const { decision, uplink } = status;
  const silentMs = uplink.silentMs;
  return {
    mode: decision?.mode ?? 'unknown',
    reason: decision?.reason ?? 'Starting: nothing was decided yet.',
    settings: viewSettings(status),
    budget: viewBudget(decision),
    download_budget: viewDownloads(status),
    capacity_up_bps: status.capacityUpBps,
    capacity_down_bps: status.capacityDownBps,
    capacity_from: status.capacityFrom,
    over_commitment_bps: decision?.overCommitmentBps ?? 0,
    router_silent_s: silentMs === null ? null : Math.round(silentMs / 1000),
    stale_since: silentMs !== null && silentMs > STALE_AFTER_MS ? iso(utcNow - silentMs) : null,
    viewers: (decision?.viewers ?? []).map((viewer) => viewViewer(viewer, status.userLimits.get(viewer.key) ?? null)),
    torrent_clients: viewTorrents(status),
    media_servers: status.mediaServers.map(({ name, type, onUplink, health }) => ({
      name,
      type,
      on_uplink: onUplink,
      health: viewHealth(health),
    })),
    players: [...status.overheads].map(([kind, { high, lessons }]) => viewPlayer(kind, high, lessons)),
    originals_held: status.held,
    warnings: [...status.warnings, ...(status.rehearsal?.recording?.problem ? [status.rehearsal.recording.problem] : [])],
  };
}

function viewViewer(
  { key, server, name, capBps, streams, why }: ViewerCap,
  limit: UserLimitShown | null,
): z.input<typeof bandwidthView>['viewers'][number] {
  const applies = limit === null ? 0 : limit.standsBps > 0 ? limit.standsBps : limit.serverBps;
  return {
    ...{ viewer: key, server, name, cap_bps: capBps, streams, why },
    limit_bps: limit?.standsBps ?? null,
    original_bps: limit?.originalBps ?? null,
    applies_bps: applies > 0 ? applies : null,
  };
}

function viewPlayer(kind: string, high: number, lessons: number): z.input<typeof bandwidthView>['players'][number] {
  const at = kind.lastIndexOf('|');
  const method = kind.slice(at + 1);
  return {
    client: kind.slice(0, at),
    method: method === 'direct' || method === 'remux' ? method : 'transcode',
    overhead: Math.round(high * 100) / 100,
    half_minutes: lessons,
  };
}

/** Its numbers are for `explain`, which can read them. */
export function viewDecision({ id, at, mode, reason, detail }: DecisionRecord): z.input<typeof decisionView> {
  const { numbers: _, ...inputs } = detail;
  return { id, at: iso(at), mode, reason, detail: inputs };
}

function viewSettings({ settings, boosts, overrides }: BandwidthStatus): z.input<typeof bandwidthView>['settings'] {
  return {
    enabled: settings.enabled,
    dry_run: settings.dryRun,
    schedule_rule: settings.rule,
    algorithm: settings.algorithm,
    apply: settings.apply,
    reserve: settings.reserve,
    capacity_bps: settings.capacityUpBps,
    torrents: {
      share: settings.torrents.share,
      limit_downloads: settings.torrents.limitDownloads,
      download_floor_bps: settings.torrents.downloadFloorBps,
      download_reserve: settings.torrents.downloadReserve,
      pause_below_bps: settings.torrents.pauseBelowBps,
    },
    running_streams: settings.runningStreams,
    overrides: overrides.map(({ patch, until }) => ({ settings: { ...patch }, until: iso(until) })),
    boosts: boosts.map(({ viewer, bps, until }) => ({ viewer, bps, until: iso(until) })),
  };
}

function viewBudget(decision: BandwidthStatus['decision']): z.input<typeof bandwidthView>['budget'] {
  if (!decision?.budget) return null;
  const { capacityBps, reserveBps, otherBps, viewersBps, newStreamBps, torrentsBps, headroomBps } = decision.budget;
  const whole = {
    capacity_bps: capacityBps,
    reserve_bps: reserveBps,
    other_bps: otherBps,
    viewers_bps: viewersBps,
    new_stream_bps: newStreamBps,
    torrents_bps: torrentsBps,
    headroom_bps: headroomBps,
    running_bps: decision.runningBps,
  };
  return Object.fromEntries(Object.entries(whole).map(([name, bps]) => [name, Math.round(bps)])) as typeof whole;
}

function viewDownloads({ capacityDownBps, uplink, settings }: BandwidthStatus): z.input<typeof bandwidthView>['download_budget'] {
  if (capacityDownBps === null) return null;
  const { downloadReserve: reserve, downloadFloorBps: floorBps } = settings.torrents;
  const otherBps = uplink.otherDownBps ?? 0;
  return {
    capacity_bps: Math.round(capacityDownBps),
    reserve_bps: reserveBps(capacityDownBps, reserve),
    other_bps: Math.round(otherBps),
    downloads_bps: Math.round(downloadsBps({ capacityBps: capacityDownBps, reserve, otherBps, floorBps })),
  };
}

function viewTorrents({
  torrentClients,
  decision,
  clientOriginals,
}: BandwidthStatus): z.input<typeof bandwidthView>['torrent_clients'] {
  return torrentClients.map(({ name, type, onUplink, reading, health }) => {
    const capOf = (caps: readonly TorrentCap[] = []): number | null =>
      caps.find(({ client, mode }) => client === name && mode === reading?.mode)?.capBps ?? null;
    return {
      name,
      type,
      on_uplink: onUplink,
      mode: reading?.mode ?? null,
      cap_bps: capOf(decision?.torrents),
      limit_bps: reading?.uploadLimitBps?.[reading.mode] ?? null,
      original_bps: reading === null ? null : (clientOriginals.get(name)?.up?.[reading.mode] ?? null),
      upload_bps: Math.round(reading?.uploadBps ?? 0),
      download_cap_bps: capOf(decision?.downloads),
      download_limit_bps: reading?.downloadLimitBps?.[reading.mode] ?? null,
      download_original_bps: reading === null ? null : (clientOriginals.get(name)?.down?.[reading.mode] ?? null),
      download_bps: Math.round(reading?.downloadBps ?? 0),
      paused: decision?.pausedClients.includes(name) ?? false,
      limits_lan_peers: reading?.limitsLanPeers ?? null,
      health: viewHealth(health),
    };
  });
}

const viewHealth = (health: NeighbourHealth | null) =>
  health === null ? null : { state: health.state, since: iso(health.since), problem: health.problem };
