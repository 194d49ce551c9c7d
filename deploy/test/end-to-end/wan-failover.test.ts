// The line changes under Headgate: another WAN, another rate.
import t from 'tap';
import { logIn } from './fixtures/api.ts';
import { until } from './fixtures/until.ts';
import { startWatchedHome } from './fixtures/watched-home.ts';

type Telemetry = {
  readonly wans: readonly { readonly wan: string; readonly primary: boolean; readonly link: { readonly up: boolean } | null }[];
};

t.test('the line changes', async (t) => {
  const { home, observer } = await startWatchedHome(t);

  await t.test('a new shaper rate becomes the new capacity (row 11)', async (t) => {
    home.router.setShaper(30_000, 150_000);
    const ms = await until('capacity 30 Mbit/s', () => observer.state()?.capacity_up_bps === 30_000_000, {
      mostMs: 20_000,
      show: observer.state,
    });
    t.comment(`${Math.round(ms)} ms after somebody changed it in LuCI`);
  });

  await t.test('failover to a second WAN is followed', async (t) => {
    const api = await logIn(home);
    const primary = async (): Promise<string | undefined> =>
      (await api.get<Telemetry>('/api/telemetry')).wans.find((wan) => wan.primary)?.wan;
    t.equal(await primary(), 'wan');
    home.router.setWan('wanb', { up: true });
    home.router.setWan('wan', { up: false });
    const ms = await until('wanb is primary', async () => (await primary()) === 'wanb');
    t.comment(`followed after ${Math.round(ms)} ms`);
    await until('the capacity is no longer that of the old WAN', () => observer.state()?.capacity_up_bps === null, {
      show: observer.state,
    });
    home.router.setWan('wan', { up: true });
    await until('and back', async () => (await primary()) === 'wan');
    await until('its capacity is known again', () => observer.state()?.capacity_up_bps === 30_000_000, { show: observer.state });
  });
});
