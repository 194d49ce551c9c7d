// Row 70: the router's shaper follows the plan by lease; whoever goes, the router has its own rate back; and cake-autorate is never competed with.
import t from 'tap';
import { logIn } from './fixtures/api.ts';
import { until } from './fixtures/until.ts';
import { startWatchedHome } from './fixtures/watched-home.ts';

type View = {
  readonly standing: string;
  readonly reason: string;
  readonly rate_owner: string | null;
  readonly plan: { readonly up_bps: number | null; readonly rule: string | null };
  readonly ordered: { readonly up_bps: number | null } | null;
  readonly lease: { readonly up_bps: number | null; readonly original: { readonly up_bps: number | null } | null } | null;
};

const OWN_KBIT = 40_000;
const LEASE_S = 9;

t.test('the shaper follows the plan (row 70)', async (t) => {
  const { home, observer } = await startWatchedHome(t, {
    upKbit: OWN_KBIT,
    shaperOrders: true,
    config: {
      uplink: { upload: 50 },
      shaper: { enabled: true, upload: 38, lease: `${LEASE_S}s` },
      bandwidth: { schedule: [{ name: 'all-day', shaper_upload: 20 }] },
    },
  });
  const live = (): number => home.router.liveKbit().uploadKbit;
  const rateIs = (kbit: number, mostMs = 15_000) => until(`${kbit} kbit/s`, () => live() === kbit, { mostMs, show: live });
  const capacityIs = (bps: number) =>
    until(`capacity ${bps}`, () => observer.state()?.capacity_up_bps === bps, { show: () => observer.state()?.capacity_up_bps });
  const state = () => JSON.parse(observer.newest().get('headgate/router/router/shaper/state') ?? '{}') as Record<string, unknown>;

  await t.test('the rate of the hour stands, is told, and is the capacity, whatever was typed in', async (t) => {
    await rateIs(20_000);
    await capacityIs(20_000_000);
    const api = await logIn(home);
    await until('it stands', async () => (await api.get<View>('/api/shaper')).standing === 'standing');
    t.match(await api.get<View>('/api/shaper'), {
      reason: /follows rule "all-day"/,
      plan: { up_bps: 20_000_000, rule: 'all-day' },
      ordered: { up_bps: 20_000_000 },
      lease: { up_bps: 20_000_000, original: { up_bps: 40_000_000 } },
    });
    await until('the router says whose it is', async () => (await api.get<View>('/api/shaper')).rate_owner === 'headgate');
    t.match(state(), { wan: 'wan', up_bps: 20_000_000, refused: null });
  });

  await t.test('a controller that stops takes its order back at once', async (t) => {
    await home.controller.stop();
    const ms = await rateIs(OWN_KBIT, (LEASE_S * 1_000) / 2);
    t.comment(`the rate is back ${Math.round(ms)} ms after the controller has ended`);
    await home.controller.start();
    await rateIs(20_000);
  });

  await t.test('a controller that is killed: the router goes back by itself, within the lease', async (t) => {
    await home.controller.kill();
    const ms = await rateIs(OWN_KBIT, LEASE_S * 1_000 + 4_000);
    t.comment(`back ${Math.round(ms)} ms after the kill; the lease is ${LEASE_S} s`);
    await home.controller.start();
    await rateIs(20_000, 30_000);
  });

  await t.test('cake-autorate begins while the lease stands: it is left alone for good, and that is told', async (t) => {
    const api = await logIn(home);
    home.router.setAutorate(true, { baseKbit: 25_000, minKbit: 25_000, maxKbit: 25_000 });
    await until('we gave way', async () => (await api.get<View>('/api/shaper')).standing === 'given_way');
    const written = home.router.writes().length;
    t.match(await api.get<View>('/api/shaper'), {
      rate_owner: 'cake-autorate',
      reason: /^cake-autorate sets the rate/,
      ordered: null,
    });
    t.match(state(), { order_id: null, refused: /cake-autorate sets the rate/ });
    t.match(observer.newest().get('headgate/event'), /shaper_given_way/);
    await capacityIs(50_000_000);
    await home.controller.stop();
    await home.agent.stop();
    t.equal(home.router.writes().length, written, 'neither the end of the controller nor that of the agent wrote anything');
    t.equal(live(), 25_000);
  });
});
