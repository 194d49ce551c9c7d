// Opens everything, wires it, waits for the signal, and ends it in reverse. The only file that knows everything.
import { randomUUID } from 'node:crypto';
import { createTypedLink, type TypedLink } from '@headgate/protocol';
import type { Bandwidth } from './bandwidth/bandwidth.ts';
import { runBandwidthMqtt, tellBadMessages } from './bandwidth/bandwidth-mqtt.ts';
import { createBandwidth } from './bandwidth/bandwidth-service.ts';
import { type Mqtt, openMqtt } from './broker/open-mqtt.ts';
import type { BrokerTables } from './broker/persistence/durable-copy.ts';
import type { Clock } from './clock.ts';
import type { Config } from './config/config-schema.ts';
import { migrations } from './database/migrations/index.ts';
import { type Database, openDatabase } from './database/open-database.ts';
import { createListeners } from './listeners.ts';
import type { Log } from './log.ts';
import type { MediaServer } from './neighbours/media-server.ts';
import { createHistoryStore, type TelemetryTables } from './telemetry/history-store.ts';
import { createTelemetry, type Telemetry } from './telemetry/telemetry-service.ts';
import { announceToHomeAssistant } from './wiring/announce-to-home-assistant.ts';
import { bandwidthRules, wantedWan } from './wiring/bandwidth-of-config.ts';
import { bandwidthStores } from './wiring/bandwidth-stores.ts';
import { beginLater } from './wiring/begin-later.ts';
import { openControlSocket } from './wiring/control-socket.ts';
import { openDistribution } from './wiring/distribution/open-distribution.ts';
import { instanceId } from './wiring/instance-id.ts';
import { type NotificationsOfHome, openNotifications } from './wiring/notifications/open-notifications.ts';
import { openDoor } from './wiring/open-door.ts';
import { type OpenNeighbours, openNeighbours } from './wiring/open-neighbours.ts';
import { openShaper } from './wiring/open-shaper.ts';
import { type HomeUsage, openHomeUsage } from './wiring/open-usage.ts';
import { readyChecks } from './wiring/readiness.ts';
import { openRehearsal } from './wiring/rehearsal/open-rehearsal.ts';
import { createNowPlaying, type NowPlaying } from './wiring/sync/now-playing.ts';
import { openSync } from './wiring/sync/open-sync.ts';
import { channelViewers } from './wiring/television/channel-viewers.ts';
import { createLiveSessions } from './wiring/television/live-sessions.ts';
import { openTelevision } from './wiring/television/open-television.ts';
import { tellingReturns } from './wiring/television/telling-returns.ts';
import { uplinkOf } from './wiring/uplink-of-telemetry.ts';
import { VERSION } from './wiring/version.ts';

export type ControllerDeps = {
  readonly config: Config;
  readonly dryRun: boolean;
  readonly clock: Clock;
  readonly log: Log;
  /** A generated password: said once to a person, masked in the log. */
  readonly onNewPassword: (password: string, path: string) => void;
};

/**
 * The first to come after a start is who watched before it: a player asks again at once. Each feature's first steps are cold code that takes this
 * thread a tenth of a second; so they begin one after the other, and a viewer waits for one of them at most.
 */
const RULE_AFTER_MS = 200;
const ANNOUNCE_AFTER_MS = 600;

const NOBODY: Around = { more: [], back: () => {}, playing: null };

/** What stands while the controller runs. */
type Core = {
  readonly database: Database;
  readonly mqtt: Mqtt;
  readonly link: TypedLink;
  readonly telemetry: Telemetry;
  readonly usage: HomeUsage;
  readonly bandwidth: Bandwidth;
  readonly libraryServers: OpenNeighbours['libraryServers'];
  readonly seeding: OpenNeighbours['seeding'];
  readonly tell: NotificationsOfHome['tell'];
  readonly notifications: NotificationsOfHome;
};

/** The daemon. Resolves when the signal fired and everything is closed; originals are put back before. @throws ControllerError where it cannot start. */
export async function runController(deps: ControllerDeps, signal: AbortSignal): Promise<void> {
  const { config, clock, log } = deps;
  const startedAt = clock.now();
  await using stack = new AsyncDisposableStack();
  const sessions = createLiveSessions();
  const { enabled } = config.channels;
  const viewers = channelViewers({ sessions: sessions.now, onSessions: sessions.onChange, clock });
  const returns: { heard: (server: string) => void } = { heard: () => {} };
  const playing = config.sync.enabled ? createNowPlaying() : null;
  const core = await openCore(deps, stack, { more: enabled ? [viewers] : [], back: (server) => returns.heard(server), playing });
  const { mqtt, link, telemetry, bandwidth } = core;
  if (signal.aborted) return;
  const television = enabled ? stack.use(await openTelevision({ ...deps, ...core, sessions, fits: bandwidth.fits })) : null;
  const ending = new AbortController();
  stack.defer(() => ending.abort());
  const sync = playing === null ? null : await openSync({ ...deps, ...core, playing }, ending.signal);
  const { seeding } = core;
  const distribution = seeding === null ? null : stack.use(await openDistribution({ ...deps, ...core, seeding }));
  returns.heard = (server) => {
    void television?.channels.serverBack(server);
    sync?.serverBack(server);
  };
  // Doors before the loops: one that cannot open must not leave loops behind that write caps.
  stack.use(
    await openControlSocket(
      config.database.path,
      {
        restore: () => bandwidth.restoreNow('--restore'),
        status: async () => ({ ...bandwidth.status(), channels: television?.channels.all().length ?? 0 }),
      },
      log,
    ),
  );
  // Who watched before a restart comes back at once, and is not to wait for the stream process.
  await television?.studio.ready();
  if (signal.aborted) return;
  const shaper = stack.use(openShaper({ ...deps, ...core }, signal));
  const http = stack.use(await openDoor(deps, { ...core, television, sync, distribution, shaper, sessions }, startedAt));
  const forget = (topic: string): Promise<void> => mqtt.link.publish(topic, '', { qos: 1, retain: true });
  const running = new AbortController();
  const broken = new AbortController();
  const born = createListeners();
  const works = Promise.all([
    telemetry.run(running.signal),
    core.usage.run({ ...core, onAsked: born.on }, running.signal),
    runBandwidthMqtt({ bandwidth, link, means: telemetry.means, onAsked: born.on, clock, log }, running.signal),
    beginLater(
      clock,
      ANNOUNCE_AFTER_MS,
      (until) => announceToHomeAssistant(deps, { ...core, television, sync, distribution, sayStates: born.tell }, until),
      running.signal,
    ),
    television?.run({ link, forget, onAsked: born.on }, running.signal),
    distribution?.run({ link, forget, onAsked: born.on }, running.signal),
    sync?.run({ link, onAsked: born.on }, running.signal),
  ]);
  works.catch(() => broken.abort());
  const bandwidthRuns = beginLater(clock, RULE_AFTER_MS, bandwidth.run, AbortSignal.any([signal, broken.signal]));
  mqtt.announce();
  log.info({ url: http.url, mqtt_port: mqtt.port, version: VERSION, ready_ms: Math.round(performance.now()) }, 'Headgate runs');
  // Bandwidth ends first, with the originals back, while all else still works; then the rest.
  await bandwidthRuns.finally(() => running.abort());
  await works;
  log.info({}, 'Headgate stops');
}

/** `--once`: looks at everything, decides, carries out, and leaves it so. */
export async function runOnce(
  deps: ControllerDeps,
  signal: AbortSignal,
): Promise<{ readonly reason: string; readonly problems: readonly string[] }> {
  await using stack = new AsyncDisposableStack();
  const { telemetry, bandwidth, mqtt, database } = await openCore(deps, stack);
  const running = new AbortController();
  const hears = telemetry.run(AbortSignal.any([signal, running.signal]));
  // A router that speaks each second is heard; one that is silent must not make a check take for ever.
  for (let waited = 0; waited < 30 && bandwidth.status().capacityUpBps === null; waited += 1) await deps.clock.sleep(100, signal);
  const { reason } = await bandwidth.once(signal);
  running.abort();
  await hears;
  const checks = readyChecks({
    status: bandwidth.status(),
    mqtt: mqtt.health(),
    databaseProblems: database.problems,
    channelProblems: [],
    syncRuns: null,
    distribution: null,
    startedAt: deps.clock.now(),
    now: deps.clock.now(),
  });
  return { reason, problems: checks.filter(({ ok }) => !ok).map(({ name, problem }) => `${name}: ${problem ?? 'not well'}`) };
}

/** `--restore` with nobody running: puts every original back and stays switched off. Answers with what could not be put back. */
export async function runRestore(deps: ControllerDeps): Promise<readonly string[]> {
  await using stack = new AsyncDisposableStack();
  const { bandwidth } = await openCore(deps, stack);
  return await bandwidth.restoreNow('--restore');
}

/** Whoever is opened after the core, and is part of what it watches. */
type Around = {
  /** Media servers that no configuration names: our own channels. */
  readonly more: readonly MediaServer[];
  /** A media server answers, for the first time or again. */
  readonly back: (server: string) => void;
  /** Notes who plays what; null where nobody asks. */
  readonly playing: NowPlaying | null;
};

async function openCore(
  deps: ControllerDeps,
  stack: AsyncDisposableStack,
  { more, back, playing }: Around = NOBODY,
): Promise<Core> {
  const { config, clock, log } = deps;
  const { path, url, compactAfter } = config.database;
  const database = stack.use(
    await openDatabase({
      path,
      clock,
      log,
      migrations,
      compactAfterStatements: compactAfter,
      ...(url === null ? {} : { url: url.reveal() }),
    }),
  );
  const identity = { version: VERSION, bootId: randomUUID() };
  const mqtt = stack.use(
    await openMqtt({
      config: config.mqtt,
      discoveryPrefix: config.homeAssistant.discoveryPrefix,
      tables: database.tables<BrokerTables>(),
      identity,
      clock,
      log: log.child({ part: 'mqtt' }),
    }),
  );
  const link = createTypedLink(mqtt.link, config.mqtt.baseTopic, tellBadMessages(log.child({ part: 'mqtt' })));
  const telemetry = createTelemetry({
    link,
    store: createHistoryStore(database.tables<TelemetryTables>()),
    primary: wantedWan(config),
    clock,
    log: log.child({ part: 'telemetry' }),
  });
  const notifications = stack.use(await openNotifications({ ...deps, database, link }));
  const { tell } = notifications;
  for (const text of database.problems) tell({ type: 'storage_damaged', severity: 'error', text, details: {} });
  const neighbours = stack.use(
    openNeighbours({ config, deviceId: `headgate-${await instanceId(path)}`, version: VERSION, clock, log }),
  );
  const usage = await openHomeUsage({ config, database, telemetry, tell, clock, log });
  const bandwidth = createBandwidth({
    neighbours: {
      servers: [...neighbours.servers.map((server) => tellingReturns(playing?.noting(server) ?? server, back)), ...more],
      clients: neighbours.limited,
      uplink: uplinkOf(telemetry, clock),
    },
    stores: { ...(await bandwidthStores(deps, database, usage.settle)), alarms: notifications.open },
    rules: { ...bandwidthRules(config), onlooker: openRehearsal(deps) },
    clock,
    log: log.child({ part: 'bandwidth' }),
    tell,
    newId: randomUUID,
  });
  const { libraryServers, seeding } = neighbours;
  return { database, mqtt, link, telemetry, usage, bandwidth, libraryServers, seeding, tell, notifications };
}
