// Pure: how sync stands, as MQTT and Home Assistant are told.
import type { SyncState } from '@headgate/protocol';
import type { Overview } from './overview.ts';
import { sumCounts } from './queue-counts.ts';

export type StateFacts = {
  readonly isPaused: boolean;
  readonly isDryRun: boolean;
  /** UTC ms; null before the first. */
  readonly lastDeliveredMs: number | null;
};

const iso = (ms: number): string => new Date(ms).toISOString();

export function syncStateOf({ atMs, servers, lists }: Overview, { isPaused, isDryRun, lastDeliveredMs }: StateFacts): SyncState {
  const counts = sumCounts(servers.map((one) => one.counts));
  return {
    at: iso(atMs),
    ...{ queue: counts.pending, waiting: counts.waiting, failed: counts.failed, held: counts.held },
    playlists: lists.needLogIn + lists.unclear + lists.failing,
    lag_s: Math.round(lagMs(servers, atMs) / 1_000),
    last_delivered: lastDeliveredMs === null ? null : iso(lastDeliveredMs),
    paused: isPaused,
    dry_run: isDryRun,
    problem: problemOf(servers),
    servers: Object.fromEntries(
      servers.map(({ name, counts: { pending }, away, skew }) => [
        name,
        {
          connected: away === null,
          queue: pending,
          away_since: away === null ? null : iso(away.sinceMs),
          // Tenths: a clock that is measured anew with each hook is no news.
          clock_skew_s: skew === null ? null : Math.round(skew.ms / 100) / 10,
        },
      ]),
    ),
  };
}

/** Age of the oldest that is still to be brought to one of them. */
export function lagMs(servers: Overview['servers'], nowMs: number): number {
  const oldest = servers.flatMap(({ oldestPendingMs }) => (oldestPendingMs === null ? [] : [oldestPendingMs]));
  return oldest.length === 0 ? 0 : Math.max(0, nowMs - Math.min(...oldest));
}

/** A sentence; null: all is well. */
export function problemOf(servers: Overview['servers']): string | null {
  const { failed, held } = sumCounts(servers.map(({ counts }) => counts));
  const away = servers.filter((one) => one.away !== null).map(({ name }) => name);
  const sentences = [
    ...(away.length === 0 ? [] : [`${away.join(' and ')} ${away.length === 1 ? 'does' : 'do'} not answer`]),
    ...(failed === 0 ? [] : [`${failed} ${failed === 1 ? 'was' : 'were'} set aside`]),
    ...(held === 0 ? [] : [`${held} ${held === 1 ? 'loss is' : 'losses are'} held until somebody says whether they are meant`]),
  ];
  return sentences.length === 0 ? null : sentences.join('; ');
}
