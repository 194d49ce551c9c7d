// Pure: how sync stands, as the API shows it.
import type { z } from 'zod';
import type { HooksOf } from '../missed/lost-hooks.ts';
import type { PersonUser } from '../people/people.ts';
import type { queueView, serverView, statusView, usersView } from '../sync-api.ts';
import type { LogTotals } from './log-totals.ts';
import type { Overview } from './overview.ts';
import { sumCounts } from './queue-counts.ts';
import { lagMs, problemOf } from './sync-state.ts';

/** What is known without asking anybody. */
export type Standing = {
  readonly servers: readonly {
    readonly name: string;
    readonly url: string;
    readonly direction: 'both' | 'source' | 'target';
    readonly passwordless: boolean;
    /** Null before it was asked for the first time. */
    readonly version: string | null;
    readonly items: number;
    readonly hooks: HooksOf;
  }[];
  readonly isRunning: boolean;
  readonly isPaused: boolean;
  readonly isDryRun: boolean;
  /** On their way. */
  readonly busy: number;
  /** Hooks that are not worked on yet. */
  readonly inbox: number;
  /** Ours. */
  readonly version: string;
  readonly uptimeMs: number;
};

type Servers = { readonly overview: Overview; readonly users: ReadonlyMap<string, number> };
type Whole = Servers & { readonly totals: LogTotals; readonly databaseBytes: number | null };

const iso = (ms: number | null | undefined): string | null => (ms == null ? null : new Date(ms).toISOString());
const seconds = (ms: number): number => Math.round(ms) / 1_000;

export function viewQueue({ atMs, servers }: Overview, standing: Standing): z.input<typeof queueView> {
  const counts = sumCounts(servers.map((one) => one.counts));
  return {
    // Those on their way are known to this moment, the counts are some ms old.
    pending_events: Math.max(counts.pending, standing.busy),
    processing_events: standing.busy,
    waiting_for_item_events: counts.waiting,
    failed_events: counts.failed,
    held_events: counts.held,
    inbox_events: standing.inbox,
    lag_seconds: seconds(lagMs(servers, atMs)),
    worker_running: standing.isRunning,
    paused: standing.isPaused,
    dry_run: standing.isDryRun,
  };
}

export function viewServers({ overview, users }: Servers, standing: Standing): z.input<typeof serverView>[] {
  return standing.servers.map(({ name, url, direction, passwordless, version, items, hooks }) => {
    const now = overview.servers.find((one) => one.name === name);
    const { away = null, skew = null } = now ?? {};
    return {
      ...{ name, url, direction, passwordless },
      healthy: away === null,
      away_since: iso(away?.sinceMs),
      problem: away?.problem ?? null,
      version,
      user_count: users.get(name) ?? 0,
      item_count: items,
      pending_events: now?.counts.pending ?? 0,
      hooks: hooks.isLosing ? 'lost' : hooks.isExpected ? 'expected' : 'none',
      missed_hooks: hooks.lost,
      last_missed_hook_at: iso(hooks.lastLostMs),
      clock_skew_seconds: skew === null ? null : seconds(skew.ms),
      clock_skew_within_seconds: skew === null ? null : seconds(skew.plusMinusMs),
    };
  });
}

export function viewStatus({ overview, users, totals, databaseBytes }: Whole, standing: Standing): z.input<typeof statusView> {
  const queue = viewQueue(overview, standing);
  const problem = problemOf(overview.servers);
  const itemsByServer = Object.fromEntries(standing.servers.map(({ name, items }) => [name, items]));
  return {
    status: !standing.isRunning ? 'unhealthy' : problem === null ? 'healthy' : 'degraded',
    problem: standing.isRunning ? problem : 'nobody works on the queue',
    uptime_seconds: Math.round(standing.uptimeMs / 1_000),
    version: standing.version,
    servers: viewServers({ overview, users }, standing),
    queue,
    database: {
      connected: true,
      user_mappings_count: [...users.values()].reduce((sum, own) => sum + own, 0),
      pending_events_count: queue.pending_events,
      sync_log_entries: totals.entries,
      item_cache_total: Object.values(itemsByServer).reduce((sum, own) => sum + own, 0),
      item_cache_by_server: itemsByServer,
      database_size_bytes: databaseBytes,
    },
    sync_stats: {
      total_synced: totals.entries,
      successful: totals.successful,
      failed: totals.entries - totals.successful,
      last_sync_at: iso(totals.lastMs),
    },
  };
}

type Known = readonly { readonly person: string; readonly users: readonly PersonUser[] }[];

export const viewUsers = (all: Known, servers: readonly string[]): z.input<typeof usersView> => ({
  servers: [...servers],
  users: all.map(({ person, users }) => ({
    username: person,
    servers: Object.fromEntries(servers.map((server) => [server, users.find((user) => user.server === server)?.userId ?? null])),
  })),
});
