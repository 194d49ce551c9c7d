// How sync stands, over HTTP: as a whole, its queue, its servers, its people.
import { z } from 'zod';
import { type Route, route } from '../../http/route.ts';
import type { People } from '../people/people.ts';
import type { LogTotals } from '../shown/log-totals.ts';
import type { OverviewReader } from '../shown/overview.ts';
import { type Standing, viewQueue, viewServers, viewStatus, viewUsers } from '../shown/status-view.ts';
import { queueView, serverView, statusView, usersView } from '../sync-api.ts';

export type StatusDeps = {
  readonly overview: Pick<OverviewReader, 'read'>;
  readonly totals: () => Promise<LogTotals>;
  readonly people: Pick<People, 'all'>;
  readonly standing: () => Standing;
  /** Of the files of the database; null where it is elsewhere. */
  readonly databaseBytes: () => Promise<number | null>;
};

const tags = ['sync'];

export function statusRoutes({ overview, totals, people, standing, databaseBytes }: StatusDeps): readonly Route[] {
  const usersOn = (): ReadonlyMap<string, number> => {
    const counts = new Map<string, number>();
    for (const { users } of people.all()) for (const { server } of users) counts.set(server, (counts.get(server) ?? 0) + 1);
    return counts;
  };
  return [
    route({
      method: 'get',
      path: '/api/status',
      summary: 'How the servers are kept the same',
      tags,
      access: 'read',
      response: statusView,
      handler: async () =>
        viewStatus(
          { overview: await overview.read(), totals: await totals(), users: usersOn(), databaseBytes: await databaseBytes() },
          standing(),
        ),
    }),
    route({
      method: 'get',
      path: '/api/queue',
      summary: 'How much is still to be brought to the servers',
      tags,
      access: 'read',
      response: queueView,
      handler: async () => viewQueue(await overview.read(), standing()),
    }),
    route({
      method: 'get',
      path: '/api/servers',
      summary: 'Which servers are kept the same, and which of them answer',
      tags,
      access: 'read',
      response: z.array(serverView),
      handler: async () => viewServers({ overview: await overview.read(), users: usersOn() }, standing()),
    }),
    route({
      method: 'get',
      path: '/api/users',
      summary: 'Who is who on the servers',
      tags,
      access: 'read',
      response: usersView,
      handler: () =>
        viewUsers(
          people.all(),
          standing().servers.map(({ name }) => name),
        ),
    }),
  ];
}
