// Notifications over HTTP: what was told lately, how the sinks are, and a test message.
import { type Route, route } from '../http/route.ts';
import { titleOf } from './event-wording.ts';
import type { Notification } from './notification.ts';
import type { Notifications } from './notifications.ts';
import { notificationsQuery, notificationsView, testQuery, testResults } from './notifications-api.ts';
import type { SinkStatus } from './sink.ts';

const tags = ['notifications'];

export function notificationsRoutes(notifications: Notifications): readonly Route[] {
  return [
    route({
      method: 'get',
      path: '/api/notifications',
      summary: 'What was told lately, newest first, and how the sinks are',
      tags,
      access: 'read',
      query: notificationsQuery,
      response: notificationsView,
      async handler({ query: { type, severity, since, until, limit } }) {
        const events = await notifications.recent({
          types: type?.split(',').map((one) => one.trim()),
          least: severity,
          since: since === undefined ? undefined : Date.parse(since),
          until: until === undefined ? undefined : Date.parse(until),
          limit,
        });
        return { events: events.map(viewNotification), sinks: notifications.sinks().map(viewSink) };
      },
    }),
    route({
      method: 'post',
      path: '/api/notifications/test',
      summary: 'Send a test message to one sink, or to each, and say what came of it',
      tags,
      access: 'write',
      query: testQuery,
      response: testResults,
      handler: async ({ query: { sink }, signal }) =>
        (await notifications.test(sink ?? null, signal)).map(({ tookMs, ...result }) => ({ ...result, took_ms: tookMs })),
    }),
  ];
}

const iso = (ms: number): string => new Date(ms).toISOString();

const viewNotification = ({ id, at, type, severity, text, details, repeats }: Notification) => ({
  ...{ id, type, severity, text, repeats, details: { ...details } },
  at: iso(at),
  title: titleOf(type),
});

const viewSink = ({ name, type, health, waiting, held, delivered, lost, unfit, retryAt }: SinkStatus) => ({
  ...{ name, type, state: health.state, problem: health.problem, waiting, held, delivered, lost },
  unfit,
  since: iso(health.since),
  retry_at: retryAt === null ? null : iso(retryAt),
});
