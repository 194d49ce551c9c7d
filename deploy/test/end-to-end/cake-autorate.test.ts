// A router on which cake-autorate sets the rate: it is shown, its rate is the capacity, and what it does each moment makes no cap flutter.
import { setTimeout as wait } from 'node:timers/promises';
import t from 'tap';
import { logIn } from './fixtures/api.ts';
import { until } from './fixtures/until.ts';
import { startWatchedHome } from './fixtures/watched-home.ts';

type View = { readonly rate_owner: string | null; readonly standing: string };

t.test('cake-autorate sets the rate of the router (row 70)', async (t) => {
  const { home, observer } = await startWatchedHome(t, { upKbit: 30_000 });
  const api = await logIn(home);
  const capacity = (): number => observer.state()?.capacity_up_bps ?? 0;
  const fixed = (kbit: number) => ({ minKbit: kbit, baseKbit: kbit, maxKbit: kbit });
  await until('30 Mbit/s', () => capacity() === 30_000_000);
  home.router.setAutorate(true, fixed(15_000));
  await until('its rate is the capacity', () => capacity() === 15_000_000, { show: capacity });
  t.match(await api.get<View>('/api/shaper'), { rate_owner: 'cake-autorate', standing: 'off' });
  const seen = new Set<number>();
  for (let second = 0; second < 16; second += 1) {
    home.router.setAutorate(true, fixed(second % 2 === 0 ? 28_000 : 16_000));
    await wait(1_000);
    seen.add(capacity());
  }
  t.same([...seen], [15_000_000], 'it rises held, however it swings');
  home.router.setAutorate(true, fixed(9_000));
  await until('it falls at once', () => capacity() === 9_000_000, { show: capacity });
  home.router.setAutorate(false);
  home.router.setShaper(25_000, 100_000);
  await until('a rate that a person set counts at once', () => capacity() === 25_000_000, { show: capacity });
  t.same(home.router.writes(), [], 'we wrote nothing');
});
