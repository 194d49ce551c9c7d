// The description of all routes: for programs at /openapi.json, for people at /docs.
import { z } from 'zod';
import { docsPage, docsStyle } from './docs-page.ts';
import { type OpenApiInfo, openApiDocument } from './openapi.ts';
import { type Route, route } from './route.ts';

/** The given routes and those that describe them (and themselves). */
export function withDocumentation(routes: readonly Route[], info: OpenApiInfo): readonly Route[] {
  const describe = { tags: ['documentation'], method: 'get', access: 'public' } as const;
  // Made at the first request: most homes never ask, and it would cost every start some milliseconds.
  const document = once(() => openApiDocument(all, info));
  const page = once(() => docsPage(document()));
  const all: readonly Route[] = [
    ...routes,
    route({
      ...describe,
      path: '/openapi.json',
      summary: 'This API as an OpenAPI 3.1 document',
      response: z.record(z.string(), z.unknown()),
      handler: () => document(),
    }),
    route({
      ...describe,
      path: '/docs',
      summary: 'This API as a page',
      response: z.string(),
      contentType: 'text/html; charset=utf-8',
      handler: () => page(),
    }),
    ...(['/', '/redoc'] as const).map((path) =>
      route({
        ...describe,
        path,
        summary: 'Leads to /docs',
        response: z.string(),
        contentType: 'text/plain; charset=utf-8',
        handler({ reply }) {
          reply.header('Location', '/docs');
          reply.status(302);
          return 'See /docs';
        },
      }),
    ),
    route({
      ...describe,
      path: '/docs.css',
      summary: 'Its style',
      response: z.string(),
      contentType: 'text/css; charset=utf-8',
      handler: () => docsStyle,
    }),
  ];
  return all;
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
