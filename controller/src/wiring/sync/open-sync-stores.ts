// What sync keeps: its tables, the index of what each server has, the secrets of hooks.
import { join } from 'node:path';
import type { Clock } from '../../clock.ts';
import type { Config } from '../../config/config-schema.ts';
import type { Database } from '../../database/open-database.ts';
import type { Log } from '../../log.ts';
import { openSyncSwitch, type SwitchTables } from '../../sync/asked/sync-switch.ts';
import { formerPathMaps } from '../../sync/index/former-path-maps.ts';
import { createIndexFiles } from '../../sync/index/index-files.ts';
import { createItemIndex } from '../../sync/index/item-index.ts';
import { openHookSecrets } from '../../sync/intake/hook-secrets.ts';
import { type InboxTables, openInboxStore } from '../../sync/intake/inbox-store.ts';
import { type LeftTables, tidyLeftServers } from '../../sync/left-servers.ts';
import { openPeople, type PeopleTables } from '../../sync/people/people.ts';
import { type AnewTables, heardFrom, meetAnew } from '../../sync/reconcile/meet-anew.ts';
import { openIds } from '../../sync/state/ids.ts';
import type { SyncTables } from '../../sync/state/sync-tables.ts';
import { followUsers } from './open-users.ts';
import { syncSettings } from './sync-settings.ts';

type StoresDeps = {
  readonly config: Config;
  readonly database: Database;
  /** Servers that are kept the same. */
  readonly names: readonly string[];
  readonly clock: Clock;
  readonly log: Log;
};

/** @throws ControllerError storage_failed */
export async function openSyncStores({ config, database, names, clock, log }: StoresDeps, signal: AbortSignal) {
  const { pathMaps, userMap: map, skipUsers: skipped, servers } = config.sync;
  const db = database.tables<SyncTables>();
  const files = createIndexFiles(join(config.database.path, 'sync-index'));
  const former = await formerPathMaps(database.tables<SwitchTables>(), pathMaps);
  const index = createItemIndex({ files, pathMaps, formerPathMaps: former, clock, log, signal });
  await index.load(names);
  const inbox = await openInboxStore(database.tables<InboxTables>());
  await inbox.keepOnly(names);
  await tidyLeftServers(database.tables<LeftTables>(), { servers: names, nowMs: clock.now(), log });
  const anew = await meetAnew(database.tables<AnewTables>(), heardFrom(syncSettings(config)));
  if (anew.length > 0) log.info({ servers: anew }, 'sync: more is kept the same than before: users are compared whole once more');
  const secrets = await openHookSecrets({
    folder: config.database.path,
    servers: servers.map(({ name, webhookSecret, secretInUrl }) => ({
      name,
      secret: webhookSecret?.reveal() ?? null,
      mayBeInUrl: secretInUrl,
    })),
  });
  return {
    ...{ db, index, inbox, secrets },
    people: await openPeople(database.tables<PeopleTables>(), { map, skipped, follow: followUsers(config, clock) }),
    switched: await openSyncSwitch(database.tables<SwitchTables>()),
    newId: await openIds(db),
  };
}
