// Pure: the OpenAPI 3.1 document, made from the same schemas that check requests and answers.
import { z } from 'zod';
import type { Route } from './route.ts';

type Json = Readonly<Record<string, unknown>>;

export type OpenApiInfo = { readonly title: string; readonly version: string; readonly serverUrl: string | null };

/** A plain object, ready for JSON. */
export function openApiDocument(routes: readonly Route[], { title, version, serverUrl }: OpenApiInfo): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const one of routes) {
    const path = one.path.replaceAll(/[:*](\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [one.method]: operation(one) };
  }
  return {
    openapi: '3.1.0',
    info: { title, version, license: { name: 'MIT', identifier: 'MIT' } },
    servers: [{ url: serverUrl ?? '/' }],
    tags: [...new Set(routes.flatMap((one) => one.tags))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'An API token, made under /api/tokens.' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'headgate',
          description: 'Set by /api/login; `__Host-headgate` with https.',
        },
      },
      schemas: { Error: jsonSchema(errorSchema, 'output') },
    },
  };
}

const errorSchema = z.object({
  error: z.object({ code: z.string(), message: z.string(), details: z.array(z.string()).optional() }),
});

function operation(one: Route): Json {
  const answer = jsonSchema(one.response, 'output');
  const isEmpty = one.response instanceof z.ZodUndefined;
  const content = { [one.contentType ?? 'application/json']: { schema: answer } };
  return {
    operationId: operationId(one),
    summary: one.summary,
    ...(one.description === null ? {} : { description: one.description }),
    tags: one.tags,
    ...(one.access === 'public' ? { security: [] } : { security: [{ token: [] }, { session: [] }] }),
    'x-access': one.access,
    parameters: [...parameters('path', one.params), ...parameters('query', one.query)],
    ...(one.body === null
      ? {}
      : { requestBody: { required: true, content: { [bodyType(one)]: { schema: jsonSchema(one.body, 'input') } } } }),
    responses: {
      ...(isEmpty ? { 204: { description: 'Done' } } : { 200: { description: 'The answer', content } }),
      default: {
        description: 'What went wrong',
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
      },
    },
  };
}

const bodyType = ({ text }: Route): string => (text === null ? 'application/json' : 'text/plain');

/** `getApiTokens`, `deleteApiTokensId` */
function operationId({ method, path }: Route): string {
  const words = path.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  return method + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}

function parameters(where: 'path' | 'query', schema: z.ZodType | null): readonly Json[] {
  if (schema === null) return [];
  const { properties = {}, required = [] } = jsonSchema(schema, 'input') as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description, ...one }]) => ({
    name,
    in: where,
    required: where === 'path' || required.includes(name),
    ...(description === undefined ? {} : { description }),
    schema: one,
  }));
}

/** OpenAPI 3.1 takes JSON Schema 2020-12 as it is. What has no JSON form (a date before it is written) is left open. */
function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Record<string, unknown>;
  return rest;
}
