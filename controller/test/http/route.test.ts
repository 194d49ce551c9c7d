// An endpoint checks what comes in and what goes out.
import t from 'tap';
import { z } from 'zod';
import { type RequestFacts, route } from '../../src/http/route.ts';

const facts: RequestFacts = {
  caller: { kind: 'nobody', name: 'nobody' },
  address: '127.0.0.1',
  secure: false,
  header: () => null,
  method: 'GET',
  handOver: () => {
    throw new Error('not here');
  },
  reply: { status: () => {}, header: () => {} },
  signal: new AbortController().signal,
};
const echo = route({
  method: 'post',
  path: '/api/boost/:viewer',
  summary: 'Boost',
  tags: ['test'],
  access: 'write',
  params: z.object({ viewer: z.string().max(5) }),
  query: z.object({ minutes: z.coerce.number().int().positive() }),
  body: z.strictObject({ reason: z.string() }),
  response: z.object({ viewer: z.string(), until: z.number() }),
  handler: ({ params, query, body }) => ({ viewer: params.viewer + body.reason, until: query.minutes * 2, secret: 'x' }),
});

t.test('the handler gets typed input, and the answer has only what it promises', async (t) => {
  t.same(await echo.run({ params: { viewer: 'anna' }, query: { minutes: '5', more: 'x' }, body: { reason: '!' } }, facts), {
    viewer: 'anna!',
    until: 10,
  });
});

t.test('every wrong field is named, with where it stands', async (t) => {
  const raw = { params: { viewer: 'too long' }, query: { minutes: '-1' }, body: { reason: 5, extra: 1 } };
  await t.rejects(echo.run(raw, facts), { code: 'input_invalid', message: /^path\.viewer: / });
  await t.rejects(echo.run({ ...raw, params: { viewer: 'a' } }, facts), { message: /^query\.minutes: / });
  await t.rejects(echo.run({ ...raw, params: { viewer: 'a' }, query: { minutes: ['1', '2'] } }, facts), {
    message: /^query\.minutes: /,
  });
  const good = { params: { viewer: 'a' }, query: { minutes: '1' } };
  await t.rejects(echo.run({ ...good, body: { reason: 5, extra: 1 } }, facts), {
    message: /body\.reason: .*; body: Unrecognized key/,
  });
  for (const body of [undefined, null, [], 'x', 5])
    await t.rejects(echo.run({ ...good, body }, facts), { code: 'input_invalid', message: /^body: / });
});

t.test('input without a schema never reaches a handler', async (t) => {
  const bare = route({
    method: 'get',
    path: '/x',
    summary: 'x',
    tags: [],
    access: 'public',
    response: z.object({ seen: z.boolean() }),
    handler: ({ query, params, body }) => ({ seen: [query, params, body].some((one) => one !== undefined) }),
  });
  t.same(await bare.run({ params: { a: 1 }, query: { b: 2 }, body: { c: 3 } }, facts), { seen: false });
});

t.test('an answer that breaks its promise is our fault, not the caller’s', async (t) => {
  // What a database or a neighbour can hand to a handler at run time.
  const until: unknown = 'soon';
  const broken = route({
    method: 'get',
    path: '/x',
    summary: 'x',
    tags: [],
    access: 'public',
    response: z.object({ until: z.number() }),
    handler: () => ({ until: until as number }),
  });
  await t.rejects(broken.run({ params: {}, query: {}, body: undefined }, facts), {
    name: 'TypeError',
    message: /answer of get \/x .*until/,
  });
});
