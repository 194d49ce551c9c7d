// The server as a whole: headers, tokens, odd answers, the line of --test.
import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import t from 'tap';
import { startPlexSimulator } from '../../../deploy/demo/plex/plex-simulator.ts';
import { until, watched } from '../neighbours/watched.ts';
import { listening, openTest } from './watched-plex.ts';

const NEVER = new AbortController().signal;

/** A stranger, or a Plex seen through something odd. */
const answering = async (answer: (request: IncomingMessage) => string | number) => {
  const http = createServer((request, response) => {
    const said = answer(request);
    if (typeof said === 'number') response.statusCode = said;
    response.end(typeof said === 'string' ? said : '<html>router</html>');
  });
  return await listening(http);
};

t.test('one line about a server that works, and nothing is written', async (t) => {
  await using sim = await startPlexSimulator({ version: '1.41.2.9200-c6bbc1b53', friendlyName: 'attic', listDelayMs: 0 });
  await using server = openTest(sim);
  t.equal(await server.check(NEVER), 'Plex 1.41.2 "attic", 0 sessions');
  await sim.viewer({ user: 'anna' }).play();
  await until('listed', () => sim.traffic().upBps > 0);
  await new Promise((resolve) => setTimeout(resolve, 20));
  t.equal(await server.check(NEVER), 'Plex 1.41.2 "attic", 1 session');
  sim.setPreference('WanPerStreamMaxUploadRate', 8000);
  await using limiting = openTest(sim, { limitStreams: true });
  t.equal(await limiting.check(NEVER), 'Plex 1.41.2 "attic", 1 session, limit per stream 8 Mbit/s');
  t.ok(sim.requests().every(({ method }) => method === 'GET'));
});

t.test('each request has the token in a header, asks for JSON and says who asks', async (t) => {
  await using sim = await startPlexSimulator();
  await using watch = watched(openTest(sim, { limitStreams: true }));
  await until('live', () => watch.ear.state() === 'live');
  await using server = openTest(sim);
  await server.check(NEVER);
  t.ok(sim.requests().some(({ status }) => status === 101));
  for (const { headers, path } of sim.requests()) {
    t.match(
      headers,
      {
        'x-plex-token': '(secret)',
        accept: 'application/json',
        'x-plex-client-identifier': 'headgate-test',
        'x-plex-product': 'Headgate',
        'x-plex-version': '1.2.3',
      },
      path,
    );
  }
  t.equal(sim.secretsInUrls(), 0);
});

t.test("a wrong token and a shared user's are named as such, and never shown", async (t) => {
  for (const guestStatus of [401, 403] as const) {
    await using sim = await startPlexSimulator({ guestStatus });
    for (const token of ['wrong-4711', sim.guestToken]) {
      await using server = openTest({ url: sim.url, token });
      const error = await server.check(NEVER).catch((reason: unknown) => reason);
      t.match(error, { code: 'upstream_refused', message: /"cinema": the token was refused .*owner/ });
      t.notMatch(`${error} ${JSON.stringify(error)}`, new RegExp(token));
      const asked = sim.requests().length;
      await t.rejects(server.check(NEVER), { code: 'upstream_refused' });
      t.equal(sim.requests().length, asked + 1, 'a refused token is not tried again for a while');
    }
  }
});

t.test('a server that is not there, is none, or is seen through something odd', async (t) => {
  await using dead = openTest({ url: 'http://127.0.0.1:1', token: 'k' });
  await t.rejects(dead.check(NEVER), { code: 'upstream_unreachable', message: /"cinema" refuses connections/ });
  for (const said of ['<html>router</html>', '{"Version":"12.0.0"}', 404, 401]) {
    await using http = await answering(() => said);
    await using stranger = openTest(http);
    await t.rejects(stranger.check(NEVER), { code: 'upstream_failed', message: /no Plex Media Server answers there/ });
  }
  const identity = '{"MediaContainer":{"machineIdentifier":"m","version":"1.41.2"}}';
  const bodies: readonly (readonly [string, RegExp])[] = [
    ['<?xml version="1.0"?><MediaContainer size="0"></MediaContainer>', /XML.*Accept/],
    ['{}', /not as Plex does/],
    ['{"MediaContainer":{"size":2}}', /2 sessions, none of which can be read/],
  ];
  for (const [body, sentence] of bodies) {
    await using http = await answering(({ url }) => (url === '/identity' ? identity : body));
    await using odd = openTest(http);
    await t.rejects(odd.check(NEVER), { code: 'upstream_failed', message: sentence });
  }
  t.throws(() => openTest({ url: 'plex', token: 'k' }), { code: 'config_invalid' });
});

t.test('a base path with a trailing slash', async (t) => {
  await using sim = await startPlexSimulator({ basePath: '/plex' });
  await using server = openTest({ url: `${sim.url.replace(/\/+$/, '').replace(/\/plex$/, '')}/plex/`, token: sim.token });
  t.match(await server.check(NEVER), /^Plex /);
  await using watch = watched(openTest(sim));
  await until('live', () => watch.ear.state() === 'live');
});

t.test('a pinned certificate is looked at before the token is sent, at HTTP and at the socket', async (t) => {
  const dir = t.testdir();
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=plex'],
      ...['-keyout', `${dir}/key.pem`, '-out', `${dir}/cert.pem`],
    ],
    { stdio: 'ignore' },
  );
  const cert = readFileSync(`${dir}/cert.pem`, 'utf8');
  await using sim = await startPlexSimulator({ tls: { key: readFileSync(`${dir}/key.pem`, 'utf8'), cert } });
  await using plain = openTest(sim);
  await t.rejects(plain.check(NEVER), { code: 'upstream_unreachable', message: /self-signed/ });
  await using wrong = watched(openTest(sim, { tls: { fingerprint256: '0'.repeat(64) } }));
  await until('refused', () => wrong.ear.state() !== null);
  t.match(wrong.ear.states[0], { state: 'unreachable', problem: /another certificate than the pinned one/ });
  t.same(sim.requests(), [], 'nothing reached it');
  await using right = watched(openTest(sim, { tls: { fingerprint256: new X509Certificate(cert).fingerprint256 } }));
  await until('live', () => right.ear.state() === 'live');
});
