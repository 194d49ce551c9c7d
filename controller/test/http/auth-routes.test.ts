// Log-in, log-out and tokens over real HTTP.
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import t from 'tap';
import { z } from 'zod';
import { createAuth } from '../../src/http/auth.ts';
import { openHttp } from '../../src/http/open-http.ts';
import { route } from '../../src/http/route.ts';
import { silentLog } from '../../src/log.ts';
import { bearer, call, logIn, openStore, PASSWORD, rememberingLog, serve, stillClock } from './serve.ts';

const response = z.object({ caller: z.string() });
const seen = route({
  method: 'get',
  path: '/api/seen',
  summary: 'x',
  tags: [],
  access: 'read',
  response,
  handler: ({ caller }) => ({ caller: caller.name }),
});
const changed = route({
  method: 'post',
  path: '/api/changed',
  summary: 'x',
  tags: [],
  access: 'write',
  response,
  handler: ({ caller }) => ({ caller: caller.name }),
});
const routes = [seen, changed];
const POST = 'POST';

t.test('the right password opens a session, which reads, writes and ends', async (t) => {
  const { url } = await serve(t, { routes });
  t.match(await call(`${url}/api/seen`), { status: 401, json: { error: { code: 'unauthenticated' } } });
  const answer = await call(`${url}/api/login`, { method: POST, body: { password: PASSWORD } });
  t.equal(answer.status, 200);
  t.match(answer.headers.get('set-cookie'), /^headgate=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=3600$/);
  const cookie = await logIn(url);
  const origin = url;
  t.match(await call(`${url}/api/seen`, { headers: { cookie } }), { status: 200, json: { caller: 'administrator' } });
  t.match(await call(`${url}/api/changed`, { method: POST, headers: { cookie, origin } }), { status: 200 });
  t.match(await call(`${url}/api/me`, { headers: { cookie } }), { json: { kind: 'session', name: 'administrator' } });
  const out = await call(`${url}/api/logout`, { method: POST, headers: { cookie, origin } });
  t.equal(out.status, 204);
  t.match(out.headers.get('set-cookie'), /^headgate=; .*Max-Age=0$/);
  t.equal((await call(`${url}/api/seen`, { headers: { cookie } })).status, 401, 'the old cookie is worth nothing');
});

t.test('a foreign page cannot ride on the cookie', async (t) => {
  const { url } = await serve(t, { routes });
  const cookie = await logIn(url);
  const foreign = [{ origin: 'http://evil.example' }, { 'sec-fetch-site': 'cross-site' }, { origin: 'null' }, {}];
  for (const headers of foreign)
    t.match(
      await call(`${url}/api/changed`, { method: POST, headers: { cookie, ...headers } }),
      { status: 403, json: { error: { code: 'denied' } } },
      JSON.stringify(headers),
    );
  const form = await fetch(`${url}/api/login`, { method: POST, body: new URLSearchParams({ password: PASSWORD }) });
  t.equal(form.status, 415, 'a form from elsewhere cannot log anybody in');
});

t.test('sessions end by time, and all of them when the password changes', async (t) => {
  const clock = stillClock();
  const path = t.testdir();
  const store = await openStore(t, clock, path);
  const auth = createAuth({ store, password: 'old', sessionMs: 1_000, clock, log: silentLog });
  const login = await auth.login('old', '1.1.1.1');
  const session = login.kind === 'ok' ? login.session : '';
  t.equal((await auth.identify(null, session)).kind, 'session');
  const changedPassword = createAuth({ store, password: 'new', sessionMs: 1_000, clock, log: silentLog });
  t.equal((await changedPassword.identify(null, session)).kind, 'nobody');
  clock.pass(1_000);
  t.equal((await auth.identify(null, session)).kind, 'nobody');
});

t.test('guessing is slowed down, told with Retry-After, and the log names the address but no guess', async (t) => {
  const { log, lines } = rememberingLog();
  const clock = stillClock();
  const auth = createAuth({ store: await openStore(t, clock), password: PASSWORD, sessionMs: 1_000, clock, log });
  const { authRoutes } = await import('../../src/http/auth-routes.ts');
  await using http = await openHttp({
    listen: { host: '127.0.0.1', port: 0 },
    publicUrl: null,
    trustedProxies: [],
    log,
    auth,
    routes: authRoutes(auth),
  });
  const guess = (password: string) => call(`${http.url}/api/login`, { method: POST, body: { password } });
  for (let n = 0; n < 5; n++)
    t.match(await guess(`my-guess-${n}`), { status: 401, json: { error: { code: 'unauthenticated' } } });
  const held = await guess(PASSWORD);
  t.match(held, { status: 429, json: { error: { code: 'too_many' } } }, 'even the right one waits now');
  t.equal(held.headers.get('retry-after'), '1');
  clock.pass(1_000);
  t.equal((await guess(PASSWORD)).status, 200);
  t.match(lines(), /wrong administrator password \{"address":"127.0.0.1"\}/);
  t.notMatch(lines(), /my-guess|correct horse/);
});

t.test('thirty guesses at once get no more tries than five', async (t) => {
  const { url } = await serve(t);
  const answers = await Promise.all(
    Array.from({ length: 30 }, (_, n) => call(`${url}/api/login`, { method: POST, body: { password: `x${n}` } })),
  );
  t.equal(answers.filter((one) => one.status === 401).length, 5);
  t.equal(answers.filter((one) => one.status === 429).length, 25);
});

t.test('tokens read or write by their scope, are told once, and stop at once when revoked', async (t) => {
  const { url } = await serve(t, { routes });
  const headers = { cookie: await logIn(url), origin: url };
  const made = await call(`${url}/api/tokens`, { method: POST, headers, body: { name: 'kitchen display' } });
  t.match(made, { status: 201, json: { name: 'kitchen display', scope: 'read', token: /^hg_[\w-]{43}$/ } });
  const { id, token } = made.json as { id: string; token: string };
  const reading = { authorization: `Bearer ${token}` };
  t.match(await call(`${url}/api/seen`, { headers: reading }), { status: 200, json: { caller: 'kitchen display' } });
  t.match(await call(`${url}/api/changed`, { method: POST, headers: reading }), {
    status: 403,
    json: { error: { code: 'denied' } },
  });
  t.match(await call(`${url}/api/tokens`, { method: POST, headers, body: { name: 'kitchen display' } }), { status: 409 });
  const writer = await call(`${url}/api/tokens`, { method: POST, headers, body: { name: 'script', scope: 'write' } });
  const writing = { authorization: `bearer ${(writer.json as { token: string }).token}` };
  t.match(
    await call(`${url}/api/changed`, { method: POST, headers: writing }),
    { status: 200 },
    'no origin is needed without a cookie',
  );
  t.match(
    await call(`${url}/api/tokens`, { method: POST, headers: writing, body: { name: 'child' } }),
    { status: 403 },
    'a token makes no token',
  );
  const list = await call(`${url}/api/tokens`, { headers });
  t.match(list.json, {
    tokens: [
      { name: 'kitchen display', scope: 'read' },
      { name: 'script', scope: 'write' },
    ],
  });
  t.notMatch(list.text, /hg_|digest/);
  t.equal((await call(`${url}/api/tokens/${id}`, { method: 'DELETE', headers })).status, 204);
  t.equal((await call(`${url}/api/tokens/${id}`, { method: 'DELETE', headers })).status, 404);
  t.equal((await call(`${url}/api/seen`, { headers: reading })).status, 401);
});

t.test('a wrong token is refused even beside a good cookie, but does not close public pages', async (t) => {
  const { auth, url } = await serve(t, { routes });
  const cookie = await logIn(url);
  for (const authorization of [
    'Bearer hg_unknown_unknown_unknown',
    'Bearer ',
    'Basic YTpi',
    'nonsense',
    `Bearer ${'x'.repeat(5_000)}`,
  ]) {
    const answer = await call(`${url}/api/seen`, { headers: { cookie, authorization } });
    t.equal(answer.status, 401, authorization.slice(0, 40));
    t.equal(answer.headers.get('www-authenticate'), 'Bearer');
    t.equal((await call(`${url}/api/me`, { headers: { authorization } })).status, 200);
  }
  const { authorization = '' } = await bearer(auth, 'read');
  const inUrl = await call(`${url}/api/seen?token=${authorization.slice(7)}&access_token=${authorization.slice(7)}`);
  t.equal(inUrl.status, 401, 'a token in a URL ends in logs, so it does not count');
});

t.test('under a public https address the cookie is Secure; from the LAN by http it works too', async (t) => {
  const { http, url } = await serve(t, { routes, publicUrl: 'https://hg.example' });
  const body = JSON.stringify({ password: PASSWORD });
  const headers = { 'content-type': 'application/json', host: 'hg.example' };
  const login = request({ port: http.port, path: '/api/login', method: POST, headers });
  login.end(body);
  const [answer] = (await once(login, 'response')) as [IncomingMessage];
  answer.resume();
  t.match(answer.headers['set-cookie'], [/^__Host-headgate=.*; Secure$/]);
  const cookie = await logIn(url);
  t.match(cookie, /^headgate=/);
  t.equal((await call(`${url}/api/seen`, { headers: { cookie } })).status, 200);
});

t.test('behind a trusted proxy with https the cookie is Secure and the client is the far one', async (t) => {
  const { url } = await serve(t, { trustedProxies: ['127.0.0.1/32'] });
  const headers = { 'x-forwarded-proto': 'https', 'x-forwarded-for': '203.0.113.9' };
  const answer = await call(`${url}/api/login`, { method: POST, headers, body: { password: PASSWORD } });
  t.match(answer.headers.get('set-cookie'), /^__Host-headgate=.*; Secure$/);
  for (let n = 0; n < 6; n++) await call(`${url}/api/login`, { method: POST, headers, body: { password: 'wrong' } });
  t.equal((await call(`${url}/api/login`, { method: POST, headers, body: { password: PASSWORD } })).status, 429);
  const neighbour = { ...headers, 'x-forwarded-for': '203.0.113.10' };
  t.equal((await call(`${url}/api/login`, { method: POST, headers: neighbour, body: { password: PASSWORD } })).status, 200);
});
