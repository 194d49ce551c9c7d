// `--once` acts and leaves it so; `--restore` puts everything back, with and without a running Headgate, and it stays off.
import t from 'tap';
import { observeHome } from '../../demo/home-observer.ts';
import { startSimulatedHome } from '../../demo/simulated-home.ts';
import { logIn } from './fixtures/api.ts';
import { runCommand } from './fixtures/run-command.ts';
import { until } from './fixtures/until.ts';
import { limitsOf, ORIGINALS, PEOPLE, watchFromOutside } from './fixtures/watched-home.ts';

t.test('--once and --restore', async (t) => {
  // A typed capacity: no router agent is needed, and none runs here.
  const home = await startSimulatedHome({ jellyfin: { users: PEOPLE }, withAgent: false, config: { uplink: { upload: 12 } } });
  t.teardown(() => home[Symbol.asyncDispose]());
  const command = (...args: string[]) => runCommand(['--config', home.configFile, ...args]);
  const isCapped = (): boolean => (limitsOf(home)['anna'] ?? 0) > 0;
  const viewer = await watchFromOutside(home);

  await t.test('--once acts on the one check and exits 0 (row 196)', async (t) => {
    const { code, stdout, stderr } = await command('--once');
    t.equal(code, 0, `${stdout}${stderr}`);
    t.match(stdout, /1 remote stream/);
    t.ok(isCapped(), 'the caps stay');
    t.ok((limitsOf(home)['torrents'] ?? 0) < 2_500 * 1024);
  });

  await t.test('--restore with nobody running puts everything back', async (t) => {
    const { code, stdout, stderr } = await command('--restore');
    t.equal(code, 0, stderr);
    t.match(stdout, /stays switched off/);
    t.same(limitsOf(home), ORIGINALS);
    const again = await command('--once');
    t.equal(again.code, 0, again.stdout + again.stderr);
    t.same(limitsOf(home), ORIGINALS, 'switched off: a later --once sets nothing');
  });

  await t.test(
    'the next start stays off until it is enabled; then --restore asks the running one, which stays off too',
    async (t) => {
      await home.start();
      const observer = await observeHome(home);
      t.teardown(() => observer[Symbol.asyncDispose]());
      await until('off', () => observer.state()?.mode === 'off', { show: observer.state });
      t.same(limitsOf(home), ORIGINALS);
      const api = await logIn(home);
      t.equal((await api.call('PATCH', '/api/bandwidth/settings', { enabled: true })).status, 200);
      await until('caps in force', isCapped);
      const { code, stdout, stderr } = await command('--restore');
      t.equal(code, 0, stderr);
      t.match(stdout, /stays switched off/);
      t.same(limitsOf(home), ORIGINALS);
      await until('off', () => observer.state()?.mode === 'off', { show: observer.state });
      t.equal((await fetch(`${home.httpUrl}/healthz`)).status, 200, 'it goes on running');
    },
  );

  await t.test('--once with a dead Jellyfin exits 1 and names it (rows 59, 187)', async (t) => {
    await home.controller.stop();
    await viewer.leave();
    await home.jellyfin.powerOff();
    const { code, stdout } = await command('--once');
    t.equal(code, 1);
    t.match(stdout, /PROBLEM main: /);
  });
});
