// The server as a whole: keys, TLS, odd answers, users, rules, the line of --test.
import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createPlain, request as plainRequest, type RequestListener, type Server } from 'node:http';
import { createServer as createTls } from 'node:https';
import t, { type Test } from 'tap';
import { WebSocketServer } from 'ws';
import { startJellyfinSimulator } from '../../../deploy/demo/jellyfin/jellyfin-simulator.ts';
import type { MediaServer } from '../../src/neighbours/media-server.ts';
import { jellyfinAsNeighbour } from '../../src/wiring/jellyfin-as-neighbour.ts';
import { openTest, until, watched } from './neighbours.ts';

const NEVER = new AbortController().signal;

const listening = async (server: Server, scheme: 'http' | 'https'): Promise<string> => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return `${scheme}://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
};

t.test('it is what the bandwidth feature asks for', async (t) => {
  await using server = openTest({ url: 'http://127.0.0.1:1', apiKey: 'k' });
  const fits: MediaServer = jellyfinAsNeighbour(server);
  t.match(fits, { name: 'main', type: 'jellyfin', onUplink: true });
});

t.test('one line about a server that works', async (t) => {
  await using sim = await startJellyfinSimulator({ serverName: 'vm', userCount: 6 });
  await using server = openTest(sim);
  t.equal(await server.check(NEVER), 'Jellyfin 12.0.0 "vm", 7 users');
  t.ok(sim.requests().every(({ changing }) => !changing));
});

t.test('a wrong key is named as such, and never shown', async (t) => {
  await using sim = await startJellyfinSimulator();
  await using server = openTest({ url: sim.url, apiKey: 'wrong-key-4711' });
  for (const call of [server.check(NEVER), server.users(NEVER), server.changeUserLimit('x', async () => 1, NEVER)]) {
    const error = await call.then(
      () => null,
      (reason: unknown) => reason,
    );
    t.match(error, { code: 'upstream_refused', message: /"main": the API key is not accepted/ });
    t.notMatch(`${error} ${JSON.stringify(error)}`, /4711/);
  }
  t.ok(sim.requests().length <= 3);
  sim.forgetRequests();
  await t.rejects(server.users(NEVER), { code: 'upstream_refused' });
  t.equal(sim.requests().length, 0, 'a refused key is not sent again for a while');
});

t.test('a server that is not there, or not one', async (t) => {
  const gone = await startJellyfinSimulator();
  await gone[Symbol.asyncDispose]();
  await using dead = openTest(gone);
  await t.rejects(dead.check(NEVER), { code: 'upstream_unreachable', message: /"main" refuses connections/ });
  const web = createPlain((_request, response) => response.setHeader('content-type', 'text/html').end('<html>router</html>'));
  t.teardown(() => web.close());
  const url = await listening(web, 'http');
  await using stranger = openTest({ url, apiKey: 'k' });
  await t.rejects(stranger.check(NEVER), { code: 'upstream_failed', message: /no JSON/ });
  t.throws(() => openTest({ url: 'jellyfin', apiKey: 'k' }), { code: 'config_invalid' });
  t.throws(() => openTest({ url, apiKey: 'k' }, { tls: { fingerprint256: 'abc' } }), { code: 'config_invalid' });
});

t.test('a server that is too old says so', async (t) => {
  const old = createPlain((_request, response) => response.end('{"Version":"10.8.13","ServerName":"attic"}'));
  t.teardown(() => old.close());
  await using server = openTest({ url: await listening(old, 'http'), apiKey: 'k' });
  await t.rejects(server.check(NEVER), { code: 'upstream_failed', message: /10\.8\.13.*10\.10/ });
});

t.test('an answer without an end is cut', async (t) => {
  const flood = createPlain((_request, response) => {
    const more = () => {
      while (!response.destroyed && response.write(' '.repeat(1 << 20)));
      if (!response.destroyed) response.once('drain', more);
    };
    more();
  });
  t.teardown(() => flood.close());
  await using server = openTest({ url: await listening(flood, 'http'), apiKey: 'k' });
  await t.rejects(server.users(NEVER), { code: 'upstream_failed', message: /more than 33554432 bytes/ });
  flood.closeAllConnections();
});

t.test('users, as far as they matter here', async (t) => {
  const users = [
    { name: 'anna', limitBps: 5_000_000 },
    { name: 'ben', policy: { EnableRemoteAccess: false, IsDisabled: true } },
    { name: 'cleo', limitBps: -1, policy: { EnableMediaPlayback: false } },
  ];
  await using sim = await startJellyfinSimulator({ users });
  await using server = openTest(sim);
  const list = await server.users(NEVER);
  const common = { limitBps: 0, isAdministrator: false, isDisabled: false, mayWatchRemotely: true };
  t.match(
    list.map(({ id: _, ...user }) => user),
    [
      { ...common, name: 'admin', isAdministrator: true },
      { ...common, name: 'anna', limitBps: 5_000_000 },
      { ...common, name: 'ben', isDisabled: true, mayWatchRemotely: false },
      { ...common, name: 'cleo', limitBps: -1, mayWatchRemotely: false },
    ],
  );
  t.equal(list.find(({ name }) => name === 'anna')?.id, sim.users.byName('anna')?.id);
});

t.test('rules: all at first, then one request at a time', async (t) => {
  const network = { LocalNetworkSubnets: ['10.0.0.0/8', '!10.9.0.0/16'], KnownProxies: ['127.0.0.1'], EnableIPv6: true };
  await using sim = await startJellyfinSimulator({ serverLimitBps: 20_000_000, network });
  await using server = openTest(sim);
  const rules = {
    limitBps: 20_000_000,
    localSubnets: network.LocalNetworkSubnets,
    enableIPv6: true,
    knownProxies: ['127.0.0.1'],
    version: '12.0.0',
  };
  t.same(await server.rules(NEVER), rules);
  sim.forgetRequests();
  sim.settings.configuration = { ...sim.settings.configuration, RemoteClientBitrateLimit: 7_000_000 };
  sim.settings.network = { ...sim.settings.network, EnableIPv6: false };
  t.same(await server.rules(NEVER), { ...rules, limitBps: 7_000_000 });
  t.equal(sim.requests().length, 1);
  t.same(await server.rules(NEVER), { ...rules, limitBps: 7_000_000, enableIPv6: false });
  t.equal(sim.requests().length, 2);
  sim.inject({ path: /Configuration$/, answer: 500 });
  await t.rejects(server.rules(NEVER), { code: 'upstream_failed' });
  t.same(await server.rules(NEVER), { ...rules, limitBps: 7_000_000, enableIPv6: false }, 'whole again after a failure');
  await sim.powerOff();
  await t.rejects(server.users(NEVER), { code: 'upstream_unreachable' });
  await sim.powerOn();
  sim.forgetRequests();
  await server.rules(NEVER);
  t.equal(sim.requests().length, 3, 'and after an outage');
});

t.test('a base path, and nothing but the one header', async (t) => {
  await using sim = await startJellyfinSimulator({ users: [{ name: 'anna' }] });
  const seen: { url: string; headers: Record<string, unknown> }[] = [];
  const forward: RequestListener = (request, response) => {
    seen.push({ url: request.url ?? '', headers: request.headers });
    if (!request.url?.startsWith('/jelly/')) return void response.writeHead(404).end();
    const to = plainRequest(
      sim.url + request.url.slice('/jelly'.length),
      { method: request.method, headers: request.headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      },
    );
    request.pipe(to);
  };
  const proxy = createPlain(forward);
  t.teardown(() => proxy.close());
  await using server = openTest({ url: `${await listening(proxy, 'http')}/jelly/`, apiKey: sim.apiKey }, { version: '0.1.0' });
  t.match(await server.check(NEVER), /2 users/);
  const anna = sim.users.byName('anna')?.id ?? '';
  await server.changeUserLimit(anna, async () => 4_000_000, NEVER);
  t.equal(sim.limitOf('anna'), 4_000_000);
  const header = `MediaBrowser Token="${sim.apiKey}", Client="Headgate", Device="Headgate", DeviceId="headgate-test", Version="0.1.0"`;
  for (const { url, headers } of seen) {
    t.equal(headers['authorization'], header);
    t.notMatch(url, sim.apiKey);
    t.notMatch(Object.keys(headers).join(), /emby|mediabrowser|token/i);
  }
});

t.test('an IPv6 literal, for HTTP and for the socket', async (t) => {
  const http = createPlain((request, response) => {
    const body = request.url === '/base/Sessions' ? [] : { Version: '12.0.0' };
    response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
  });
  http.listen(0, '::1');
  const up = await Promise.race([once(http, 'listening').then(() => true), once(http, 'error').then(() => false)]);
  if (!up) {
    t.pass('this machine has no IPv6');
    return;
  }
  const sockets = new WebSocketServer({ server: http, path: '/base/socket' });
  const address = http.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const watch = watched(openTest({ url: `http://[::1]:${port}/base/`, apiKey: 'k' }));
  await until('live', () => watch.ear.state() === 'live');
  t.equal(sockets.clients.size, 1);
  await watch[Symbol.asyncDispose]();
  http.close();
});

const selfSigned = (t: Test) => {
  const folder = t.testdir();
  const [key, cert] = [`${folder}/key.pem`, `${folder}/cert.pem`];
  const name = ['-subj', '/CN=jelly.home', '-addext', 'subjectAltName=IP:127.0.0.1'];
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', key, '-out', cert, ...name],
    { stdio: 'pipe' },
  );
  return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
};
t.test('https with a self-signed certificate: refused, pinned, by its CA, or allowed', async (t) => {
  await using sim = await startJellyfinSimulator({ users: [{ name: 'anna' }] });
  const { key, cert } = selfSigned(t);
  let asked = 0;
  const tls = createTls({ key, cert }, (request, response) => {
    asked += 1;
    const to = plainRequest(sim.url + request.url, { method: request.method, headers: request.headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    request.pipe(to);
  });
  tls.on('upgrade', (request, socket) => {
    asked += 1;
    const to = plainRequest(sim.url + request.url, { headers: request.headers });
    to.on('upgrade', (answer, upstream) => {
      const lines = Object.entries(answer.headers).map(([name, value]) => `${name}: ${value}`);
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('\r\n')}\r\n\r\n`);
      upstream.pipe(socket).pipe(upstream);
      for (const end of [socket, upstream]) end.on('error', () => {});
    });
    to.end();
  });
  t.teardown(() => {
    tls.closeAllConnections();
    tls.close();
  });
  const target = { url: await listening(tls, 'https'), apiKey: sim.apiKey };
  const fingerprint256 = new X509Certificate(cert).fingerprint256;

  for (const trust of [undefined, {}, { fingerprint256: 'ab'.repeat(32) }]) {
    const watch = watched(openTest(target, { tls: trust }));
    await until('told', () => watch.ear.state() !== null);
    t.match(watch.ear.states, [{ state: 'unreachable', problem: /certificate/ }]);
    await watch[Symbol.asyncDispose]();
  }
  t.equal(asked, 0, 'not one request, so no key, reached a server that is not trusted');

  for (const trust of [
    { fingerprint256 },
    { fingerprint256: fingerprint256.replaceAll(':', '').toLowerCase() },
    { ca: cert },
    { verify: false },
  ]) {
    await using watch = watched(openTest(target, { tls: trust }));
    await until(`live with ${Object.keys(trust)}`, () => watch.ear.state() === 'live');
  }
});
