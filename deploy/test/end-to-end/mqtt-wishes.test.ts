// Steering over MQTT: each topic under bandwidth/set does what it says; retained, malformed and forbidden ones do nothing.
import mqtt from 'mqtt';
import t from 'tap';
import { logIn } from './fixtures/api.ts';
import { until } from './fixtures/until.ts';
import { limitsOf, ORIGINALS, startWatchedHome, watchFromOutside } from './fixtures/watched-home.ts';

type View = { readonly settings: { readonly boosts: readonly { readonly viewer: string; readonly until: string }[] } };

t.test('steering over MQTT', async (t) => {
  const { home, observer } = await startWatchedHome(t);
  const api = await logIn(home);
  const client = await mqtt.connectAsync(home.mqttUrl, { ...home.mqttUser, clientId: 'wishes' });
  t.teardown(() => client.endAsync(true));
  const wish = (what: string, payload: string, retain = false) =>
    client.publishAsync(`headgate/bandwidth/set/${what}`, payload, { qos: 1, retain });
  const state = () => observer.state();
  const soon = { mostMs: 3_000, show: state };
  await watchFromOutside(home);
  await until('caps in force', () => (limitsOf(home)['anna'] ?? 0) > 0, { show: state });

  await t.test('algorithm, reserve and capacity: shown at once', async (t) => {
    await wish('algorithm', 'equal');
    await until('equal', () => state()?.algorithm === 'equal', soon);
    await wish('reserve', '25');
    await until('reserve 25 %', () => state()?.reserve_percent === 25, soon);
    t.equal(state()?.reserve_bps, 5_000_000);
    await wish('capacity', '30');
    await until('30 Mbit/s', () => state()?.capacity_up_bps === 30_000_000, soon);
    await wish('capacity', '0');
    await until('what the router says', () => state()?.capacity_up_bps === 20_000_000, soon);
  });

  await t.test('boost raises one viewer and ends', async (t) => {
    await wish('boost', JSON.stringify({ viewer: 'main/cleo', minutes: 5, mbps: 6 }));
    await until('boosted', async () => (await api.get<View>('/api/bandwidth')).settings.boosts.length === 1);
    const [boost] = (await api.get<View>('/api/bandwidth')).settings.boosts;
    t.ok(Math.abs(Date.parse(boost?.until ?? '') - Date.now() - 300_000) < 60_000);
    await wish('boost', JSON.stringify({ viewer: 'main/cleo', minutes: 0 }));
    await until('ended', async () => (await api.get<View>('/api/bandwidth')).settings.boosts.length === 0);
  });

  await t.test('what cannot be is refused and told, and changes nothing', async (t) => {
    const before = { ...state(), at: '', reason: '' };
    for (const [what, payload] of [
      ['algorithm', 'nonsense'],
      ['reserve', '500'],
      ['reserve', 'lots'],
      ['capacity', '-3'],
      ['enabled', 'maybe'],
      ['restore', 'now'],
      ['boost', '{"viewer":"main/nobody","minutes":5}'],
      ['boost', '{"viewer":'],
    ] as const)
      await wish(what, payload);
    await home.controller.waitFor(({ text }) => text?.includes('command over MQTT refused') === true);
    await wish('dry_run', 'ON');
    await until('dry run', () => state()?.dry_run === true, soon);
    const { algorithm, reserve_percent, capacity_up_bps, enabled } = state() ?? {};
    t.match(before, { algorithm, reserve_percent, capacity_up_bps, enabled });
    t.ok(
      home.controller.lines().some(({ level, topic }) => level === 'warn' && topic === 'headgate/bandwidth/set/reserve'),
      'a bad message is told',
    );
  });

  await t.test('dry run gives everything back, and off again caps again', async (t) => {
    await until('originals', () => JSON.stringify(limitsOf(home)) === JSON.stringify(ORIGINALS), { show: () => limitsOf(home) });
    await wish('dry_run', 'OFF');
    t.ok(await until('caps again', () => (limitsOf(home)['anna'] ?? 0) > 0, { show: state }));
  });

  await t.test('enabled off gives everything back; restore does too, and stays off', async (t) => {
    await wish('enabled', 'OFF');
    await until('off', () => state()?.mode === 'off', soon);
    await until('originals', () => JSON.stringify(limitsOf(home)) === JSON.stringify(ORIGINALS), { show: () => limitsOf(home) });
    await wish('enabled', 'ON');
    await until('caps again', () => (limitsOf(home)['anna'] ?? 0) > 0, { show: state });
    await wish('restore', 'PRESS');
    await until('originals', () => JSON.stringify(limitsOf(home)) === JSON.stringify(ORIGINALS), { show: () => limitsOf(home) });
    await until('off', () => state()?.mode === 'off', soon);
    t.equal(state()?.enabled, false);
  });

  await t.test('a retained wish is an old one: the next start ignores it', async (t) => {
    await wish('enabled', 'ON', true);
    await until('on', () => state()?.enabled === true, soon);
    await wish('enabled', 'OFF');
    await until('off', () => state()?.enabled === false, soon);
    await home.controller.stop();
    await home.controller.start();
    await home.controller.waitFor(({ text }) => text === 'retained command ignored: publish without retain');
    await until('a state of the new one', () => state()?.mode === 'off', soon);
    t.equal(state()?.enabled, false);
  });
});
