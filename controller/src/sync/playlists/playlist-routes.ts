// Playlists over HTTP: which there are, where they are as agreed and where not, and looking at once.
import { z } from 'zod';
import { messageOf } from '../../errors.ts';
import { type Route, route } from '../../http/route.ts';
import type { ListsOverview } from './lists-overview.ts';
import type { PlaylistSync } from './playlist-sync.ts';

export type PlaylistRoutesDeps = Pick<PlaylistSync, 'overview' | 'look' | 'undo'> & { readonly servers: readonly string[] };

const tags = ['sync'];
const moment = z.string().meta({ format: 'date-time' });
const count = z.number().int().nonnegative();

const overviewView = z.object({
  playlists: z.array(
    z.object({
      id: z.string(),
      username: z.string(),
      name: z.string(),
      entries: count,
      deleted: z.boolean().describe('It was deleted, and is not gone everywhere yet.'),
      servers: z.array(
        z.object({
          server: z.string(),
          there: z.boolean(),
          entries: count.describe('Of the list’s entries those that are there; what the server does not have keeps its place.'),
          problem: z.string().nullable().describe('Why it is not as agreed there.'),
        }),
      ),
    }),
  ),
  unclear: z
    .array(z.object({ server: z.string(), username: z.string(), name: z.string(), why: z.enum(['two-of-one-name', 'whose']) }))
    .describe(
      'Left alone: two lists of one name on a server, of which nobody can tell which is meant; or one that several administrators see.',
    ),
  away: z.array(z.object({ server: z.string(), since: moment })).describe('Servers that do not answer: what is for them waits.'),
  log: z.array(
    z.object({
      id: z.string(),
      at: moment,
      username: z.string(),
      playlist: z.string(),
      server: z.string(),
      entries_before: count.nullable().describe('Null: it was not there.'),
      entries_after: count.nullable().describe('Null: it was deleted.'),
      message: z.string(),
    }),
  ),
});

const lookedView = z.object({
  servers: z.array(z.object({ server: z.string(), problem: z.string().nullable().describe('Why it could not be looked at.') })),
});

export const playlistRoutes = ({ overview, look, undo, servers }: PlaylistRoutesDeps): readonly Route[] => [
  route({
    method: 'get',
    path: '/api/playlists',
    summary: 'Playlists that are kept the same, and what keeps them from it',
    tags,
    access: 'read',
    response: overviewView,
    handler: async () => view(await overview()),
  }),
  route({
    method: 'post',
    path: '/api/playlists/look',
    summary: 'Looks at the playlists of each server now, and brings them to what is agreed',
    description: 'Servers do not tell of changes of playlists: they are looked at each `sync.reconcile.quick`.',
    tags,
    access: 'write',
    response: lookedView,
    handler: async ({ signal }) => ({ servers: await lookAtAll({ look, servers }, signal) }),
  }),
  route({
    method: 'post',
    path: '/api/playlists/log/:id/undo',
    summary: 'Takes back one thing that was written, on all servers',
    description:
      'As if somebody did the opposite now: whatever else was done to that list since stays. A list that was deleted is made again.',
    tags,
    access: 'write',
    params: z.strictObject({ id: z.uuid() }),
    response: z.object({ success: z.boolean(), message: z.string() }),
    async handler({ params: { id }, signal }) {
      await undo(id, signal);
      return { success: true, message: 'taken back' };
    },
  }),
];

/** All at once; and once more, since what was found on the last one concerns the first one. */
async function lookAtAll({ look, servers }: Pick<PlaylistRoutesDeps, 'look' | 'servers'>, signal: AbortSignal) {
  const lookAt = async (server: string): Promise<{ readonly server: string; readonly problem: string | null }> => {
    try {
      await look(server, signal);
      return { server, problem: null };
    } catch (error) {
      signal.throwIfAborted();
      return { server, problem: messageOf(error) };
    }
  };
  await Promise.all(servers.map(lookAt));
  return await Promise.all(servers.map(lookAt));
}

const iso = (ms: number): string => new Date(ms).toISOString();

const view = ({ lists, unclear, away, log }: ListsOverview): z.input<typeof overviewView> => ({
  playlists: lists.map(({ id, person, name, entries, deleted, places }) => ({
    ...{ id, username: person, name, entries, deleted },
    servers: places.map(({ server, there, entries: own, problem }) => ({ server, there, entries: own, problem })),
  })),
  unclear: unclear.map(({ server, person, name, why }) => ({ server, username: person, name, why })),
  away: away.map(({ server, sinceMs }) => ({ server, since: iso(sinceMs) })),
  log: log.map(({ id, atMs, person, list, target, before, after, message }) => ({
    ...{ id, at: iso(atMs), username: person, playlist: list, server: target },
    ...{ entries_before: before, entries_after: after, message },
  })),
});
