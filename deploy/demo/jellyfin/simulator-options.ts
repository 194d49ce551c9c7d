// What a simulated Jellyfin can be started with, and the defaults.
import type { LibrarySeed } from './library-seeds.ts';
import type { NetworkConfiguration } from './local-network.ts';

export type UserSeed = {
  readonly name: string;
  /** Default: the name and `pw`. */
  readonly password?: string;
  /** RemoteClientBitrateLimit before anybody touches it; default 0. */
  readonly limitBps?: number;
  readonly policy?: Readonly<Record<string, unknown>>;
};

export type SimulatorOptions = {
  /** Default `12.0.0`; `10.11.11`, `10.10.7` and `10.9.11` are played as well. */
  readonly version?: string;
  /** Default 0: any free one. Always on loopback. */
  readonly port?: number;
  readonly serverName?: string;
  readonly admin?: { readonly name: string; readonly password: string };
  /** An API key that exists from the start; made if absent. Its app name is `headgate-demo`. */
  readonly apiKey?: string;
  readonly users?: readonly UserSeed[];
  /** This many more: `user-001`, … */
  readonly userCount?: number;
  /** ServerConfiguration.RemoteClientBitrateLimit. */
  readonly serverLimitBps?: number;
  readonly network?: Partial<NetworkConfiguration>;
  /** Default: as the version has it. */
  readonly legacyTokens?: boolean;
  /** Users, policies, tokens, keys and settings are kept here, so that a process that was killed comes back with them. */
  readonly stateFile?: string;
  /** Each request takes this much longer. */
  readonly latencyMs?: number;
  /** All stages of a restart together; default 3700 as recorded. */
  readonly restartMs?: number;
  /** A silent socket is lost after this; default 60,000. */
  readonly socketSilenceMs?: number;
  /** A player that reports nothing for this long is stopped by the server; default 300,000. */
  readonly idleStopMs?: number;
  /** Films and scripted viewers run this many times faster; sockets and dates do not. */
  readonly speed?: number;
  /** UTC ms for every date that the server writes. */
  readonly now?: () => number;
  /** In place of the ordinary seven films and one series. `manyItems()` of library-seeds.ts makes thousands. */
  readonly library?: readonly LibrarySeed[];
  /** Beside the ordinary films and series. */
  readonly moreLibraries?: readonly LibrarySeed[];
  /** The server's clock minus the true one: the Date header, and every date that it writes. `setClockSkew` moves it. */
  readonly clockSkewMs?: number;
  /** Whether the webhook plugin v21 is there; default true. */
  readonly webhookPlugin?: boolean;
  /** Between two rounds of ItemAdded and ItemDeleted; 0: by hand only. Default null: 91 s, the first after an hour, as recorded. */
  readonly webhookTickMs?: number | null;
  /** LibraryUpdateDuration: default 30,000. */
  readonly libraryUpdateMs?: number;
  /** What a scan of the library takes; default 300 as recorded. */
  readonly scanTaskMs?: number;
  /** What Refresh Guide takes before it asks anybody; default 3000 as recorded. */
  readonly guideTaskMs?: number;
  /** Before a channel that nobody opened yet is looked at; default 3000 as the real server waits. */
  readonly probeWaitMs?: number;
  /** `assume` takes every channel for H.264 of 1184×666 with AAC; default `ffprobe`. */
  readonly probe?: 'ffprobe' | 'assume';
  /** A stream's reader that gets nothing for this long gives up; default 30,000. */
  readonly readerPatienceMs?: number;
};

export type ResolvedOptions = Required<Omit<SimulatorOptions, 'apiKey' | 'stateFile' | 'legacyTokens' | 'library'>> &
  Pick<SimulatorOptions, 'apiKey' | 'stateFile' | 'legacyTokens' | 'library'>;

export function resolveOptions(options: SimulatorOptions): ResolvedOptions {
  const resolved: ResolvedOptions = {
    version: '12.0.0',
    port: 0,
    serverName: 'simulated',
    admin: { name: 'admin', password: 'adminpw' },
    users: [],
    userCount: 0,
    serverLimitBps: 0,
    network: {},
    latencyMs: 0,
    restartMs: 3_700,
    socketSilenceMs: 60_000,
    idleStopMs: 300_000,
    speed: 1,
    now: () => Date.now(),
    clockSkewMs: 0,
    webhookPlugin: true,
    webhookTickMs: null,
    libraryUpdateMs: 30_000,
    scanTaskMs: 300,
    guideTaskMs: 3_000,
    probeWaitMs: 3_000,
    probe: 'ffprobe',
    readerPatienceMs: 30_000,
    moreLibraries: [],
    ...options,
  };
  if (!(resolved.speed > 0)) throw new Error(`speed ${resolved.speed}: want more than 0`);
  return resolved;
}

/** The people of the house at the first start. */
export function seeds(options: ResolvedOptions): UserSeed[] {
  const many = Array.from({ length: options.userCount }, (_, index) => ({ name: `user-${String(index + 1).padStart(3, '0')}` }));
  return [{ ...options.admin, policy: { IsAdministrator: true } }, ...options.users, ...many];
}
