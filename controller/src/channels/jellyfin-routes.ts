// Looking around in a Jellyfin, for whoever sets up a channel: no key is shown, pages are capped.
import { z } from 'zod';
import { ControllerError } from '../errors.ts';
import { type Route, rawBody, route } from '../http/route.ts';
import { pictureType } from './guide/picture-type.ts';
import { type BrowseServer, byServer, id, pageQuery, pageView, viewPage } from './jellyfin-api.ts';

export type JellyfinRoutesDeps = {
  readonly servers: ReadonlyMap<string, BrowseServer>;
  readonly defaultPageSize: number;
  readonly maxPageSize: number;
};

const tags = ['jellyfin'];
export const jellyfinRoutes = (deps: JellyfinRoutesDeps): readonly Route[] => [...lists(deps), ...levels(deps), picture(deps)];

/** @throws ControllerError input_invalid with a hint where there is none, or several and none was named */
function serverIn({ servers }: JellyfinRoutesDeps, named: string | undefined): { name: string; server: BrowseServer } {
  const [first, second] = servers;
  if (first === undefined)
    throw new ControllerError(
      'input_invalid',
      'no Jellyfin is configured; add one to media_servers (or set JELLYFIN_URL and JELLYFIN_API_KEY)',
    );
  if (named === undefined && second === undefined) return { name: first[0], server: first[1] };
  const server = servers.get(named ?? '');
  if (named === undefined || server === undefined)
    throw new ControllerError('input_invalid', `query.server: must be one of ${[...servers.keys()].join(', ')}`);
  return { name: named, server };
}

function lists(deps: JellyfinRoutesDeps): readonly Route[] {
  return [
    route({
      method: 'get',
      path: '/api/jellyfin/users',
      summary: 'Users of a Jellyfin',
      tags,
      access: 'read',
      query: byServer,
      response: z.object({
        server: z.string(),
        users: z.array(z.object({ id: z.string(), name: z.string(), is_administrator: z.boolean() })),
      }),
      async handler({ query, signal }) {
        const { name, server } = serverIn(deps, query.server);
        const users = await server.users(signal);
        return {
          server: name,
          users: users.map((one) => ({ id: one.id, name: one.name, is_administrator: one.isAdministrator })),
        };
      },
    }),
    route({
      method: 'get',
      path: '/api/jellyfin/libraries',
      summary: 'Libraries of a Jellyfin',
      tags,
      access: 'read',
      query: byServer,
      response: z.object({
        server: z.string(),
        libraries: z.array(z.object({ id: z.string(), name: z.string(), collection_type: z.string().nullable() })),
      }),
      async handler({ query, signal }) {
        const { name, server } = serverIn(deps, query.server);
        const libraries = await server.libraries(signal);
        return {
          server: name,
          libraries: libraries.map((one) => ({ id: one.id, name: one.name, collection_type: one.collectionType })),
        };
      },
    }),
    route({
      method: 'get',
      path: '/api/jellyfin/genres',
      summary: 'Genres of a library, or of all',
      tags,
      access: 'read',
      query: byServer.extend({ parent: id.optional() }),
      response: z.object({ genres: z.array(z.string()) }),
      handler: async ({ query, signal }) => ({
        genres: [...(await serverIn(deps, query.server).server.genres(query.parent ?? null, signal))],
      }),
    }),
    route({
      method: 'get',
      path: '/api/jellyfin/genres/:parent',
      summary: 'Genres of a library',
      tags,
      access: 'read',
      params: z.object({ parent: id }),
      query: byServer,
      response: z.object({ genres: z.array(z.string()) }),
      handler: async ({ params, query, signal }) => ({
        genres: [...(await serverIn(deps, query.server).server.genres(params.parent, signal))],
      }),
    }),
  ];
}

function levels(deps: JellyfinRoutesDeps): readonly Route[] {
  const query = pageQuery(deps);
  return [
    route({
      method: 'get',
      path: '/api/jellyfin/items/:parent',
      summary: 'What a library, collection, series or playlist holds, by pages',
      tags,
      access: 'read',
      params: z.object({ parent: id }),
      query,
      response: pageView,
      async handler({ params, query, signal }) {
        const { server } = serverIn(deps, query.server);
        const page = await server.items(
          {
            parentId: params.parent,
            startIndex: query.start_index,
            limit: Math.min(query.limit, deps.maxPageSize),
            sortBy: query.sort_by ?? null,
            sortOrder: query.sort_order,
            types: [...query.types, ...query.include_item_types],
            genres: query.genres,
            recursive: query.recursive ?? (query.genres.length > 0 || query.search !== undefined),
            search: query.search ?? null,
          },
          signal,
        );
        return viewPage(page);
      },
    }),
    route({
      method: 'get',
      path: '/api/jellyfin/series/:id/seasons',
      summary: 'Seasons of a series',
      tags,
      access: 'read',
      params: z.object({ id }),
      query: byServer,
      response: pageView,
      handler: async ({ params, query, signal }) =>
        viewPage(await serverIn(deps, query.server).server.seasons(params.id, signal)),
    }),
    route({
      method: 'get',
      path: '/api/jellyfin/seasons/:id/episodes',
      summary: 'Episodes of a season',
      tags,
      access: 'read',
      params: z.object({ id }),
      query: byServer,
      response: pageView,
      handler: async ({ params, query, signal }) =>
        viewPage(await serverIn(deps, query.server).server.episodes(params.id, signal)),
    }),
  ];
}

const picture = (deps: JellyfinRoutesDeps): Route =>
  route({
    method: 'get',
    path: '/api/jellyfin/items/:id/image',
    summary: 'Picture of an item, for whoever chooses one',
    tags,
    access: 'read',
    params: z.object({ id }),
    query: byServer.extend({ maxWidth: z.coerce.number().int().min(50).max(1_920).default(400) }),
    response: rawBody,
    contentType: 'image/*',
    async handler({ params, query, signal, reply }) {
      const { server } = serverIn(deps, query.server);
      const { imageTag: tag } = await server.item(params.id, signal);
      const image = tag === null ? null : await server.image({ itemId: params.id, tag, maxWidth: query.maxWidth }, signal);
      const contentType = image === null ? null : pictureType(image.bytes);
      if (image === null || contentType === null) throw new ControllerError('not_found', 'there is no such picture');
      reply.header('Content-Type', contentType);
      return image.bytes;
    },
  });
