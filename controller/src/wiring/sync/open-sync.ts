// Sync with everything that it needs of this home: its Jellyfins, its store, its files.
import { join } from 'node:path';
import type { Clock } from '../../clock.ts';
import type { Config } from '../../config/config-schema.ts';
import type { Database } from '../../database/open-database.ts';
import type { Route } from '../../http/route.ts';
import type { Log } from '../../log.ts';
import { createIndexFiles } from '../../sync/index/index-files.ts';
import { createItemIndex } from '../../sync/index/item-index.ts';
import { openHookSecrets } from '../../sync/intake/hook-secrets.ts';
import { type InboxTables, openInboxStore } from '../../sync/intake/inbox-store.ts';
import { webhookRoutes } from '../../sync/intake/webhook-routes.ts';
import { createLearnItem } from '../../sync/learn-item.ts';
import { openPeople, type PeopleTables } from '../../sync/people/people.ts';
import { openIds } from '../../sync/state/ids.ts';
import type { SyncTables } from '../../sync/state/sync-tables.ts';
import type { SyncEvent } from '../../sync/sync-event.ts';
import { createSync, type Sync } from '../../sync/sync-service.ts';
import type { LibraryServer } from '../open-media-server.ts';
import { openGuard } from './open-guard.ts';
import { setUpPlugins } from './set-up-plugins.ts';

export type OpenSyncDeps = {
  readonly config: Config;
  readonly libraryServers: readonly LibraryServer[];
  readonly database: Database;
  readonly isPlaying: (at: { readonly server: string; readonly userId: string; readonly itemId: string }) => boolean;
  readonly tell: (event: SyncEvent) => void;
  readonly clock: Clock;
  readonly log: Log;
};

export type OpenSync = {
  readonly routes: readonly Route[];
  /** For Home Assistant. */
  readonly discovered: { readonly servers: readonly string[] };
  /** A media server answers, for the first time or again. */
  serverBack(server: string): void;
  /** Until the signal fires. Never rejects. */
  run(signal: AbortSignal): Promise<void>;
};

/** @throws ControllerError storage_failed */
export async function openSync(deps: OpenSyncDeps, signal: AbortSignal): Promise<OpenSync> {
  const { config, libraryServers, database, clock } = deps;
  const { sync: settings } = config;
  const log = deps.log.child({ part: 'sync' });
  const servers = libraryServers.filter(({ name }) => settings.servers.some((one) => one.name === name));
  const byName = new Map(servers.map((one) => [one.name, one.sync.server]));
  const db = database.tables<SyncTables>();
  const files = createIndexFiles(join(config.database.path, 'sync-index'));
  const { pathMaps } = settings;
  const index = createItemIndex({ files, pathMaps, clock, log, signal });
  await index.load([...byName.keys()]);
  const people = await openPeople(database.tables<PeopleTables>(), { map: settings.userMap, skipped: settings.skipUsers });
  const inbox = await openInboxStore(database.tables<InboxTables>());
  await inbox.keepOnly([...byName.keys()]);
  const secrets = await openHookSecrets({
    folder: config.database.path,
    servers: settings.servers.map(({ name, webhookSecret, secretInUrl }) => ({
      name,
      secret: webhookSecret?.reveal() ?? null,
      mayBeInUrl: secretInUrl,
    })),
  });
  const { guard, ...guarding } = await openGuard({ config, database, index, tell: deps.tell, clock, log });
  const sync: Sync = createSync({
    ...{ db, people, index, inbox, guard, clock, log, servers: [...byName.values()] },
    learn: createLearnItem({ index, server: (name) => byName.get(name) ?? null, pathMaps }),
    settings: {
      directions: new Map(settings.servers.map(({ name, direction }) => [name, direction])),
      kinds: {
        progress: settings.kinds.progress,
        watched: settings.kinds.watched,
        favourites: settings.kinds.favourites,
        ratings: settings.kinds.ratings,
      },
      ...{ pathMaps, policies: settings.pathPolicies, dryRun: settings.dryRun },
      ...{
        progressDebounceMs: settings.progressDebounceMs,
        maxRetries: settings.maxRetries,
        retryDelayMs: settings.retryDelayMs,
      },
      ...settings.reconcile,
    },
    newId: await openIds(db),
    isPlaying: deps.isPlaying,
    looked: (server) => guarding.looked(server, sync),
  });
  const asking = guarding.asking(sync);
  const routes = webhookRoutes({
    secrets,
    inbox,
    unwanted: () => null,
    onAdded: sync.hookCame,
    queue: () => ({ pending: inbox.count(), running: true }),
    now: clock.now,
    log,
  });
  return {
    routes: [...routes, ...asking.routes],
    discovered: { servers: [...byName.keys()] },
    serverBack: sync.lookNow,
    async run(until) {
      await Promise.all([sync.run(until), asking.run(until), setUpPlugins({ config, servers, secrets, clock, log }, until)]);
    },
  };
}
