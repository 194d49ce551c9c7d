// Sync over HTTP: look at it, steer it. Hooks have routes of their own.
import type { Route } from '../http/route.ts';
import { type ControlDeps, controlRoutes } from './routes/control-routes.ts';
import { type EventDeps, eventRoutes } from './routes/event-routes.ts';
import { type LogDeps, logRoutes } from './routes/log-routes.ts';
import { type StatusDeps, statusRoutes } from './routes/status-routes.ts';

export type SyncRoutesDeps = {
  readonly status: StatusDeps;
  readonly events: EventDeps;
  readonly log: LogDeps;
  readonly control: ControlDeps;
};

export const syncRoutes = ({ status, events, log, control }: SyncRoutesDeps): readonly Route[] => [
  ...statusRoutes(status),
  ...eventRoutes(events),
  ...logRoutes(log),
  ...controlRoutes(control),
];
