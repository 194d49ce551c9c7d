// Numbers of sync for Prometheus.
import type { Metrics } from '../../http/metrics.ts';
import type { SyncHappening } from '../../sync/happenings.ts';
import type { HooksOf } from '../../sync/missed/lost-hooks.ts';
import { noLists } from '../../sync/playlists/lists-overview.ts';
import type { OverviewReader } from '../../sync/shown/overview.ts';
import { STATUSES } from '../../sync/shown/queue-counts.ts';

export type SyncNumbers = {
  readonly overview: Pick<OverviewReader, 'latest'>;
  readonly servers: readonly string[];
  readonly hooks: (server: string) => HooksOf;
  readonly onHappening: (listener: (happened: SyncHappening) => void) => () => void;
  /** Hooks that are not worked on yet. */
  readonly inbox: () => number;
  readonly isPaused: () => boolean;
  readonly nowMs: () => number;
};

export function collectSyncMetrics(metrics: Metrics, numbers: SyncNumbers): void {
  const { servers, overview, onHappening, inbox, isPaused, nowMs } = numbers;
  const counter = (name: string, help: string) => metrics.counter(`headgate_sync_${name}_total`, help);
  const gauge = (name: string, help: string) => metrics.gauge(`headgate_sync_${name}`, help);
  const hooks = counter('hooks', 'Hooks that were taken from a server');
  const lost = counter('missed_hooks', 'Beginnings and ends of playings of which no hook came; each was found by looking');
  const delivered = counter('delivered', 'Writes to a server that read back as they should');
  const failed = counter('failed', 'Writes to a server that read back otherwise');
  const setAside = counter('set_aside', 'What was set aside after its last try');
  const queue = gauge('queue', 'What is for a server, by its status');
  const lag = gauge('lag_seconds', 'Age of the oldest that is pending for a server; 0 where nothing is');
  const away = gauge('away_seconds', 'Since when a server does not answer; 0 where it does');
  const skew = gauge('clock_skew_seconds', "A server's clock minus ours");
  const waiting = gauge('inbox', 'Hooks that were taken and are not worked on yet');
  const paused = gauge('paused', 'Whether nothing is written to any server');
  const losing = gauge('hooks_lost', 'Whether the last that was played on a server came without a hook');
  const lists = gauge('playlists', 'Playlists that wait for somebody on a server, by what they wait for');
  // For alarms on its rise: there from the start.
  for (const server of servers) lost.add(0, { server });
  onHappening((happened) => {
    const { kind, server } = happened;
    if (kind === 'hook') hooks.add(1, { server });
    if (kind === 'hook-lost') lost.add(1, { server });
    if (kind === 'delivered') (happened.success ? delivered : failed).add(1, { server });
    if (kind === 'dead-letter') setAside.add(1, { server });
  });
  metrics.onRead(() => {
    waiting.set(inbox());
    paused.set(isPaused() ? 1 : 0);
    for (const server of servers) losing.set(numbers.hooks(server).isLosing ? 1 : 0, { server });
    const { needLogIn, unclear, failing } = overview.latest()?.lists ?? noLists;
    lists.set(needLogIn, { state: 'needs_log_in' });
    lists.set(unclear, { state: 'unclear' });
    lists.set(failing, { state: 'failing' });
    for (const { name: server, counts, oldestPendingMs, away: isAway, skew: clock } of overview.latest()?.servers ?? []) {
      for (const status of STATUSES) queue.set(counts[status], { server, status });
      lag.set(oldestPendingMs === null ? 0 : Math.max(0, nowMs() - oldestPendingMs) / 1_000, { server });
      away.set(isAway === null ? 0 : Math.max(0, nowMs() - isAway.sinceMs) / 1_000, { server });
      if (clock === null) skew.remove({ server });
      else skew.set(clock.ms / 1_000, { server });
    }
  });
}
