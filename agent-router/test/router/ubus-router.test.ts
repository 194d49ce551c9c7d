// What is special about ubus: sessions, two forms of refusal, HTTP that is always 200, TLS.

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createHttp } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { startRouterSimulator } from '../../../deploy/demo/router/start-router-simulator.ts';
import type { Acl } from '../../../deploy/demo/router/ubus-rights.ts';
import { ubusRouter } from './router-ways.ts';

const shipped = JSON.parse(readFileSync(join(import.meta.dirname, '../../../deploy/openwrt/headgate-acl.json'), 'utf8')) as Acl;

t.test('a wrong password is refused after one try', async (t) => {
  await using sim = await startRouterSimulator();
  await using router = ubusRouter(sim, { password: 'not-it' });
  await t.rejects(router.board(), { code: 'refused', message: /wrong name or password/ });
  t.same(sim.ubusCalls(), ['session login']);
});

t.test('one login serves many calls, an expired session costs one more, and none is left behind', async (t) => {
  await using sim = await startRouterSimulator();
  const router = ubusRouter(sim);
  for (let i = 0; i < 5; i += 1) await router.counters(['eth1']);
  t.equal(sim.ubusCalls().filter((call) => call === 'session login').length, 1);
  sim.forgetSessions();
  t.match(await router.counters(['eth1']), { devices: { eth1: { carrier: true } } });
  t.equal(sim.ubusCalls().filter((call) => call === 'session login').length, 2);
  await router[Symbol.asyncDispose]();
  t.equal(sim.ubusSessions(), 0);
});

t.test('a missing grant is named and does not become a loop of logins', async (t) => {
  const group = shipped['headgate'];
  const { 'network.interface': _, ...ubus } = group?.read.ubus ?? {};
  await using sim = await startRouterSimulator({ acl: { headgate: { read: { ...group?.read, ubus }, write: {} } } });
  await using router = ubusRouter(sim);
  for (let i = 0; i < 4; i += 1)
    await t.rejects(router.interfaces(), { code: 'denied', message: /network.interface dump is not granted to headgate/ });
  t.ok(sim.ubusCalls().filter((call) => call === 'session login').length <= 2);
  t.match(await router.board(), { hostname: 'OpenWrt' }, 'what is granted goes on');
});

t.test('without the uci half of a grant, and without write, it says so; the offload flag is unknown', async (t) => {
  const read = { ...shipped['headgate']?.read, uci: ['network'] };
  await using sim = await startRouterSimulator({ acl: { headgate: { read, write: {} } } });
  await using router = ubusRouter(sim);
  await t.rejects(router.sqm(), { code: 'denied', message: /uci get sqm/ });
  await t.rejects(router.setRate({ section: 'eth1', uploadKbit: 1000, downloadKbit: null }), {
    code: 'denied',
    message: /uci set sqm/,
  });
  t.equal(await router.hardwareOffload(), null);
});

t.test('without the grant for /proc/uptime the agent times the samples itself', async (t) => {
  const read = { ...shipped['headgate']?.read, file: {} };
  await using sim = await startRouterSimulator({ acl: { headgate: { read, write: {} } } });
  await using router = ubusRouter(sim);
  const { uptimeS, clockS } = await router.counters(['eth1']);
  t.ok(Number.isInteger(uptimeS) && uptimeS > 1000);
  t.not(clockS, uptimeS);
  t.match(await router.sqm(), { sections: [{ name: 'eth1' }], qdiscs: null });
});

t.test('a cut is unreachable, silence a timeout, and both heal', async (t) => {
  await using sim = await startRouterSimulator();
  await using router = ubusRouter(sim);
  await router.board();
  await sim.cut();
  await t.rejects(router.board(), { code: 'unreachable' });
  await sim.heal();
  await router.board();
  sim.freeze();
  await t.rejects(router.board(), { code: 'timeout' });
  await sim.heal();
  t.match(await router.board(), { hostname: 'OpenWrt' });
});

const strange: readonly (readonly [string, number, string, RegExp])[] = [
  ['no /ubus at all', 404, '', /uhttpd-mod-ubus/],
  ['a page instead of JSON', 200, '<html>', /not JSON/],
  ['an object instead of a list', 200, '{}', /ubus/],
  ['too few answers', 200, '[]', /0 answers/],
  ['a megabyte', 200, ' '.repeat(1_000_000), /more than/],
];
for (const [what, status, body, message] of strange)
  t.test(`${what} is a clear error`, async (t) => {
    const server = createHttp((_, response) => response.writeHead(status).end(body)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    await using sim = await startRouterSimulator();
    await using router = ubusRouter(sim, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/ubus` });
    await t.rejects(router.board(), { code: 'bad_answer', message });
    server.close();
  });

t.test("https: the router's own certificate only by its pin or CA", async (t) => {
  const file = (name: string): string => readFileSync(join(import.meta.dirname, '../fixtures', name), 'utf8');
  let asked = 0;
  const server = createHttps({ key: file('tls-key.pem'), cert: file('tls-cert.pem') }, (_, response) => {
    asked += 1;
    response.end(JSON.stringify([{ jsonrpc: '2.0', id: 0, result: [6] }]));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/ubus`;
  await using sim = await startRouterSimulator();
  for (const change of [{}, { pin: 'a'.repeat(64) }]) {
    await using router = ubusRouter(sim, { url, ...change });
    await t.rejects(router.board(), { code: 'refused' });
  }
  t.equal(asked, 0, 'no password left before the certificate was trusted');
  const { X509Certificate } = await import('node:crypto');
  for (const change of [{ pin: new X509Certificate(file('tls-cert.pem')).fingerprint256 }, { ca: file('tls-cert.pem') }]) {
    await using router = ubusRouter(sim, { url, ...change });
    await t.rejects(router.board(), { message: /wrong name or password/ });
  }
  t.equal(asked, 2);
  server.close();
});
