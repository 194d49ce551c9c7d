// The main promise with real processes: caps land when somebody watches, and everybody gets back what they had, however Headgate ends.
import t from 'tap';
import { until } from './fixtures/until.ts';
import { limitsOf, ORIGINALS, startWatchedHome, watchFromOutside } from './fixtures/watched-home.ts';

t.test('caps land, and come back', async (t) => {
  const { home, observer } = await startWatchedHome(t);
  const capped = (): boolean => {
    const { anna = 0, torrents = 0 } = limitsOf(home);
    return anna > 0 && torrents < 2_500 * 1024;
  };
  t.same(limitsOf(home)['torrents'], ORIGINALS['torrents'], 'nobody watches: the torrents are as their owner set them');
  const viewer = await watchFromOutside(home);

  await t.test('a remote viewer carries a cap and the torrents give way, until Headgate ends (rows 5, 48, 177)', async (t) => {
    const ms = await until('caps in force', capped, { show: () => limitsOf(home) });
    t.comment(`caps in force ${Math.round(ms)} ms after "playing"`);
    t.ok((limitsOf(home)['anna'] ?? 0) <= 50_000_000);
    t.ok((limitsOf(home)['ben'] ?? 0) <= 8_000_000, 'never looser than his own');
  });

  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    await t.test(`${signal}: stops at once, all as it was before (rows 58, 60, 198)`, async (t) => {
      await until('caps in force', capped, { show: () => limitsOf(home) });
      const from = performance.now();
      // Ctrl-C reaches it from the terminal and once more by npm: the second one must not cut the first one short.
      process.kill(home.controller.pid ?? 0, signal);
      process.kill(home.controller.pid ?? 0, signal);
      const code = await home.controller.stop();
      const ms = performance.now() - from;
      t.equal(code, 0);
      t.comment(`${Math.round(ms)} ms`);
      t.ok(ms < 7_000, 'the 8 s that a stop may take are not needed');
      t.same(limitsOf(home), ORIGINALS);
      await home.controller.start();
      await until('the new one knows the capacity', () => (observer.state()?.capacity_up_bps ?? null) !== null);
    });
  }

  await t.test(
    'SIGKILL while caps stand: the next start knows the originals and gives them back at its end (rows 57, 58, 199)',
    async (t) => {
      await until('caps in force', capped, { show: () => limitsOf(home) });
      await home.controller.kill();
      t.not(limitsOf(home)['anna'], 0, 'it had no time to put anything back');
      await viewer.leave();
      await home.controller.start();
      await home.controller.stop();
      t.same(limitsOf(home), ORIGINALS);
    },
  );
});
