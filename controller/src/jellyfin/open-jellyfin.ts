// A Jellyfin server as the rest of the controller sees it.
import type { Clock } from '../clock.ts';
import { ControllerError } from '../errors.ts';
import type { TlsTrust } from '../http-client/tls-trust.ts';
import type { Log } from '../log.ts';
import type { DecideLimit, LimitChange } from '../neighbours/limit-change.ts';
import type { MediaServerListener, MediaServerRules, MediaUser } from '../neighbours/media-server.ts';
import { authorizationHeader } from './authorization.ts';
import { createChangeUserLimit } from './change-user-limit.ts';
import { type JellyfinClient, openJellyfinClient } from './jellyfin-client.ts';
import { standingLimit } from './limit-value.ts';
import { createReadRules } from './read-rules.ts';
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
  /** One line about the server, e.g. `Jellyfin 12.0.0 "vm", 7 users`. @throws ControllerError when it cannot be worked with */
  check(signal: AbortSignal): Promise<string>;
};

const readUsers = async (client: JellyfinClient, signal: AbortSignal): Promise<readonly MediaUser[]> =>
  (await client.users(signal)).map(({ Id: id, Name: name, Policy: policy }) => ({
    id,
    name,
    limitBps: standingLimit(policy?.RemoteClientBitrateLimit),
    isAdministrator: policy?.IsAdministrator ?? false,
    isDisabled: policy?.IsDisabled ?? false,
    mayWatchRemotely: (policy?.EnableRemoteAccess ?? true) && (policy?.EnableMediaPlayback ?? true),
  }));

const checkServer = async (client: JellyfinClient, who: string, signal: AbortSignal): Promise<string> => {
  const info = await client.systemInfo(signal);
  const [major = 0, minor = 0] = info.Version.split('.').map(Number);
  if (major < 10 || (major === 10 && minor < 9)) {
    throw new ControllerError('upstream_failed', `${who} is version ${info.Version}: Headgate needs 10.10 or newer`);
  }
  const users = await client.users(signal);
  return `Jellyfin ${info.Version} "${info.ServerName ?? ''}", ${users.length} ${users.length === 1 ? 'user' : 'users'}`;
};

/**
 * Opens nothing by itself: the first call does.
 * @throws ControllerError config_invalid for a url or fingerprint that is none
 */
export const openJellyfin = (options: JellyfinOptions): JellyfinServer => {
  const { name, apiKey, deviceId, clock, log, onUplink } = options;
  const { url, tls, timeoutMs } = options;
  const who = `Jellyfin "${name}"`;
  const authorization = authorizationHeader({ apiKey, deviceId, version: options.version ?? '0' });
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
    check: (signal) => checkServer(client, who, signal),
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
};
