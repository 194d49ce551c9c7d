// The description of the API, for programs and for people.
import t from 'tap';
import { z } from 'zod';
import { docsPage } from '../../src/http/docs-page.ts';
import { withDocumentation } from '../../src/http/documentation-routes.ts';
import { openApiDocument } from '../../src/http/openapi.ts';
import { nothing, route } from '../../src/http/route.ts';
import { call, serve } from './serve.ts';

const boost = route({
  method: 'post',
  path: '/api/viewers/:viewer/boost',
  summary: 'Boost <one> viewer',
  tags: ['bandwidth'],
  access: 'write',
  params: z.object({ viewer: z.string() }),
  query: z.object({ quiet: z.string().optional().describe('No notification') }),
  body: z.strictObject({ minutes: z.number().int().min(1).default(30) }),
  response: z.object({ until: z.iso.datetime() }),
  handler: () => ({ until: '2026-01-01T00:00:00Z' }),
});
const gone = route({
  method: 'delete',
  path: '/api/viewers/:viewer/boost',
  summary: 'End it',
  tags: ['bandwidth'],
  access: 'write',
  params: z.object({ viewer: z.string() }),
  response: nothing,
  handler: () => undefined,
});
const info = { title: 'Headgate', version: '1.0.0', serverUrl: null };

t.test('the document is made from the schemas that check', async (t) => {
  const document = openApiDocument([boost, gone], info);
  t.match(document, {
    openapi: '3.1.0',
    info: { title: 'Headgate', version: '1.0.0' },
    paths: {
      '/api/viewers/{viewer}/boost': {
        post: {
          operationId: 'postApiViewersViewerBoost',
          security: [{ token: [] }, { session: [] }],
          parameters: [
            { name: 'viewer', in: 'path', required: true, schema: { type: 'string' } },
            { name: 'quiet', in: 'query', required: false, description: 'No notification' },
          ],
          requestBody: {
            required: true,
            content: {
              'application/json': {
                schema: { properties: { minutes: { type: 'integer', minimum: 1, default: 30 } }, additionalProperties: false },
              },
            },
          },
          responses: {
            200: { content: { 'application/json': { schema: { properties: { until: { type: 'string' } } } } } },
            default: {},
          },
        },
        delete: { responses: { 204: {} } },
      },
    },
  });
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path = '']) => path.split('/'));
  t.ok(references.length > 0);
  for (const path of references)
    t.ok(
      path.reduce<unknown>((node, step) => (node as Record<string, unknown> | undefined)?.[step], document),
      path.join('/'),
    );
});

t.test('the page works without anything from elsewhere, and shows texts as texts', async (t) => {
  const page = docsPage(openApiDocument([boost, gone], info));
  t.match(page, 'Boost &#60;one&#62; viewer');
  t.notMatch(page, /<script|https?:\/\/|onload|style=/);
  t.match(page, '/api/viewers/{viewer}/boost');
});

t.test('both are served, and describe every route that is served', async (t) => {
  const { url } = await serve(t, { routes: withDocumentation([boost, gone], info) });
  const document = (await call(`${url}/openapi.json`)).json as { paths: Record<string, object> };
  t.same(Object.keys(document.paths), ['/api/viewers/{viewer}/boost', '/openapi.json', '/docs', '/', '/redoc', '/docs.css']);
  const front = await fetch(`${url}/`, { redirect: 'manual' });
  t.same([front.status, front.headers.get('location')], [302, '/docs'], 'whoever opens the address in a browser finds the way');
  const other = await fetch(`${url}/redoc`, { redirect: 'manual' });
  t.same([other.status, other.headers.get('location')], [302, '/docs'], 'row 106: by JellyStream’s other name as well');
  const page = await call(`${url}/docs`);
  t.equal(page.headers.get('content-type'), 'text/html; charset=utf-8');
  t.match(page.text, /<!doctype html>/);
  t.equal((await call(`${url}/docs.css`)).headers.get('content-type'), 'text/css; charset=utf-8');
});
