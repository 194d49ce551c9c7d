// A strict SABnzbd of loopback: refuses, rounds and forgets as the real one does. For tests and for the demo; it fetches nothing.
import { type Fault, openSimulatorServer, type ServedRequest } from '../qbittorrent/simulator/open-simulator-server.ts';
import { answerRequest } from './simulator/answer-request.ts';
import { createDownloader, type Downloader, type SabnzbdSettings, type SimulatedVersion } from './simulator/downloader.ts';

export type { SabnzbdSettings, SimulatedVersion } from './simulator/downloader.ts';

export type SabnzbdSimulatorOptions = {
  /** Default 4.5.5. */
  readonly version?: SimulatedVersion;
  readonly apiKey?: string;
  /** Good for adding only. */
  readonly nzbKey?: string;
  readonly settings?: Partial<SabnzbdSettings>;
  /** Host names besides addresses, localhost and *.local. */
  readonly hostWhitelist?: readonly string[];
  /** False: refusals have no words from 3.7 on. */
  readonly apiWarnings?: boolean;
  /** Nothing may be changed by the API. */
  readonly configLock?: boolean;
  /** As behind a reverse proxy: "/usenet". */
  readonly basePath?: string;
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Milliseconds. */
  readonly now?: () => number;
};

export type SabnzbdSimulator = AsyncDisposable & {
  /** With the base path; the same after a restart. */
  readonly url: string;
  readonly apiKey: string;
  /** Percent and bytes/s as mode=queue tells them. */
  limit(): ReturnType<Downloader['limit']>;
  settings(): SabnzbdSettings;
  paused(): boolean;
  /** Bytes/s now. */
  bytesPerSecond(): number;
  /** The hand of its user in the web interface. */
  readonly user: Pick<Downloader, 'limitSpeed' | 'pause' | 'resume' | 'pauseFor' | 'configure' | 'want'>;
  /** Without keys. */
  requests(): readonly ServedRequest[];
  clearRequests(): void;
  /** How often a key came in a URL, where proxies and logs would see it. */
  secretsInUrls(): number;
  disturb(fault: Fault | null): void;
  /** Connections are taken, nothing is ever answered. */
  stall(on: boolean): void;
  /** Every request gets this status; null ends it. */
  failWith(status: number | null): void;
  powerOff(): Promise<void>;
  /** Same port; speed limit and pause are as configured. */
  powerOn(): Promise<void>;
};

export const startSabnzbdSimulator = async (options: SabnzbdSimulatorOptions = {}): Promise<SabnzbdSimulator> => {
  const version = options.version ?? '4.5.5';
  const apiKey = options.apiKey ?? '0123456789abcdef0123456789abcdef';
  const downloader = createDownloader({
    version,
    settings: options.settings ?? {},
    now: options.now ?? (() => performance.now()),
  });
  const server = await openSimulatorServer({ tls: options.tls, basePath: options.basePath ?? '' });
  const door = {
    version,
    apiKey,
    nzbKey: options.nzbKey ?? 'fedcba9876543210fedcba9876543210',
    hostWhitelist: options.hostWhitelist ?? [],
    apiWarnings: options.apiWarnings ?? true,
  };
  let secretsInUrls = 0;
  server.serve((request) => {
    if (/[?&]apikey=/i.test(request.target) || request.target.includes(apiKey)) secretsInUrls += 1;
    return answerRequest({ door, downloader, configLock: options.configLock ?? false }, request);
  });
  return {
    url: server.url,
    apiKey,
    limit: downloader.limit,
    settings: downloader.settings,
    paused: downloader.paused,
    bytesPerSecond: downloader.bytesPerSecond,
    user: downloader,
    requests: server.requests,
    clearRequests: server.clearRequests,
    secretsInUrls: () => secretsInUrls,
    disturb: server.disturb,
    stall: (on) => server.disturb(on ? { instead: { status: 503, body: '' }, answer: 'never' } : null),
    failWith: (status) => server.disturb(status === null ? null : { instead: { status, body: '' } }),
    powerOff: server.close,
    powerOn: async () => {
      downloader.restart();
      await server.listen();
    },
    [Symbol.asyncDispose]: server.close,
  };
};
