// A simulated Jellyfin, as strict as the recorded one: the only file here that knows all parts.
import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { createIdentify } from './caller.ts';
import { createDoor } from './http-door.ts';
import type { Dto } from './item-dto.ts';
import { itemRoutes } from './item-routes.ts';
import { type LibraryItem, makeLibrary } from './library.ts';
import { type Negotiation, playbackRoutes } from './playback-routes.ts';
import { createRequestLog, type RequestLog } from './request-log.ts';
import { openLifecycle } from './server-lifecycle.ts';
import { sessionRoutes } from './session-routes.ts';
import { createSessions } from './sessions.ts';
import { type ResolvedOptions, resolveOptions, type SimulatorOptions, seeds } from './simulator-options.ts';
import { createSockets, type Sockets } from './sockets.ts';
import { openStateFile } from './state-file.ts';
import { publicInformation, type Settings, systemRoutes } from './system-routes.ts';
import { createTranscodes } from './transcodes.ts';
import { createUserData } from './user-data.ts';
import { userRoutes } from './user-routes.ts';
import { createUsers, type Users } from './users.ts';
import { behaviourOf } from './version-behaviour.ts';

export type JellyfinSimulator = AsyncDisposable &
  Pick<RequestLog, 'requests' | 'forgetRequests' | 'inject' | 'clearFaults'> & {
    readonly url: string;
    readonly serverId: string;
    readonly apiKey: string;
    readonly users: Users;
    readonly sockets: Pick<Sockets, 'refuse' | 'drop' | 'mute' | 'count'>;
    readonly settings: Settings;
    readonly items: readonly LibraryItem[];
    /** As GET /Sessions with a key. */
    sessions(): Dto[];
    /** RemoteClientBitrateLimit of a user by name; throws where there is no such user. */
    limitOf(userName: string): number;
    /** Somebody's hand in the dashboard: the whole policy with these fields changed, past the API and its log. */
    editPolicy(userName: string, patch: Readonly<Record<string, unknown>>): void;
    /** Each answer of PlaybackInfo, oldest first. */
    negotiations(): readonly Negotiation[];
    setLatency(ms: number): void;
    restart(): Promise<void>;
    powerOff(): Promise<void>;
    powerOn(): Promise<void>;
  };

const keptNegotiations = 10_000;

type Parts = ReturnType<typeof createParts>;

function createParts(options: ResolvedOptions) {
  const behaviour = behaviourOf(options.version);
  const file = openStateFile(options, behaviour);
  const { state } = file;
  const users = createUsers(state, options.now, file.save);
  if (file.fresh)
    for (const seed of seeds(options))
      users.add(seed.name, seed.password ?? `${seed.name}pw`, { RemoteClientBitrateLimit: seed.limitBps ?? 0, ...seed.policy });
  const key =
    (options.apiKey === undefined ? users.keys()[0] : users.key(options.apiKey)) ?? users.addKey('headgate-demo', options.apiKey);
  const transcodes = createTranscodes(() => performance.now());
  const sessions = createSessions({ now: options.now, transcodes, serverId: state.serverId, idleStopMs: options.idleStopMs });
  const settings = state.settings;
  const peerSecret = randomBytes(16).toString('hex');
  const server = { id: state.serverId, name: options.serverName, version: options.version };
  const legacyTokens = () => settings.configuration.EnableLegacyAuthorization;
  const identify = createIdentify({
    users,
    sessions,
    network: () => settings.network,
    legacyTokens,
    behaviour,
    server,
    peerSecret,
  });
  const log = createRequestLog(options.now);
  const sockets = createSockets({ identify, sessions, behaviour, log, silenceMs: options.socketSilenceMs });
  return {
    behaviour,
    file,
    users,
    key,
    transcodes,
    sessions,
    settings,
    peerSecret,
    server,
    legacyTokens,
    identify,
    log,
    sockets,
    library: makeLibrary(),
  };
}

function createRoutes(
  parts: Parts,
  options: ResolvedOptions,
  negotiations: Negotiation[],
  control: { readonly url: () => string; readonly restart: () => void },
) {
  const { users, sessions, transcodes, library, behaviour, settings, file } = parts;
  const userData = createUserData(options.now, (userId, entry) => {
    // Debounced by the real server; unref'd, so that a simulator that is closed meanwhile ends.
    setTimeout(
      () => parts.sockets.toUser(userId, { Data: { UserId: userId, UserDataList: [entry] }, MessageType: 'UserDataChanged' }),
      500,
    ).unref();
  });
  const negotiated = (negotiation: Negotiation) => {
    negotiations.push(negotiation);
    if (negotiations.length > keptNegotiations) negotiations.splice(0, keptNegotiations / 10);
  };
  return [
    ...systemRoutes({ server: parts.server, settings, changed: file.save, ...control }),
    ...userRoutes({ users, sessions, serverId: parts.server.id, behaviour, legacyTokens: parts.legacyTokens }),
    ...sessionRoutes({ sessions, transcodes, library, userData, now: options.now }),
    ...playbackRoutes({
      users,
      library,
      transcodes,
      serverLimitBps: () => settings.configuration.RemoteClientBitrateLimit,
      negotiated,
    }),
    ...itemRoutes({ library, users, userData, serverId: parts.server.id }),
  ];
}

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

/** Listens on loopback when it resolves; ends with everything that it opened when disposed. */
export async function startJellyfinSimulator(given: SimulatorOptions = {}): Promise<JellyfinSimulator> {
  const options = resolveOptions(given);
  const parts = createParts(options);
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
    },
  });
  late.url = `http://127.0.0.1:${lifecycle.port()}`;
  late.restart = async () => {
    parts.sockets.toAll({ MessageType: 'ServerRestarting' });
    await wait(20);
    await lifecycle.restart(options.restartMs);
  };
  const timer = startTimer(parts, options.speed);
  const { users, log, sockets, sessions } = parts;
  return {
    url: late.url,
    serverId: parts.server.id,
    apiKey: parts.key.token,
    users,
    sockets,
    settings: parts.settings,
    items: parts.library.items,
    requests: log.requests,
    forgetRequests: log.forgetRequests,
    inject: log.inject,
    clearFaults: log.clearFaults,
    sessions: () => sessions.list().map((session) => sessions.dto(session, true)),
    limitOf: (name) => named(users, name).policy.RemoteClientBitrateLimit,
    editPolicy(name, patch) {
      const user = named(users, name);
      users.setPolicy(user, { ...user.policy, ...patch });
    },
    negotiations: () => [...negotiations],
    setLatency(ms) {
      latencyMs = ms;
    },
    restart: late.restart,
    powerOff: lifecycle.powerOff,
    powerOn: lifecycle.powerOn,
    async [Symbol.asyncDispose]() {
      timer[Symbol.dispose]();
      sockets.closeAll();
      await lifecycle.close();
    },
  };
}
