// A media server that restarts or is switched off while somebody watches: caps are there again, and nothing is taken for "nobody watches".
import t from 'tap';
import { until } from './fixtures/until.ts';
import { startWatchedHome, watchFromOutside } from './fixtures/watched-home.ts';

t.test('Jellyfin restarts while somebody watches', async (t) => {
  const { home, observer } = await startWatchedHome(t);
  const viewer = await watchFromOutside(home);
  await until('the stream counts', () => observer.state()?.remote_streams === 1, { show: observer.state });

  await t.test('its socket comes back by itself and new streams are seen', async (t) => {
    await home.jellyfin.restart();
    await home.controller.waitFor(
      ({ part, text, state }) => part === 'jellyfin' && text === 'Media server state' && state !== 'live',
    );
    await viewer.leave();
    const again = await watchFromOutside(home, 'cleo', 'Upstream');
    const ms = await until(
      'cleo is seen',
      () => home.jellyfin.limitOf('cleo') > 0 && (observer.state()?.remote_streams ?? 0) >= 1,
      {
        mostMs: 20_000,
        show: observer.state,
      },
    );
    t.comment(`seen ${Math.round(ms)} ms after she began to play`);
    t.not(home.jellyfin.limitOf('anna'), 0, 'standing caps outlive a restart of Jellyfin');
    await again.leave();
  });

  await t.test('switched off: named in /readyz and in the API, and well again when it is back (row 66)', async (t) => {
    await home.jellyfin.powerOff();
    const ready = async () =>
      (await (await fetch(`${home.httpUrl}/readyz`)).json()) as { readonly checks: readonly { name: string; ok: boolean }[] };
    const isUp = async (): Promise<boolean | undefined> => (await ready()).checks.find(({ name }) => name === 'main')?.ok;
    await until('told as dead', async () => (await isUp()) === false, { show: observer.state });
    t.equal((await fetch(`${home.httpUrl}/healthz`)).status, 200, 'Headgate itself is well');
    await home.jellyfin.powerOn();
    await until('told as well', async () => (await isUp()) === true, {
      mostMs: 20_000,
      show: () => home.controller.lines().slice(-5),
    });
    const told = home.controller.lines().filter(({ part, text }) => part === 'jellyfin' && text === 'Media server state');
    t.ok(told.length <= 10, `a line for each change, not for each try: ${told.length}`);
  });
});
