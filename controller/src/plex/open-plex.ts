// A Plex Media Server as a neighbour of the bandwidth feature.
import type { Clock } from '../clock.ts';
import type { TlsTrust } from '../http-client/tls-trust.ts';
import type { Log } from '../log.ts';
import type { MediaServer } from '../neighbours/media-server.ts';
import { openPlexClient, type PlexClient } from './plex-client.ts';
import { EVERYBODY, openStreamLimit, readStreamLimit } from './stream-limit.ts';
import { watchPlex } from './watch-plex.ts';

export type PlexOptions = {
  /** As configured; names the server in messages. */
  readonly name: string;
  /** http or https, base path and trailing slash allowed. */
  readonly url: string;
  /** Of the server's owner. Goes into the X-Plex-Token header, nowhere else. */
  readonly token: string;
  readonly onUplink: boolean;
  /** How long a stream that is paused, or fills its buffer, keeps its reservation. */
  readonly pauseGraceMs: number;
  /** Headgate may set the server's limit per remote stream. False: nothing is written to it but what gives back what was set before. */
  readonly limitStreams: boolean;
  readonly tls?: TlsTrust | undefined;
  /** Between two polls: the safety net beside a socket that speaks (60000 by default), or the period of a plain poller (5000 by default). */
  readonly pollIntervalMs?: number | undefined;
  /** False: a plain poller. True, the default: polls each 5 s while the socket is down or mute. */
  readonly useSocket?: boolean | undefined;
  /** Of this installation, kept for ever: Plex lists each as a device of its own. */
  readonly clientId: string;
  /** Of Headgate, shown in Plex's list of devices. */
  readonly version: string;
  /** For one request and its answer; 10000 by default. */
  readonly timeoutMs?: number | undefined;
  readonly clock: Clock;
  readonly log: Log;
};

export type PlexServer = MediaServer &
  AsyncDisposable & {
    /** One line about the server, e.g. `Plex 1.41.2 "attic", 2 sessions`. @throws ControllerError when it cannot be worked with */
    check(signal: AbortSignal): Promise<string>;
  };

const checkServer = async (client: PlexClient, options: PlexOptions, who: string, signal: AbortSignal): Promise<string> => {
  const { version } = await client.identity(signal);
  const { length } = await client.sessions(signal);
  const name = (await client.friendlyName(signal)) ?? options.name;
  // 1.41.2.9200-c6bbc1b53: the rest is the build.
  const short = /^\d+(\.\d+){0,2}/.exec(version)?.[0] ?? version;
  const line = `Plex ${short} "${name}", ${length} ${length === 1 ? 'session' : 'sessions'}`;
  if (!options.limitStreams) return line;
  const bps = await readStreamLimit(client, who, signal);
  return `${line}, limit per stream ${bps > 0 ? `${bps / 1e6} Mbit/s` : 'none'}`;
};

/**
 * Opens nothing by itself: the first call does.
 * @throws ControllerError config_invalid for a url or fingerprint that is none
 */
export const openPlex = (options: PlexOptions): PlexServer => {
  const { name, url, token, tls, timeoutMs, limitStreams, pollIntervalMs, useSocket = true, clock } = options;
  const who = `Plex "${name}"`;
  const headers = {
    'x-plex-token': token,
    accept: 'application/json',
    'x-plex-client-identifier': options.clientId,
    'x-plex-product': 'Headgate',
    'x-plex-version': options.version,
  };
  const client = openPlexClient({ who, url, headers, tls, timeoutMs, clock });
  const socket = { who, baseUrl: client.baseUrl, headers, tls, clock };
  const log = options.log.child({ server: name });
  const everybody = limitStreams ? EVERYBODY : null;
  const streamLimit = openStreamLimit(client, who);
  return {
    name,
    type: 'plex',
    onUplink: options.onUplink,
    pauseGraceMs: options.pauseGraceMs,
    watch: (hear, signal) => watchPlex({ client, socket, everybody, pollIntervalMs, useSocket, clock, log }, hear, signal),
    userLimits: limitStreams ? streamLimit : null,
    earlierLimits: limitStreams ? null : streamLimit,
    check: (signal) => checkServer(client, options, who, signal),
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
};
