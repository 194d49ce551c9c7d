// A simulated Jellyfin of loopback, wired: HTTP, sockets, people, library and scripted viewers as one disposable thing.
import { setTimeout as wait } from 'node:timers/promises';
import { createDoor } from './http-door.ts';
import type { Dto } from './item-dto.ts';
import type { LibraryItem } from './library.ts';
import type { LiveStreams } from './live-streams.ts';
import type { LiveTv } from './live-tv.ts';
import type { LiveTvConfiguration } from './live-tv-configuration.ts';
import type { StreamFault } from './media-files.ts';
import type { Negotiation } from './playback-profile.ts';
import type { RequestLog } from './request-log.ts';
import { scanLibrary } from './scan-library.ts';
import { type Lifecycle, openLifecycle } from './server-lifecycle.ts';
import { type ResolvedOptions, resolveOptions, type SimulatorOptions } from './simulator-options.ts';
import { createParts, createRoutes, type Parts } from './simulator-parts.ts';
import type { Sockets } from './sockets.ts';
import { createSyncControl, type SyncControl } from './sync-control.ts';
import { publicInformation, type Settings } from './system-routes.ts';
import { type TunedIn, type TuneInOptions, tuneIn } from './tuner-viewer.ts';
import type { Users } from './users.ts';
import { createViewer, type Viewer, type ViewerOptions } from './viewer.ts';

export type JellyfinSimulator = AsyncDisposable &
  SyncControl &
  Pick<RequestLog, 'requests' | 'forgetRequests' | 'inject' | 'clearFaults'> & {
    readonly url: string;
    readonly serverId: string;
    readonly apiKey: string;
    readonly sockets: Pick<Sockets, 'refuse' | 'drop' | 'mute' | 'closeNext' | 'count'>;
    readonly settings: Settings;
    readonly items: readonly LibraryItem[];
    /** As a scan that found a change, or a file gone: known at the next question, and told to users' sockets and hooks in their time. */
    changeItem(id: string, patch: Partial<LibraryItem>): void;
    removeItem(id: string): void;
    /** Streams of files that hang, break off, start late or are gone, from the next request on. */
    breakStreams(fault: StreamFault): void;
    mendStreams(): void;
    /** Answers of /Videos/…/stream and downloads that flow now. */
    openStreams(): number;
    readonly liveTv: Pick<LiveTv, 'channels' | 'programmes'> & {
      /** No Refresh Guide runs any more. */
      guideSettled(): Promise<void>;
      configuration(): LiveTvConfiguration;
      /** What the server holds open upstream. */
      openStreams: LiveStreams['list'];
      /** As deleting cache/mediainfo: the next tuning in is a first one again. */
      forgetProbes(): void;
    };
    /** As GET /Sessions with a key. */
    sessions(): Dto[];
    /** RemoteClientBitrateLimit of a user by name; throws where there is no such user. */
    limitOf(userName: string): number;
    /** Somebody's hand in the dashboard: the whole policy with these fields changed, past the API and its log. */
    editPolicy(userName: string, patch: Readonly<Record<string, unknown>>): void;
    /** Each answer of PlaybackInfo, oldest first. */
    negotiations(): readonly Negotiation[];
    setLatency(ms: number): void;
    /** The server's clock minus the true one, from now on. */
    setClockSkew(ms: number): void;
    /** A scripted viewer; it ends with the simulator. */
    viewer(options: ViewerOptions): Viewer;
    /** Somebody who tunes in to a Live TV channel; it ends with the simulator. */
    tuneIn(options: TuneInOptions): Promise<TunedIn>;
    /** bit/s that viewers draw over the home's uplink now, burst and bitrate tests included. */
    traffic(): {
      readonly upBps: number;
      readonly viewers: readonly {
        readonly user: string;
        readonly address: string;
        readonly device: string;
        readonly upBps: number;
      }[];
    };
    restart(): Promise<void>;
    powerOff(): Promise<void>;
    powerOn(): Promise<void>;
  };

/** The server's own 1 s timer; sooner where the film runs faster. */
function startTimer(parts: Parts, speed: number): Disposable {
  let last = performance.now();
  const timer = setInterval(() => {
    const at = performance.now();
    parts.sessions.tick((at - last) * speed);
    last = at;
  }, 1000);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

function named(users: Users, name: string) {
  const user = users.byName(name);
  if (!user) throw new Error(`no user ${JSON.stringify(name)}`);
  return user;
}

/** The clock that the server believes: the true one and its skew. */
function withServerClock(given: ResolvedOptions) {
  let skewMs = given.clockSkewMs;
  const options: ResolvedOptions = { ...given, now: () => given.now() + skewMs };
  const setClockSkew = (ms: number) => {
    skewMs = ms;
  };
  return { options, setClockSkew };
}

/** Listens on loopback when it resolves; ends with everything that it opened when disposed. */
export async function startJellyfinSimulator(given: SimulatorOptions = {}): Promise<JellyfinSimulator> {
  const { options, setClockSkew } = withServerClock(resolveOptions(given));
  const parts = createParts(options);
  await scanLibrary(parts.library, parts.realMedia);
  const negotiations: Negotiation[] = [];
  let latencyMs = options.latencyMs;
  // The lifecycle calls the routes, and a route restarts the lifecycle: known only once it listens.
  const late: { url: string; restart: () => Promise<void> } = { url: '', restart: async () => undefined };
  const routes = createRoutes(parts, options, negotiations, {
    url: () => late.url,
    restart: () => void setTimeout(() => void late.restart().catch(() => undefined), 5),
  });
  const network = () => parts.settings.network;
  const main = createDoor({
    routes,
    identify: parts.identify,
    network,
    log: parts.log,
    latencyMs: () => latencyMs,
    peerSecret: parts.peerSecret,
    now: options.now,
  });
  const lifecycle = await openLifecycle({
    host: '127.0.0.1',
    port: options.port,
    main,
    attach: parts.sockets.attach,
    hasStartupServer: parts.behaviour.hasStartupServer,
    information: () => publicInformation({ server: parts.server, url: () => late.url }),
    wentDown() {
      parts.sockets.closeAll();
      parts.sessions.forget();
      parts.transcodes.forget();
      parts.liveStreams.forget();
      parts.wentDown();
    },
  });
  late.url = parts.late.url = `http://127.0.0.1:${lifecycle.port()}`;
  late.restart = async () => {
    parts.sockets.toAll({ MessageType: 'ServerRestarting' });
    await wait(20);
    await lifecycle.restart(options.restartMs);
  };
  const timer = startTimer(parts, options.speed);
  const viewers = createViewers(parts, options, lifecycle);
  return {
    url: late.url,
    ...control(parts, negotiations),
    ...createSyncControl(parts, options.now),
    viewer: viewers.viewer,
    tuneIn: viewers.tuneIn,
    traffic: viewers.traffic,
    setLatency(ms) {
      latencyMs = ms;
    },
    setClockSkew,
    restart: late.restart,
    powerOff: lifecycle.powerOff,
    powerOn: lifecycle.powerOn,
    async [Symbol.asyncDispose]() {
      timer[Symbol.dispose]();
      parts.liveTv.tasks.end();
      parts.end();
      await viewers.end();
      parts.liveStreams.forget();
      parts.sockets.closeAll();
      await lifecycle.close();
    },
  };
}

/** What a test asks and does without HTTP. */
function control(parts: Parts, negotiations: readonly Negotiation[]) {
  const { users, log, sessions } = parts;
  return {
    serverId: parts.server.id,
    apiKey: parts.key.token,
    sockets: parts.sockets,
    settings: parts.settings,
    items: parts.library.items,
    changeItem: parts.library.change,
    removeItem: parts.library.remove,
    breakStreams: parts.files.breakStreams,
    mendStreams: parts.files.mendStreams,
    openStreams: parts.files.open,
    liveTv: {
      channels: parts.liveTv.channels,
      programmes: parts.liveTv.programmes,
      guideSettled: parts.liveTv.tasks.guideSettled,
      configuration: () => parts.settings.liveTv.configuration,
      openStreams: parts.liveStreams.list,
      forgetProbes: parts.liveStreams.forgetProbes,
    },
    requests: log.requests,
    forgetRequests: log.forgetRequests,
    inject: log.inject,
    clearFaults: log.clearFaults,
    negotiations: () => [...negotiations],
    sessions: () => sessions.list().map((session) => sessions.dto(session, true)),
    limitOf: (name: string) => named(users, name).policy.RemoteClientBitrateLimit,
    editPolicy(name: string, patch: Readonly<Record<string, unknown>>) {
      const user = named(users, name);
      users.setPolicy(user, { ...user.policy, ...patch });
    },
  };
}

function createViewers(parts: Parts, options: ResolvedOptions, lifecycle: Pick<Lifecycle, 'port' | 'serving'>) {
  const viewers: Viewer[] = [];
  const watching: TunedIn[] = [];
  let tuned = 0;
  const need = {
    url: `http://127.0.0.1:${lifecycle.port()}`,
    peerSecret: parts.peerSecret,
    keepAliveMs: options.socketSilenceMs / 2,
    items: parts.library.items,
    speed: options.speed,
  };
  return {
    viewer(wanted: ViewerOptions): Viewer {
      const viewer = createViewer(need, wanted);
      viewers.push(viewer);
      return viewer;
    },
    traffic() {
      const drawn = viewers.map((viewer) => ({ ...viewer.identity, upBps: lifecycle.serving() ? viewer.drawnBps() : 0 }));
      return {
        upBps: drawn.reduce((sum, { upBps }) => sum + upBps, 0),
        viewers: drawn.map(({ user, address, device, upBps }) => ({ user, address, device, upBps })),
      };
    },
    async tuneIn(wanted: TuneInOptions): Promise<TunedIn> {
      tuned += 1;
      const viewer = await tuneIn(need, wanted, tuned);
      watching.push(viewer);
      return viewer;
    },
    end: () => Promise.all([...viewers, ...watching].map((viewer) => viewer[Symbol.asyncDispose]())),
  };
}
