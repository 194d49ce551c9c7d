// What sync answers over HTTP.
import type { Config } from '../../config/config-schema.ts';
import type { Route } from '../../http/route.ts';
import { createCompare } from '../../sync/asked/compare.ts';
import { policyFor } from '../../sync/index/path-policies.ts';
import { createLogTotals } from '../../sync/shown/log-totals.ts';
import type { OverviewReader } from '../../sync/shown/overview.ts';
import type { Standing } from '../../sync/shown/status-view.ts';
import { syncRoutes } from '../../sync/sync-routes.ts';
import { VERSION } from '../version.ts';
import { databaseBytes } from './database-bytes.ts';
import type { ServerVersions } from './server-versions.ts';
import type { ShowSyncDeps } from './show-sync-deps.ts';

type Answering = ShowSyncDeps & {
  readonly overview: OverviewReader;
  readonly versions: ServerVersions;
  readonly isRunning: () => boolean;
  readonly pause: (paused: boolean) => Promise<void>;
};

export function syncAnswers(deps: Answering): readonly Route[] {
  const { config, db, servers, sync, people, index, switched, noted, overview, clock, log, signal } = deps;
  const { around, busy, compareWhole, lookNow } = sync;
  const names = servers.map(({ name }) => name);
  const nowMs = clock.now;
  const { isPaused } = switched;
  const { dryRun, pathPolicies } = config.sync;
  return syncRoutes({
    status: {
      ...{ overview, people, totals: createLogTotals(db, nowMs), databaseBytes: databaseBytes(config) },
      standing: () => ({
        servers: serversOf(deps),
        ...{ isRunning: deps.isRunning(), isPaused: isPaused(), isDryRun: dryRun },
        ...{ busy: busy(), inbox: deps.inbox.count(), version: VERSION, uptimeMs: nowMs() - deps.startedAtMs },
      }),
    },
    events: {
      ...{ db, servers: names, nowMs, wake: around.wake, onChange: overview.forget },
      mostTries(path) {
        const policy = policyFor(path, pathPolicies);
        return policy.kind === 'retry' && policy.times !== null ? policy.times + 1 : -1;
      },
    },
    log: {
      ...{ db, people, index, around, nowMs, servers: servers.map((one) => one.sync.server) },
      standing: () => ({ isPaused: isPaused(), nowMs: nowMs(), away: noted.presence.away }),
    },
    control: {
      ...{ db, servers: names, people, around, isPaused, dryRun, nowMs, pause: deps.pause },
      undoLists: deps.playlists.undoRange,
      compare: createCompare({ lookNow, compareWhole, clock, log, signal }),
    },
  });
}

function serversOf({ config, servers, index, versions, hints }: Answering): Standing['servers'] {
  const configured = new Map(config.sync.servers.map((one) => [one.name, one]));
  return servers.map(({ name }) => ({
    name,
    url: urlOf(config, name),
    direction: configured.get(name)?.direction ?? 'both',
    passwordless: configured.get(name)?.passwordless ?? false,
    version: versions.of(name),
    items: index.size(name),
    hooks: hints.of(name),
  }));
}

const urlOf = (config: Config, name: string): string => config.mediaServers.find((one) => one.name === name)?.url ?? '';
