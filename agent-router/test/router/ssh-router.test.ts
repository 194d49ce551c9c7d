// What is special about ssh: the pinned key, logins, losses.

import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import t from 'tap';
import { noDropbear, startDropbear } from '../../../deploy/demo/router/real-dropbear.ts';
import { startRouterSimulator } from '../../../deploy/demo/router/start-router-simulator.ts';
import { createSshRouter } from '../../src/router/ssh-router.ts';
import { sshTarget } from './router-ways.ts';

// Real programs on a machine that others use as well.
t.setTimeout(120_000);

t.test('logs in with a key alone', async (t) => {
  await using sim = await startRouterSimulator();
  await using router = createSshRouter(sshTarget(sim, { password: undefined, privateKey: sim.privateKey }));
  t.match(await router.counters(['eth1']), { devices: { eth1: { carrier: true } } });
});

t.test('refuses a host key that is not pinned, and says the one it saw, before a password is sent', async (t) => {
  await using sim = await startRouterSimulator();
  for (const hostKeys of [[], [`SHA256:${'A'.repeat(43)}`]]) {
    await using router = createSshRouter(sshTarget(sim, { hostKeys }));
    const error: Error = await router.board().then(
      () => t.fail('accepted'),
      (thrown) => thrown,
    );
    t.match(error, { code: 'refused' });
    t.match(error.message, sim.hostKeyFingerprint);
    t.notMatch(JSON.stringify([error.message, String(error.cause)]), sim.password);
  }
});

t.test('tells a wrong password from an unreachable router', async (t) => {
  await using sim = await startRouterSimulator();
  await using wrong = createSshRouter(sshTarget(sim, { password: 'not-it' }));
  await t.rejects(wrong.board(), { code: 'refused', message: /refused the login/ });
  await sim.cut();
  await using dead = createSshRouter(sshTarget(sim));
  await t.rejects(dead.board(), { code: 'unreachable' });
});

t.test('a router that takes the connection and says nothing is given up within 10 s', async (t) => {
  const mute = createServer(() => {}).listen(0, '127.0.0.1');
  await once(mute, 'listening');
  await using sim = await startRouterSimulator();
  await using router = createSshRouter(sshTarget(sim, { port: (mute.address() as AddressInfo).port }));
  const since = performance.now();
  await t.rejects(router.board(), { code: 'timeout' });
  t.ok(performance.now() - since < 10_500);
  mute.close();
});

t.test('a loss is an error at once, and the next question connects anew', async (t) => {
  await using sim = await startRouterSimulator();
  await using router = createSshRouter(sshTarget(sim));
  await router.counters(['eth1']);
  const asked = router.counters(['eth1']);
  await sim.cut();
  await asked.then(
    () => t.pass('answered before the cut'),
    (error) => t.match(error, { code: 'unreachable' }),
  );
  await t.rejects(router.counters(['eth1']), { code: 'unreachable' });
  await sim.heal();
  t.match(await router.counters(['eth1']), { devices: { eth1: { carrier: true } } });
});

t.test('a silent router is a timeout, and the late answer is never taken for another', async (t) => {
  await using sim = await startRouterSimulator();
  await using router = createSshRouter(sshTarget(sim));
  await router.counters(['eth1']);
  sim.freeze();
  await t.rejects(router.counters(['eth1']), { code: 'timeout' });
  await sim.heal();
  t.same(
    (await router.interfaces()).map((one) => one.interface),
    ['lan', 'loopback', 'wan', 'wanb'],
  );
});

t.test('questions asked at once are answered each with its own answer', async (t) => {
  await using sim = await startRouterSimulator();
  await using router = createSshRouter(sshTarget(sim));
  const [counters, board, dump, sqm] = await Promise.all([
    router.counters(['eth1']),
    router.board(),
    router.interfaces(),
    router.sqm(),
  ]);
  t.match([counters, board, dump.length, sqm], [{ devices: { eth1: {} } }, { hostname: 'OpenWrt' }, 4, { rateTool: false }]);
});

t.test(
  'a real dropbear: wrong password, changed host key, killed under the agent and back',
  { skip: noDropbear() ?? false },
  async (t) => {
    await using sim = await startRouterSimulator();
    sim.refresh();
    const first = await startDropbear(sim, '');
    const target = sshTarget(sim, {
      port: first.port,
      username: first.username,
      password: first.password,
      hostKeys: [first.hostKeyFingerprint],
    });
    await using wrong = createSshRouter({ ...target, password: 'not-it' });
    await t.rejects(wrong.board(), { code: 'refused' });
    await using changed = createSshRouter({ ...target, hostKeys: [`SHA256:${'B'.repeat(43)}`] });
    await t.rejects(changed.board(), { code: 'refused' });
    await using router = createSshRouter(target);
    t.match(await router.board(), { hostname: 'OpenWrt' });
    await first[Symbol.asyncDispose]();
    // The listener is dead; the session's own process lives on until it is asked to go.
    t.match(await router.board(), { hostname: 'OpenWrt' });
  },
);
