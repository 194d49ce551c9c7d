// All that sync needs of one Jellyfin, put together.
import type { Clock } from '../../clock.ts';
import type { HearUserSocket, UserLogIns } from '../../neighbours/synced-hints.ts';
import type { SyncedPlaylists } from '../../neighbours/synced-playlists.ts';
import type { JellyfinHttp } from '../jellyfin-http.ts';
import { type JellyfinAddress, openAsUser } from './as-user.ts';
import { type KeyClients, keyClients } from './key-clients.ts';
import { createPlaylistClient } from './playlist-client.ts';
import type { Device } from './token-authorization.ts';
import { createUserLogIns } from './user-log-ins.ts';
import { createHearUserSocket } from './user-socket.ts';

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

export type JellyfinSync = AsyncDisposable &
  KeyClients & {
    readonly playlists: SyncedPlaylists;
    readonly logIns: UserLogIns;
    readonly hearUserSocket: HearUserSocket;
  };

/** Opens nothing by itself: the first call does. @throws ControllerError config_invalid for a url or fingerprint that is none */
export const openJellyfinSync = ({ name, http, address: given, device, hookName, clock }: JellyfinSyncOptions): JellyfinSync => {
  const { who, baseUrl } = http;
  const address: JellyfinAddress = { ...given, who, clock };
  const asUser = openAsUser(address);
  return {
    ...keyClients({ name, http, hookName, clock }),
    playlists: createPlaylistClient(http, asUser),
    logIns: createUserLogIns({ address, asUser, device }),
    hearUserSocket: createHearUserSocket({ who, baseUrl, tls: given.tls, clock }),
    [Symbol.asyncDispose]: () => asUser[Symbol.asyncDispose](),
  };
};
