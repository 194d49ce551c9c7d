// The queue over HTTP, row by row: what is pending, waits or was set aside; tried again, or dropped.
import { z } from 'zod';
import { ControllerError } from '../../errors.ts';
import { nothing, type Route, route } from '../../http/route.ts';
import { dropLetter, type LettersDeps, retryFailed, retryOne } from '../asked/dead-letters.ts';
import { viewQueued, viewWaiting } from '../shown/event-view.ts';
import { listQueue } from '../shown/queue-reading.ts';
import { done, queuedEvent, waitingEvent } from '../sync-api.ts';

export type EventDeps = LettersDeps & {
  /** Tries that the policy of this path allows after the first; -1: for ever. */
  mostTries(path: string | null): number;
  /** The counts are others now. */
  onChange(): void;
};

const tags = ['sync'];
const query = z.object({ limit: z.coerce.number().int().min(1).max(1_000).default(100) });
const params = z.object({ id: z.coerce.number().int().min(1) });

export function eventRoutes(deps: EventDeps): readonly Route[] {
  const { db, servers } = deps;
  return [
    route({
      method: 'get',
      path: '/api/events/pending',
      summary: 'What is still to be brought to a server, the oldest first',
      tags,
      access: 'read',
      query,
      response: z.array(queuedEvent),
      handler: async ({ query: { limit } }) => (await listQueue(db, { servers, status: 'pending', limit })).map(viewQueued),
    }),
    route({
      method: 'get',
      path: '/api/events/waiting',
      summary: 'What waits until a server has the item, the oldest first',
      tags,
      access: 'read',
      query,
      response: z.array(waitingEvent),
      handler: async ({ query: { limit } }) =>
        (await listQueue(db, { servers, status: 'waiting', limit })).map((row) =>
          viewWaiting(row, deps.mostTries(row.item_path)),
        ),
    }),
    route({
      method: 'get',
      path: '/api/events/failed',
      summary: 'What was set aside, with its reason, the oldest first',
      tags,
      access: 'read',
      query,
      response: z.array(queuedEvent),
      handler: async ({ query: { limit } }) => (await listQueue(db, { servers, status: 'failed', limit })).map(viewQueued),
    }),
    ...changing(deps),
  ];
}

function changing(deps: EventDeps): readonly Route[] {
  return [
    route({
      method: 'post',
      path: '/api/events/failed/retry',
      summary: 'Try all again that was set aside, of one server or of all',
      tags,
      access: 'write',
      query: z.object({ server: z.string().min(1).max(64).optional() }),
      response: done,
      async handler({ query: { server } }) {
        if (server !== undefined && !deps.servers.includes(server))
          throw new ControllerError(
            'not_found',
            `query.server: "${server}" is not kept the same; there are ${deps.servers.join(', ')}`,
          );
        const retried = await retryFailed(deps, server ?? null);
        deps.onChange();
        return { success: true, message: `${retried} ${retried === 1 ? 'is' : 'are'} tried again` };
      },
    }),
    route({
      method: 'post',
      path: '/api/events/:id/retry',
      summary: 'Try one again, now',
      tags,
      access: 'write',
      params,
      response: done,
      async handler({ params: { id } }) {
        const { item_name: item, server } = await retryOne(deps, id);
        deps.onChange();
        return { success: true, message: `${item} is brought to ${server} once more` };
      },
    }),
    route({
      method: 'delete',
      path: '/api/events/:id',
      summary: 'Drop what was set aside',
      description: 'What is agreed stays agreed; only bringing it to this server is given up, until it is set anew.',
      tags,
      access: 'write',
      params,
      response: nothing,
      async handler({ params: { id } }) {
        await dropLetter(deps, id);
        deps.onChange();
        return undefined;
      },
    }),
  ];
}
