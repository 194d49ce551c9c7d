// The real pair comes and goes: daemon and web interface killed, frozen, started again, several daemons to choose from, a wrong account.
import { once } from 'node:events';
import { createServer } from 'node:net';
import t from 'tap';
import { startDeluge } from '../../../deploy/demo/deluge/start-deluge.ts';
import { systemClock } from '../../src/clock.ts';
import type { LimitSlot } from '../../src/neighbours/download-client.ts';
import { listen, patience } from '../qbittorrent/open-test-client.ts';
import { openBrowser, openTestClient } from './open-test-client.ts';
import { startListeningProxy } from './start-listening-proxy.ts';

const deluge = await startDeluge({ settings: { max_upload_speed: 700 } });
t.teardown(() => deluge[Symbol.asyncDispose]());

const upload: LimitSlot = { direction: 'upload', mode: 'normal' };
const states = (heard: { readonly health: readonly { readonly state: string }[] }) => heard.health.map(({ state }) => state);

t.test('the daemon is killed and started: told once each, and deluge-web is connected to it again', async (t) => {
  await using client = openTestClient(deluge.url);
  await using heard = listen(client);
  await heard.until('a reading', ({ readings }) => readings.length > 0);
  await client.changeLimit(upload, async () => 99 * 8_192, patience());
  await deluge.killDaemon();
  await heard.until('the outage', ({ health }) => health.at(-1)?.state === 'unreachable');
  t.match(
    heard.health.at(-1)?.problem,
    /deluge-web is not connected to a daemon; the daemon at 127\.0\.0\.1:\d+ does not answer/,
  );
  await t.rejects(client.check(patience()), { code: 'upstream_unreachable', message: /not connected to a daemon/ });
  await t.rejects(
    client.changeLimit(upload, async () => 8_192, patience()),
    { code: 'upstream_unreachable' },
  );
  const seen = heard.readings.length;
  await deluge.startDaemon();
  await heard.until('life', ({ readings }) => readings.length > seen);
  t.same(states(heard), ['starting', 'live', 'unreachable', 'live']);
  t.equal(heard.readings.at(-1)?.uploadLimitBps?.normal, 700 * 8_192, 'what was written less than 5 s before is lost');
});

t.test('a limit that was saved stands after a restart', async (t) => {
  await using client = openTestClient(deluge.url);
  await client.changeLimit(upload, async () => 98 * 8_192, patience());
  await deluge.stopDaemon();
  await deluge.startDaemon();
  t.match(await client.changeLimit(upload, async () => 700 * 8_192, patience()), { beforeBps: 98 * 8_192 });
});

t.test('the web interface is killed and started: its session and its connection are gone, and come again', async (t) => {
  await using client = openTestClient(deluge.url);
  await using heard = listen(client);
  await heard.until('a reading', ({ readings }) => readings.length > 0);
  await deluge.killWeb();
  await heard.until('the outage', ({ health }) => health.at(-1)?.state === 'unreachable');
  t.match(heard.health.at(-1)?.problem, /refuses connections/);
  const seen = heard.readings.length;
  await deluge.startWeb();
  await heard.until('life', ({ readings }) => readings.length > seen);
  t.same(states(heard), ['starting', 'live', 'unreachable', 'live']);
});

t.test('a daemon that is mute is given up on in time, and its end under a request leaves nobody waiting', async (t) => {
  await using client = openTestClient(deluge.url, { timeoutMs: 400 });
  await client.check(patience());
  deluge.freezeDaemon(true);
  await t.rejects(client.check(patience()), {
    code: 'timeout',
    message: /deluge-web answers, but the daemon behind it does not/,
  });
  const stop = new AbortController();
  const started = systemClock.monotonic();
  const changing = client.changeLimit(upload, async () => 8_192, stop.signal);
  setTimeout(() => stop.abort(), 50);
  await t.rejects(changing, { name: 'AbortError' });
  t.ok(systemClock.monotonic() - started < 400 * 10);
  const left = client.check(patience());
  await deluge.killDaemon();
  await t.rejects(left, { name: 'ControllerError' });
  await t.rejects(client.check(patience()), { code: 'upstream_unreachable', message: /not connected to a daemon/ });
  await deluge.startDaemon();
  t.match(await client.check(patience()), /^Deluge 2/);
});

t.test('a daemon that is mute while it is connected to is told apart as well, and recovers', async (t) => {
  await using client = openTestClient(deluge.url, { timeoutMs: 400 });
  const browser = await openBrowser(deluge.url);
  deluge.freezeDaemon(true);
  await browser('web.disconnect');
  const stop = AbortSignal.timeout(1_500);
  await t.rejects(client.check(stop));
  deluge.freezeDaemon(false);
  await using heard = listen(client);
  await heard.until('life', ({ readings }) => readings.length > 0);
  t.equal(heard.health.at(-1)?.state, 'live');
});

t.test('a wrong account in its Connection Manager is told, and deluge-web not left connected as nobody', async (t) => {
  await using proxy = await startListeningProxy(deluge.url);
  await using client = openTestClient(proxy.url);
  const browser = await openBrowser(deluge.url);
  const [[id, address, port, user]] = await browser('web.get_hosts');
  await browser('web.disconnect');
  await browser('web.edit_host', id, address, port, 'stranger', 'wrong');
  await t.rejects(client.check(patience()), { code: 'upstream_refused', message: /refuses the user or password in deluge-web/ });
  t.equal(await browser('web.connected'), false);
  await browser('web.edit_host', id, address, port, user, '');
  t.match(await client.check(patience()), /^Deluge 2/, 'it is looked at again');
});

t.test('of several daemons none is guessed at; a hand connection, the default or the only one is taken', async (t) => {
  await using client = openTestClient(deluge.url);
  const browser = await openBrowser(deluge.url);
  const [[id]] = await browser('web.get_hosts');
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const deaf = listener.address();
  listener.close();
  const [, other] = await browser('web.add_host', '127.0.0.1', typeof deaf === 'object' ? deaf?.port : 0);
  t.match(await client.check(patience()), /^Deluge 2/, 'connected by hand');
  await browser('web.disconnect');
  await t.rejects(client.check(patience()), {
    code: 'upstream_unreachable',
    message: /knows several \(127\.0\.0\.1:\d+, 127\.0\.0\.1:\d+\): connect it in its Connection Manager/,
  });
  await browser('web.set_config', { default_daemon: other });
  await t.rejects(client.check(patience()), { code: 'upstream_unreachable', message: /does not answer/ });
  t.equal(await browser('web.connected'), false, 'the default is down: not the other one instead');
  await browser('web.set_config', { default_daemon: id });
  t.match(await client.check(patience()), /^Deluge 2/);
  await browser('web.set_config', { default_daemon: '' });
  await browser('web.disconnect');
  await browser('web.remove_host', other);
  t.match(await client.check(patience()), /^Deluge 2/, 'the only one');
  await browser('web.disconnect');
  await browser('web.remove_host', id);
  await t.rejects(client.check(patience()), { code: 'upstream_unreachable', message: /knows none/ });
});
