// A Jellyfin server as the rest of the controller sees it.
import type { Clock } from '../clock.ts';
import type { TlsTrust } from '../http-client/tls-trust.ts';
import type { Log } from '../log.ts';
import type { DecideLimit, LimitChange } from '../neighbours/limit-change.ts';
import type { MediaServerListener, MediaServerRules, MediaUser, Players } from '../neighbours/media-server.ts';
import { authorizationHeader } from './authorization.ts';
import { createChangeUserLimit } from './change-user-limit.ts';
import { openJellyfinClient } from './jellyfin-client.ts';
import type { JellyfinHttp } from './jellyfin-http.ts';
import { createLibraryClient, type LibraryClient } from './library-client.ts';
import { createLiveTvClient, type LiveTvClient } from './live-tv-client.ts';
import { createReadRules } from './read-rules.ts';
import { checkServer, readUsers } from './server-facts.ts';
import { watchSessions } from './watch-sessions.ts';

export type JellyfinOptions = {
  /** As configured; names the server in messages. */
  readonly name: string;
  /** http or https, base path and trailing slash allowed. */
  readonly url: string;
  /** From the dashboard. Goes into the Authorization header, nowhere else. */
  readonly apiKey: string;
  readonly onUplink: boolean;
  readonly tls?: TlsTrust | undefined;
  /** Between two polls: the safety net beside a socket that speaks (60000 by default), or the period of a plain poller (5000 by default). */
  readonly pollIntervalMs?: number | undefined;
  /** False: a plain poller. True, the default: polls each 5 s while the socket is down or mute. */
  readonly useSocket?: boolean | undefined;
  /** Of this installation, kept for ever: two programs with one id share a session. */
  readonly deviceId: string;
  /** Whose view of the libraries channels are made of; an administrator where none is given. */
  readonly userId?: string | undefined;
  /** What the dashboard calls us; `Headgate` by default. */
  readonly clientName?: string | undefined;
  readonly deviceName?: string | undefined;
  /** Of Headgate, shown in Jellyfin's dashboard. */
  readonly version?: string | undefined;
  /** For one request and its answer; 10000 by default. */
  readonly timeoutMs?: number | undefined;
  readonly clock: Clock;
  readonly log: Log;
};

export type JellyfinServer = AsyncDisposable & {
  readonly name: string;
  readonly type: 'jellyfin';
  readonly onUplink: boolean;
  watch(hear: MediaServerListener, signal: AbortSignal): Promise<void>;
  users(signal: AbortSignal): Promise<readonly MediaUser[]>;
  rules(signal: AbortSignal): Promise<MediaServerRules>;
  changeUserLimit(userId: string, decide: DecideLimit, signal: AbortSignal): Promise<LimitChange>;
  /** Its players, as far as they can be asked for something. */
  readonly players: Players;
  /** What it has to show. */
  readonly library: LibraryClient;
  readonly liveTv: LiveTvClient;
  /** With the key, for the clients beside these. Closed with the server. */
  readonly http: JellyfinHttp;
  /** One line about the server, e.g. `Jellyfin 12.0.0 "vm", 7 users`. @throws ControllerError when it cannot be worked with */
  check(signal: AbortSignal): Promise<string>;
};

/**
 * Opens nothing by itself: the first call does.
 * @throws ControllerError config_invalid for a url or fingerprint that is none
 */
export const openJellyfin = (options: JellyfinOptions): JellyfinServer => {
  const { name, apiKey, deviceId, clock, log, onUplink } = options;
  const { url, tls, timeoutMs } = options;
  const who = `Jellyfin "${name}"`;
  const { version = '0', clientName, deviceName } = options;
  const authorization = authorizationHeader({ apiKey, deviceId, version, clientName, deviceName });
  const client = openJellyfinClient({ who, url, authorization, tls, timeoutMs, clock });
  const socket = { who, baseUrl: client.baseUrl, authorization, tls, clock };
  const { pollIntervalMs, useSocket = true } = options;
  return {
    name,
    type: 'jellyfin',
    onUplink,
    watch: (hear, signal) =>
      watchSessions({ client, socket, pollIntervalMs, useSocket, clock, log: log.child({ server: name }) }, hear, signal),
    users: (signal) => readUsers(client, signal),
    rules: createReadRules(client),
    changeUserLimit: createChangeUserLimit({ client, clock, who }),
    players: client.players,
    library: createLibraryClient(client.http, name, options.userId ?? null),
    liveTv: createLiveTvClient(client.http),
    http: client.http,
    check: (signal) => checkServer(client, who, signal),
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
};
