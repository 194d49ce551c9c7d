// What is held back until a person says what it means.
import { z } from 'zod';
import { type Route, route } from '../../http/route.ts';
import type { Hold, Holds } from './holds.ts';

const tags = ['sync'];
const params = z.strictObject({ id: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER) });
const moment = z.string().meta({ format: 'date-time' });
const values = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]));

const holdView = z.object({
  id: z.number(),
  server: z.string(),
  person: z.string(),
  reason: z.enum(['losses', 'shrunk', 'clock']),
  why: z.string(),
  status: z.enum(['open', 'released', 'discarded', 'over']),
  opened_at: moment,
  closed_at: moment.nullable(),
  items: z.number(),
  first_items: z.array(z.object({ item_id: z.string(), item_name: z.string(), before: values, after: values })),
});

export const guardRoutes = (holds: Pick<Holds, 'list' | 'release' | 'discard'>): readonly Route[] => [
  route({
    method: 'get',
    path: '/api/holds',
    summary: 'Losses that are held back',
    description: 'Of each, how many items wait for an answer, and the first 50 of them with what was there and what is.',
    tags,
    access: 'read',
    query: z.strictObject({ status: z.enum(['open', 'all']).default('open') }),
    response: z.array(holdView),
    handler: async ({ query }) => (await holds.list(query.status)).map(view),
  }),
  route({
    method: 'post',
    path: '/api/holds/:id/release',
    summary: 'The losses are meant: they count, with the times when they were made',
    tags,
    access: 'write',
    params,
    response: holdView,
    handler: async ({ params: { id } }) => view(await holds.release(id)),
  }),
  route({
    method: 'post',
    path: '/api/holds/:id/discard',
    summary: 'The losses are a mistake: the server is brought back to what is agreed',
    tags,
    access: 'write',
    params,
    response: holdView,
    handler: async ({ params: { id } }) => view(await holds.discard(id)),
  }),
];

const iso = (ms: number): string => new Date(ms).toISOString();

const view = (hold: Hold): z.input<typeof holdView> => ({
  ...{ id: hold.id, server: hold.server, person: hold.person, why: hold.why, status: hold.status, items: hold.items },
  reason: hold.reason,
  opened_at: iso(hold.openedMs),
  closed_at: hold.closedMs === null ? null : iso(hold.closedMs),
  first_items: hold.some.map(({ itemId, itemName, before, after }) => ({
    item_id: itemId,
    item_name: itemName,
    before: { ...before },
    after: { ...after },
  })),
});
