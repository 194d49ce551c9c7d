// All that sync needs of one Jellyfin, put together.
import type { Clock } from '../../clock.ts';
import type { ChangeFeeds, HearUserSocket, HookPlugin, UserLogIns } from '../../neighbours/synced-hints.ts';
import type { SyncedPeople } from '../../neighbours/synced-people.ts';
import type { SyncedPlaylists } from '../../neighbours/synced-playlists.ts';
import type { SyncedServer } from '../../neighbours/synced-server.ts';
import type { JellyfinHttp } from '../jellyfin-http.ts';
import { type JellyfinAddress, openAsUser } from './as-user.ts';
import { createChangeFeeds } from './change-feeds.ts';
import { openSyncedServer } from './open-synced-server.ts';
import { createPeopleClient } from './people-client.ts';
import { createPlaylistClient } from './playlist-client.ts';
import { createReadVersion } from './server-version.ts';
import type { Device } from './token-authorization.ts';
import { createUserLogIns } from './user-log-ins.ts';
import { createHearUserSocket } from './user-socket.ts';
import { createWebhookPluginClient } from './webhook-plugin-client.ts';

export type JellyfinSyncOptions = {
  /** As configured. */
  readonly name: string;
  /** With the key. Not closed by us. */
  readonly http: JellyfinHttp;
  readonly address: Omit<JellyfinAddress, 'clock' | 'who'>;
  /** Of this installation; log-ins get ids of their own, made from it. */
  readonly device: Device;
  /** Of our entries in the webhook plugin; `Headgate` by default. */
  readonly hookName?: string | undefined;
  readonly clock: Clock;
};

export type JellyfinSync = AsyncDisposable & {
  readonly server: SyncedServer;
  readonly playlists: SyncedPlaylists;
  readonly people: SyncedPeople;
  readonly hookPlugin: HookPlugin;
  readonly changeFeeds: ChangeFeeds;
  readonly logIns: UserLogIns;
  readonly hearUserSocket: HearUserSocket;
  /** `10.11.11`; asked for once, and anew after the server was away. @throws ControllerError upstream_…, timeout */
  version(signal: AbortSignal): Promise<string>;
};

/** Opens nothing by itself: the first call does. @throws ControllerError config_invalid for a url or fingerprint that is none */
export const openJellyfinSync = ({ name, http, address: given, device, hookName, clock }: JellyfinSyncOptions): JellyfinSync => {
  const { who, baseUrl } = http;
  const address: JellyfinAddress = { ...given, who, clock };
  const asUser = openAsUser(address);
  const readVersion = createReadVersion(http);
  return {
    server: openSyncedServer({ http, name, clock }),
    playlists: createPlaylistClient(http, asUser),
    people: createPeopleClient(http),
    hookPlugin: createWebhookPluginClient(http, hookName),
    changeFeeds: createChangeFeeds(http),
    logIns: createUserLogIns({ address, asUser, device }),
    hearUserSocket: createHearUserSocket({ who, baseUrl, tls: given.tls, clock }),
    version: async (signal) => (await readVersion(signal)).text,
    [Symbol.asyncDispose]: () => asUser[Symbol.asyncDispose](),
  };
};
