// A strict qBittorrent of loopback: refuses, rounds, forgets and persists as 4.5.2 to 5.2.3 do. For tests and for the demo.
import { answerRequest } from './simulator/answer-request.ts';
import { createEntrance, type SimulatedVersion } from './simulator/entrance.ts';
import { type Fault, openSimulatorServer, type ServedRequest } from './simulator/open-simulator-server.ts';
import { keptSettings, type SimulatedSettings } from './simulator/settings.ts';
import { openSettings } from './simulator/settings-store.ts';
import { createTorrents, type SimulatedTorrent, type Torrents } from './simulator/torrents.ts';
import { createTraffic, type Traffic } from './simulator/traffic.ts';

export type { SimulatedVersion } from './simulator/entrance.ts';
export type { Fault, ServedRequest } from './simulator/open-simulator-server.ts';
export type { SimulatedSettings } from './simulator/settings.ts';
export type { SimulatedTorrent } from './simulator/torrents.ts';

export type QbittorrentSimulatorOptions = {
  readonly version: SimulatedVersion;
  /** Default admin. */
  readonly username?: string;
  /** Null: loopback needs no log-in. */
  readonly password: string | null;
  /** 5.2.3 only; without one no key is accepted. */
  readonly apiKey?: string;
  /** At the first start; qBittorrent's own defaults are 0 and 10 KiB/s. Whole KiB are kept. */
  readonly settings?: Partial<SimulatedSettings>;
  /** They outlive kill and start. Default none: then its traffic flows as if there were some that nobody stops. */
  readonly torrents?: readonly SimulatedTorrent[];
  /** Where saved settings live; without it they live in this object, over kill and start. */
  readonly stateFile?: string;
  /** As behind a reverse proxy: "/qb". Other paths are 404. */
  readonly basePath?: string;
  /** The port that qBittorrent believes to have (a mapped container port): in the cookie's name and in the check of the Host header. Default: the real one. */
  readonly webPort?: number;
  readonly hostHeaderValidation?: boolean;
  /** PEM; serves https. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Default 3600 s. */
  readonly sessionTimeoutMs?: number;
  /** Milliseconds, for sessions, ban and traffic. */
  readonly now?: () => number;
};

export type QbittorrentSimulator = AsyncDisposable & {
  /** With the base path; the same after a restart. */
  readonly url: string;
  readonly port: number;
  /** All requests since the start of this object (the last 10,000), oldest first. Passwords and keys are not in it. */
  requests(): readonly ServedRequest[];
  clearRequests(): void;
  settings(): SimulatedSettings;
  /** As a person in qBittorrent's own window: limits rounded, saved at once. */
  edit(change: Partial<SimulatedSettings>): void;
  /** What its torrents would move; what they move then is held down by the limit of the active mode. */
  readonly traffic: Pick<Traffic, 'want'>;
  readonly torrents: Pick<Torrents, 'all' | 'edit' | 'remove'>;
  /** Bytes/s now. */
  rates(): { readonly upload: number; readonly download: number };
  /** As if all sessions had timed out. */
  expireSessions(): void;
  setPassword(password: string): void;
  setApiKey(key: string | null): void;
  sessionCount(): number;
  /** The next requests go wrong so; null ends it. */
  disturb(fault: Fault | null): void;
  /** Cuts all connections; what transfer/* changed in the last 5 s is lost. */
  kill(): Promise<void>;
  stop(): Promise<void>;
  /** Same port and saved settings; sessions, tries and bans are forgotten. */
  start(): Promise<void>;
};

export const startQbittorrentSimulator = async (options: QbittorrentSimulatorOptions): Promise<QbittorrentSimulator> => {
  const now = options.now ?? (() => performance.now());
  const store = await openSettings({ stateFile: options.stateFile, first: options.settings ?? {}, now });
  const torrents = createTorrents({ first: options.torrents ?? [], version: options.version, now });
  const traffic = createTraffic(now, torrents.flows);
  const server = await openSimulatorServer({ tls: options.tls, basePath: options.basePath ?? '' });
  const webPort = options.webPort ?? server.port;
  const username = options.username ?? 'admin';
  const entrance = createEntrance({
    version: options.version,
    username,
    password: options.password,
    apiKey: options.apiKey ?? null,
    sessionTimeoutMs: options.sessionTimeoutMs ?? 3_600_000,
    webPort,
    now,
  });
  const change = (next: SimulatedSettings, saved: 'at once' | 'late'): void => {
    traffic.count(store.settings()); // what was moved until now was moved under the old limit
    store.change(next, saved);
  };
  const inside = { version: options.version, webPort, username, traffic, torrents, settings: store.settings, change };
  server.serve((request) =>
    answerRequest({ entrance, inside, hostHeaderValidation: options.hostHeaderValidation ?? true }, request),
  );
  const end = async (how: 'kill' | 'stop'): Promise<void> => {
    await server.close();
    await store.end(how);
    entrance.forgetAll();
  };
  return {
    url: server.url,
    port: server.port,
    requests: server.requests,
    clearRequests: server.clearRequests,
    settings: store.settings,
    edit: (edited) => change(keptSettings({ ...store.settings(), ...edited }), 'at once'),
    traffic,
    torrents,
    rates: () => traffic.now(store.settings()),
    expireSessions: entrance.forgetSessions,
    setPassword: entrance.setPassword,
    setApiKey: entrance.setApiKey,
    sessionCount: entrance.sessions,
    disturb: server.disturb,
    kill: () => end('kill'),
    stop: () => end('stop'),
    start: async () => {
      traffic.restart();
      await server.listen();
    },
    [Symbol.asyncDispose]: () => end('stop'),
  };
};
