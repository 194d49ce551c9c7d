// The door of the controller: its HTTP server with every feature's routes behind one log-in.
import type { Bandwidth } from '../bandwidth/bandwidth.ts';
import { bandwidthRoutes } from '../bandwidth/bandwidth-routes.ts';
import type { Mqtt } from '../broker/open-mqtt.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/config-schema.ts';
import type { Database } from '../database/open-database.ts';
import { adminPassword } from '../http/admin-password.ts';
import { createAuth } from '../http/auth.ts';
import { authRoutes } from '../http/auth-routes.ts';
import { createAuthStore, type HttpTables } from '../http/auth-store.ts';
import { withDocumentation } from '../http/documentation-routes.ts';
import { createMetrics } from '../http/metrics.ts';
import { type OpenHttp, openHttp } from '../http/open-http.ts';
import { probeRoutes } from '../http/probe-routes.ts';
import type { Log } from '../log.ts';
import { telemetryRoutes } from '../telemetry/telemetry-routes.ts';
import type { Telemetry } from '../telemetry/telemetry-service.ts';
import { collectMetrics } from './collect-metrics.ts';
import type { OpenDistribution } from './distribution/open-distribution.ts';
import { collectNotificationMetrics } from './notifications/notification-metrics.ts';
import type { NotificationsOfHome } from './notifications/open-notifications.ts';
import type { OpenShaper } from './open-shaper.ts';
import type { HomeUsage } from './open-usage.ts';
import { readyChecks } from './readiness.ts';
import { rehearsalDoor } from './rehearsal/rehearsal-door.ts';
import { storeIsThere } from './store-is-there.ts';
import type { OpenSync } from './sync/open-sync.ts';
import { collectChannelMetrics } from './television/channel-metrics.ts';
import type { LiveSessions } from './television/live-sessions.ts';
import type { Television } from './television/open-television.ts';
import { VERSION } from './version.ts';

export type DoorDeps = {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  /** A generated password: said once to a person, masked in the log. */
  readonly onNewPassword: (password: string, path: string) => void;
};

/** What the routes show and steer. */
export type Shown = {
  readonly database: Database;
  readonly mqtt: Mqtt;
  readonly telemetry: Telemetry;
  readonly bandwidth: Bandwidth;
  readonly usage: Pick<HomeUsage, 'routes'>;
  /** Null where channels are switched off. */
  readonly television: Pick<Television, 'routes' | 'problems'> | null;
  /** Null where it is switched off. */
  readonly sync: Pick<OpenSync, 'routes' | 'isRunning' | 'collectMetrics'> | null;
  /** Null where it is switched off. */
  readonly distribution: Pick<OpenDistribution, 'routes' | 'health' | 'collectMetrics'> | null;
  readonly shaper: Pick<OpenShaper, 'routes'>;
  readonly sessions: LiveSessions;
  readonly notifications: NotificationsOfHome;
};

/** @throws ControllerError where it cannot listen, naming the key. */
export async function openDoor(
  { config, clock, log, onNewPassword }: DoorDeps,
  { database, mqtt, telemetry, bandwidth, usage, television, sync, distribution, shaper, sessions, notifications }: Shown,
  startedAt: number,
): Promise<OpenHttp> {
  const { password, path, isNew } = await adminPassword(config.auth.adminPassword?.reveal() ?? null, config.database.path);
  if (path !== null)
    log.info({ path }, isNew ? 'administrator password made: it is in this file' : 'administrator password is in this file');
  if (isNew && path !== null) onNewPassword(password, path);
  const auth = createAuth({
    store: createAuthStore(database.tables<HttpTables>()),
    password,
    sessionMs: config.auth.sessionMs,
    clock,
    log: log.child({ part: 'http' }),
  });
  const metrics = createMetrics();
  collectMetrics(metrics, bandwidth, telemetry);
  collectChannelMetrics(metrics, sessions);
  sync?.collectMetrics(metrics);
  distribution?.collectMetrics(metrics);
  collectNotificationMetrics(metrics, notifications.sinks);
  const ready = () => [
    ...readyChecks({
      status: bandwidth.status(),
      mqtt: mqtt.health(),
      databaseProblems: database.problems,
      channelProblems: television?.problems() ?? [],
      syncRuns: sync?.isRunning() ?? null,
      distribution: distribution?.health() ?? null,
      startedAt,
      now: clock.now(),
    }),
    ...notifications.checks(),
  ];
  const { listen, publicUrl, trustedProxies, metrics: metricsAccess } = config.http;
  const own = [
    ...authRoutes(auth),
    ...probeRoutes({
      version: VERSION,
      ready,
      now: clock.now,
      metrics,
      metricsAccess,
      storeIsThere: storeIsThere(config, database),
    }),
    ...telemetryRoutes(telemetry, clock),
    ...bandwidthRoutes(bandwidth, clock),
    ...rehearsalDoor(config, bandwidth, clock),
    ...shaper.routes,
    ...usage.routes,
    ...(television?.routes ?? []),
    ...(sync?.routes ?? []),
    ...(distribution?.routes ?? []),
    ...notifications.routes,
  ];
  const routes = withDocumentation(own, { title: 'Headgate', version: VERSION, serverUrl: publicUrl });
  return await openHttp({ listen, routes, auth, publicUrl, trustedProxies, log: log.child({ part: 'http' }) });
}
