// The server against real and hostile clients.
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import t from 'tap';
import { z } from 'zod';
import { openHttp } from '../../src/http/open-http.ts';
import { nothing, route } from '../../src/http/route.ts';
import { silentLog } from '../../src/log.ts';
import { call, rememberingLog, serve } from './serve.ts';

const common = { tags: [], access: 'public', summary: 'x' } as const;
const echo = route({
  ...common,
  method: 'post',
  path: '/api/echo',
  body: z.object({ text: z.string() }),
  response: z.object({ length: z.number() }),
  handler: ({ body }) => ({ length: body.text.length }),
});
const item = route({
  ...common,
  method: 'get',
  path: '/api/items/:id',
  params: z.object({ id: z.coerce.number().int() }),
  response: z.object({ id: z.number() }),
  handler: ({ params }) => ({ id: params.id }),
});
const none = route({ ...common, method: 'put', path: '/api/none', response: nothing, handler: () => undefined });
const boom = route({
  ...common,
  method: 'get',
  path: '/api/boom',
  response: nothing,
  handler: () => {
    throw new Error('the database said hunter2');
  },
});
const page = route({
  ...common,
  method: 'get',
  path: '/page',
  response: z.string(),
  contentType: 'text/html; charset=utf-8',
  handler: ({ reply }) => {
    reply.header('X-Own', '1');
    return '<p>hi';
  },
});
const routes = [echo, item, none, boom, page];

t.test('answers are JSON, bare, or of their own type, with headers that shut the browser’s doors', async (t) => {
  const { url } = await serve(t, { routes });
  const one = await call(`${url}/api/items/7?x=1`);
  t.match(one, { status: 200, json: { id: 7 } });
  t.equal(one.headers.get('cache-control'), 'no-store');
  t.match(await call(`${url}/api/none`, { method: 'PUT' }), { status: 204, text: '' });
  const html = await call(`${url}/page`);
  t.match(html, { status: 200, text: '<p>hi' });
  t.equal(html.headers.get('content-type'), 'text/html; charset=utf-8');
  t.equal(html.headers.get('x-own'), '1');
  for (const { headers } of [one, html, await call(`${url}/nope`)]) {
    t.equal(headers.get('x-content-type-options'), 'nosniff');
    t.equal(headers.get('x-frame-options'), 'DENY');
    t.match(headers.get('content-security-policy'), /default-src 'self'.*frame-ancestors 'none'/);
    t.equal(headers.get('access-control-allow-origin'), null);
    t.equal(headers.get('x-powered-by'), null);
  }
  t.match(await call(`${url}/api/items/7`, { method: 'HEAD' }), { status: 200, text: '' });
});

t.test('what does not exist is 404, a wrong method 405 with Allow', async (t) => {
  const { url } = await serve(t, { routes });
  t.match(await call(`${url}/api/nope`), { status: 404, json: { error: { code: 'not_found' } } });
  const wrong = await call(`${url}/api/items/7`, { method: 'DELETE' });
  t.match(wrong, { status: 405, json: { error: { code: 'input_invalid' } } });
  t.match(wrong.headers.get('allow'), /GET/);
  t.equal((await call(`${url}/api/items/7`, { method: 'OPTIONS' })).status, 204);
  for (const path of ['/api/items/%zz', '/api/items/..%2f..%2fetc', '//evil.example/', '/api/items/1/2']) {
    const { status } = await call(url + path);
    t.ok(status === 404 || status === 400, `${path} ${status}`);
  }
});

t.test('a fault of ours is a 500 that tells nothing; the log has it', async (t) => {
  const { log, lines } = rememberingLog();
  const { url } = await serve(t, { routes, log });
  const answer = await call(`${url}/api/boom`);
  t.match(answer, { status: 500, json: { error: { code: 'internal' } } });
  t.notMatch(answer.text, /hunter2|database/);
  t.match(lines(), /request failed .*hunter2/);
});

t.test('bodies are JSON, bounded, and checked', async (t) => {
  const { url } = await serve(t, { routes });
  t.match(await call(`${url}/api/echo`, { method: 'POST', body: { text: 'x'.repeat(1_000_000) } }), {
    json: { length: 1_000_000 },
  });
  t.match(await call(`${url}/api/echo`, { method: 'POST', body: { text: 'x'.repeat(1_048_577) } }), { status: 413 });
  const json = { 'content-type': 'application/json' };
  const raw = async (body: string | Uint8Array, headers: Record<string, string> = json) =>
    (await fetch(`${url}/api/echo`, { method: 'POST', body, headers })).status;
  t.equal(await raw('{"text":'), 400);
  t.equal(await raw(new Uint8Array([0x22, 0xff, 0x22])), 400);
  t.equal(await raw('{"text":"a"}', { 'content-type': 'text/plain' }), 415);
  t.equal(await raw('{"text":"a","__proto__":{"x":1}}'), 200);
  t.equal(await raw(''), 400);
  t.equal(await raw('null'), 400);
});

t.test('a body without end or length is cut off at the limit', async (t) => {
  const { http } = await serve(t, { routes });
  const socket = connect(http.port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write('POST /api/echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n');
  const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`;
  for (let n = 0; n < 17; n++) socket.write(chunk);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  t.match(String(answer), /^HTTP\/1\.1 413 /);
  socket.destroy();
});

t.test('a taken port names the key', async (t) => {
  const { http } = await serve(t, { routes });
  const more = {
    publicUrl: null,
    trustedProxies: [],
    log: silentLog,
    routes,
    auth: { identify: async () => ({ kind: 'nobody', name: 'nobody' }) as const },
  };
  await t.rejects(openHttp({ ...more, listen: { host: '127.0.0.1', port: http.port } }), {
    code: 'conflict',
    message: `http.listen: 127.0.0.1:${http.port} is taken by another program`,
  });
  await t.rejects(openHttp({ ...more, listen: { host: '203.0.113.1', port: 0 } }), {
    code: 'config_invalid',
    message: /^http\.listen: 203\.0\.113\.1:0 cannot be used/,
  });
});

t.test('it ends within a second, whatever clients hold open', async (t) => {
  let aborted = false;
  const never = route({
    ...common,
    method: 'get',
    path: '/api/never',
    response: nothing,
    async handler({ signal }) {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      aborted = true;
      await new Promise(() => {});
      return undefined;
    },
  });
  const { http } = await serve(t, { routes: [never, ...routes] });
  const agent = new Agent({ keepAlive: true });
  t.teardown(() => agent.destroy());
  const idle = request({ port: http.port, path: '/api/items/1', agent });
  idle.end();
  const [response] = await once(idle, 'response');
  response.resume();
  await once(response, 'end');
  const silent = connect(http.port, '127.0.0.1');
  silent.on('error', () => {});
  const hanging = request({ port: http.port, path: '/api/never' });
  hanging.on('error', () => {});
  hanging.end();
  await wait(100);
  const began = performance.now();
  await http[Symbol.asyncDispose]();
  const took = performance.now() - began;
  t.ok(took < 3_000, `took ${Math.round(took)} ms`);
  t.ok(aborted, 'the waiting handler heard of it');
  await t.rejects(fetch(`${http.url}/api/items/1`));
});

t.test('a handler hears when its client goes away', async (t) => {
  const heard = Promise.withResolvers<string>();
  const started = Promise.withResolvers<void>();
  const slow = route({
    ...common,
    method: 'get',
    path: '/api/slow',
    response: nothing,
    async handler({ signal }) {
      started.resolve();
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      heard.resolve('gone');
      return undefined;
    },
  });
  const { http } = await serve(t, { routes: [slow] });
  const client = request({ port: http.port, path: '/api/slow' });
  client.on('error', () => {});
  client.end();
  await started.promise;
  client.destroy();
  t.equal(await heard.promise, 'gone');
});

t.test('finished requests are counted by their pattern, not by what was asked for', async (t) => {
  const seen: string[] = [];
  const { url } = await serve(t, { routes, onRequest: ({ method, path, status }) => seen.push(`${method} ${path} ${status}`) });
  await call(`${url}/api/items/1`);
  await call(`${url}/api/items/x`);
  await call(`${url}/random/${Math.random()}`);
  t.same(seen, ['GET /api/items/:id 200', 'GET /api/items/:id 400', 'GET other 404']);
});

t.test('a route may take text of any content type, up to a size of its own', async (t) => {
  const raw = route({
    ...common,
    method: 'post',
    path: '/raw',
    text: { maxBytes: 10 },
    body: z.string(),
    response: z.object({ text: z.string() }),
    handler: ({ body }) => ({ text: body }),
  });
  const { url } = await serve(t, { routes: [raw] });
  for (const type of ['text/plain', 'application/json', 'application/x-www-form-urlencoded', 'nonsense'])
    t.match(await call(`${url}/raw`, { method: 'POST', body: 'ä', headers: { 'content-type': type } }), {
      json: { text: '"ä"' },
    });
  t.match(await call(`${url}/raw`, { method: 'POST' }), { status: 200, json: { text: '' } });
  t.match(await call(`${url}/raw`, { method: 'POST', body: '0123456789' }), {
    status: 413,
    json: { error: { message: 'the body is larger than 10 bytes' } },
  });
});
