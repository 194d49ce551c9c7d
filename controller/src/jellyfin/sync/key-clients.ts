// What our key alone may do at one Jellyfin for sync.
import type { Clock } from '../../clock.ts';
import type { ChangeFeeds, HookPlugin } from '../../neighbours/synced-hints.ts';
import type { SyncedPeople } from '../../neighbours/synced-people.ts';
import type { SyncedServer } from '../../neighbours/synced-server.ts';
import type { JellyfinHttp } from '../jellyfin-http.ts';
import { createChangeFeeds } from './change-feeds.ts';
import { openSyncedServer } from './open-synced-server.ts';
import { createPeopleClient } from './people-client.ts';
import { createReadVersion } from './server-version.ts';
import { createWebhookPluginClient } from './webhook-plugin-client.ts';

export type KeyClients = {
  readonly server: SyncedServer;
  readonly people: SyncedPeople;
  readonly hookPlugin: HookPlugin;
  readonly changeFeeds: ChangeFeeds;
  /** `10.11.11`; asked for once, and anew after the server was away. @throws ControllerError upstream_…, timeout */
  version(signal: AbortSignal): Promise<string>;
};

type KeyClientsDeps = {
  readonly name: string;
  readonly http: JellyfinHttp;
  readonly hookName?: string | undefined;
  readonly clock: Clock;
};

export function keyClients({ name, http, hookName, clock }: KeyClientsDeps): KeyClients {
  const readVersion = createReadVersion(http);
  return {
    server: openSyncedServer({ http, name, clock }),
    people: createPeopleClient(http),
    hookPlugin: createWebhookPluginClient(http, hookName),
    changeFeeds: createChangeFeeds(http),
    version: async (signal) => (await readVersion(signal)).text,
  };
}
