// Pure: sync's settings as the configuration says them.
import type { Config } from '../../config/config-schema.ts';
import type { SyncDeps } from '../../sync/sync-service.ts';

export function syncSettings({ sync }: Pick<Config, 'sync'>): SyncDeps['settings'] {
  const { progress, watched, favourites, ratings } = sync.kinds;
  const { pathMaps, pathPolicies: policies, dryRun, progressDebounceMs, maxRetries, retryDelayMs, reconcile } = sync;
  return {
    directions: new Map(sync.servers.map(({ name, direction }) => [name, direction])),
    kinds: { progress, watched, favourites, ratings },
    ...{ pathMaps, policies, dryRun, progressDebounceMs, maxRetries, retryDelayMs },
    ...reconcile,
  };
}
