// What /metrics shows of each loop step: looked up when it is read.
import type { Bandwidth } from '../bandwidth/bandwidth.ts';
import type { Metrics } from '../http/metrics.ts';
import type { Telemetry } from '../telemetry/telemetry-service.ts';

export function collectMetrics(metrics: Metrics, bandwidth: Bandwidth, telemetry: Telemetry): void {
  const decisions = metrics.counter('headgate_decisions_total', 'Decisions that differ from the one before');
  bandwidth.onDecision(() => decisions.add());
  const gauge = (name: string, help: string) => metrics.gauge(`headgate_${name}`, help);
  const wanUp = gauge('wan_up_bits_per_second', 'Upload of each WAN');
  const wanDown = gauge('wan_down_bits_per_second', 'Download of each WAN');
  const silent = gauge('router_silent_seconds', 'Since the last sample of the primary WAN');
  const capacity = gauge('capacity_up_bits_per_second', 'Upload capacity');
  const other = gauge('other_up_bits_per_second', 'Upload that is neither a known stream nor a known torrent');
  const headroom = gauge('headroom_bits_per_second', 'Upload that is left');
  const streams = gauge('streams', 'Playing streams by place');
  const demand = gauge('remote_demand_bits_per_second', 'What remote streams take');
  const caps = gauge('viewer_cap_bits_per_second', 'Cap in force by viewer');
  const torrents = gauge('torrent_limit_bits_per_second', 'Upload limit in force by torrent client; 0 is none');
  const downloads = gauge('download_limit_bits_per_second', 'Download limit in force by download client; 0 is none');
  const paused = gauge('torrents_paused', 'Whether a download client is to be stopped, for too little is left for torrents');
  const held = gauge('originals_held', 'Limits whose original is not back');
  const up = gauge('neighbour_up', 'Whether a neighbour answers');
  let capped = new Map<string, { readonly viewer: string }>();
  metrics.onRead(() => {
    const status = bandwidth.status();
    for (const { router, wan, throughput } of telemetry.wans()) {
      if (throughput === null) continue;
      wanUp.set(throughput.up_bps, { router, wan });
      wanDown.set(throughput.down_bps, { router, wan });
    }
    setOrRemove(silent, status.uplink.silentMs === null ? null : status.uplink.silentMs / 1000);
    setOrRemove(capacity, status.capacityUpBps);
    setOrRemove(other, status.uplink.otherBps);
    setOrRemove(headroom, status.decision?.budget?.headroomBps ?? null);
    for (const place of ['home', 'vpn', 'remote', 'unknown'])
      streams.set(status.streams.filter(({ location }) => location.place === place).length, { place });
    demand.set(status.streams.filter(({ counts }) => counts).reduce((sum, stream) => sum + stream.demand.bps, 0));
    held.set(status.held);
    for (const { name, type, health } of [...status.mediaServers, ...status.torrentClients])
      up.set(health?.state === 'live' || health?.state === 'polling' ? 1 : 0, { neighbour: name, type });
    const now = new Map(
      (status.decision?.viewers ?? []).flatMap(({ key, server, name, capBps }) =>
        capBps === null ? [] : [[key, { labels: { viewer: `${server}/${name}` }, capBps }] as const],
      ),
    );
    for (const [key, labels] of capped) if (!now.has(key)) caps.remove(labels);
    for (const { labels, capBps } of now.values()) caps.set(capBps, labels);
    capped = new Map([...now].map(([key, { labels }]) => [key, labels]));
    for (const { name, reading } of status.torrentClients) {
      const client = { client: name };
      if (reading?.uploadLimitBps) torrents.set(Math.max(0, reading.uploadLimitBps[reading.mode]), client);
      if (reading?.downloadLimitBps) downloads.set(Math.max(0, reading.downloadLimitBps[reading.mode]), client);
      paused.set(status.decision?.pausedClients.includes(name) ? 1 : 0, client);
    }
  });
}

function setOrRemove(gauge: ReturnType<Metrics['gauge']>, value: number | null): void {
  if (value === null) gauge.remove();
  else gauge.set(value);
}
