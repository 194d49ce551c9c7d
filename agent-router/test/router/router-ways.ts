// Each way to the same simulated router, opened for a test.

import { startDropbear } from '../../../deploy/demo/router/real-dropbear.ts';
import {
  type RouterSimulator,
  type RouterSimulatorOptions,
  startRouterSimulator,
} from '../../../deploy/demo/router/start-router-simulator.ts';
import { createLocalRouter } from '../../src/router/local-router.ts';
import type { Router } from '../../src/router/router.ts';
import type { SshTarget } from '../../src/router/ssh-connect.ts';
import { createSshRouter } from '../../src/router/ssh-router.ts';
import { createUbusRouter } from '../../src/router/ubus-router.ts';

export type OpenedWay = AsyncDisposable & { readonly sim: RouterSimulator; readonly router: Router };
export type Way = 'local' | 'ssh' | 'ubus' | 'dropbear';

export const sshTarget = (sim: RouterSimulator, change: Partial<SshTarget> = {}): SshTarget => ({
  host: '127.0.0.1',
  port: sim.sshPort,
  username: sim.username,
  password: sim.password,
  privateKey: undefined,
  passphrase: undefined,
  hostKeys: [sim.hostKeyFingerprint],
  ...change,
});

export const ubusRouter = (
  sim: RouterSimulator,
  change: { password?: string; url?: string; pin?: string; ca?: string } = {},
): Router =>
  createUbusRouter(
    { url: sim.ubusUrl, username: sim.username, password: sim.password, tls: { ca: change.ca, pin: change.pin }, ...change },
    () => performance.now(),
  );

/** Opens the simulator and one way to it. Files are refreshed before each question where the way does not do so itself. */
export async function openWay(way: Way, options: RouterSimulatorOptions = {}): Promise<OpenedWay> {
  const sim = await startRouterSimulator({ mayWrite: true, ...options });
  const stack = new AsyncDisposableStack();
  stack.use(sim);
  const router = stack.use(await routerOf(way, sim, stack));
  return { sim, router, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

async function routerOf(way: Way, sim: RouterSimulator, stack: AsyncDisposableStack): Promise<Router> {
  if (way === 'ssh') return createSshRouter(sshTarget(sim));
  if (way === 'ubus') return ubusRouter(sim);
  if (way === 'local') return refreshing(sim, createLocalRouter({ root: sim.root, path: sim.shell.path }));
  const { port, username, password, hostKeyFingerprint } = stack.use(await startDropbear(sim, ''));
  return refreshing(sim, createSshRouter(sshTarget(sim, { port, username, password, hostKeys: [hostKeyFingerprint] })));
}

const refreshing = (sim: RouterSimulator, router: Router): Router =>
  new Proxy(router, {
    get(target, key: keyof Router) {
      sim.refresh();
      return target[key];
    },
  });
