// Notifications as the configuration wants them, at work from the first event of a start to the last of a stop.
import { randomUUID } from 'node:crypto';
import type { TypedLink } from '@headgate/protocol';
import { ruleAt } from '../../bandwidth/schedule.ts';
import type { Clock } from '../../clock.ts';
import type { Config } from '../../config/config-schema.ts';
import type { Database } from '../../database/open-database.ts';
import { ControllerError } from '../../errors.ts';
import type { ReadyCheck } from '../../http/probe-routes.ts';
import type { Route } from '../../http/route.ts';
import type { Log } from '../../log.ts';
import { createEvents, EVENT_TYPES } from '../../notify/events.ts';
import type { Happened, Notification } from '../../notify/notification.ts';
import { createNotificationStore, type NotificationTables } from '../../notify/notification-store.ts';
import { type Notifications, openNotifications as openNotify } from '../../notify/notifications.ts';
import { notificationsRoutes } from '../../notify/notifications-routes.ts';
import { createSinkQueue, type SinkRules } from '../../notify/sink-queue.ts';
import { wallTimeIn } from '../wall-time.ts';
import { openSink, type SinkConfig } from './open-sink.ts';

export type NotificationsOfHome = AsyncDisposable & {
  /** What happened: to MQTT, to the log, and to each sink that wants it. Returns at once. */
  readonly tell: (happened: Happened) => void;
  /** Beginnings that an earlier run told, and nobody the end of. */
  readonly open: readonly Notification[];
  readonly sinks: Notifications['sinks'];
  readonly routes: readonly Route[];
  readonly checks: () => readonly ReadyCheck[];
};

export type NotificationsNeeds = {
  readonly config: Config;
  readonly database: Database;
  readonly link: TypedLink;
  readonly clock: Clock;
  readonly log: Log;
};

/** Works until it is disposed of, which takes a second at most. @throws ControllerError config_invalid · storage_failed */
export async function openNotifications({
  config,
  database,
  link,
  clock,
  log,
}: NotificationsNeeds): Promise<NotificationsOfHome> {
  const { repeatAfterMs, sinks: wanted } = config.notifications;
  await using stack = new AsyncDisposableStack();
  const wall = wallTimeIn(config.home.timeZone);
  const own = log.child({ part: 'notify' });
  const store = createNotificationStore(database.tables<NotificationTables>());
  const surroundings = { home: config.home.name, publicUrl: config.http.publicUrl, now: clock.now };
  const sinks = wanted.map((one) =>
    createSinkQueue({
      sink: stack.use(openSink(one, surroundings)),
      rules: rulesOf(one, wall),
      ...{ store, clock, log: own, chance: Math.random },
      clockAt: (utcMs) => hourAndMinute(wall(utcMs).minute),
    }),
  );
  const notifications = await openNotify({ store, sinks, repeatAfterMs, clock, log: own, newId: randomUUID });
  const stopping = new AbortController();
  const running = notifications.run(stopping.signal);
  stack.defer(async () => {
    stopping.abort();
    await running;
  });
  const kept = stack.move();
  return {
    tell: createEvents({ link, clock, log, notice: notifications.notice }),
    open: notifications.open,
    sinks: notifications.sinks,
    routes: notificationsRoutes(notifications),
    checks: () => notifications.sinks().map(checkOf),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

const checkOf = ({ name, health: { state, problem, since } }: ReturnType<Notifications['sinks']>[number]): ReadyCheck => {
  const ok = state === 'live' || state === 'starting';
  return { name: `notifications: ${name}`, isRequired: false, ok, problem: ok ? null : problem, since };
};

type Wall = ReturnType<typeof wallTimeIn>;

/** @throws ControllerError config_invalid for a type that nobody tells: it would be waited for in vain */
function rulesOf({ name, events, least, quietHours, afterQuiet, mostPerMinute, keepMs }: SinkConfig, wall: Wall): SinkRules {
  const unknown = events?.find((type) => !EVENT_TYPES.includes(type));
  if (unknown !== undefined)
    throw new ControllerError(
      'config_invalid',
      `notifications.sinks: events of ${name}: "${unknown}" is no type of event; there are ${EVENT_TYPES.join(', ')}`,
    );
  const rules = quietHours.map((hours) => ({ ...hours, name: 'quiet' }));
  const isQuiet = (utcMs: number): boolean => rules.length > 0 && ruleAt(rules, wall(utcMs)) !== null;
  return { events, least, isQuiet, afterQuiet, mostPerMinute, keepMs };
}

const hourAndMinute = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
