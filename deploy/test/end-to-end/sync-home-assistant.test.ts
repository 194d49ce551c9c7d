// What a Home Assistant at the broker sees of sync, and its switch; and a dry run that becomes a real one.
import { decode, syncState } from '@headgate/protocol';
import mqtt from 'mqtt';
import t from 'tap';
import { checkDiscovery } from '../../demo/home-assistant/check-discovery.ts';
import { renderTemplate } from '../../demo/home-assistant/render-template.ts';
import { observeHome } from '../../demo/home-observer.ts';
import { logIn } from './fixtures/api.ts';
import { ADMIN_PASSWORD, startSyncHome } from './fixtures/sync-home.ts';
import { until } from './fixtures/until.ts';

const DEVICE = 'homeassistant/device/headgate_sync/config';
const STATE = 'headgate/sync/state';
type Entity = Readonly<Record<string, string | undefined>>;

t.test('sync in Home Assistant, and rehearsed', async (t) => {
  const home = await startSyncHome(t, {
    servers: { attic: { version: '10.11.11' }, 'barn.2': { version: '12.0.0' } },
    sync: { dry_run: true },
  });
  const [attic, barn] = [home.server('attic'), home.server('barn.2')];
  const [atAttic, atBarn] = [await attic.logIn('anna'), await barn.logIn('anna')];
  const observer = await observeHome(home);
  t.teardown(() => observer[Symbol.asyncDispose]());
  const client = await mqtt.connectAsync(home.mqttUrl, { ...home.mqttUser, clientId: 'switch' });
  t.teardown(() => client.endAsync(true));
  const api = await logIn({ httpUrl: home.httpUrl, adminPassword: ADMIN_PASSWORD });
  const state = () => {
    const text = observer.newest().get(STATE);
    return text === undefined ? null : decode(STATE, syncState, new TextEncoder().encode(text));
  };
  const says = (what: string, isSo: (now: NonNullable<ReturnType<typeof state>>) => boolean) =>
    until(
      what,
      () => {
        const now = state();
        return now !== null && isSo(now);
      },
      { show: state },
    );
  const isFavourite = async () => (await atBarn.state('Alpha'))['IsFavorite'] === true;

  await t.test('a dry run tells what would be written, and writes nothing', async (t) => {
    await atAttic.call('POST', `/UserFavoriteItems/${attic.itemId('Alpha')}`);
    type Log = { readonly entries: readonly { readonly message: string }[] };
    const log = () => api.get<Log>('/api/sync-log');
    await until('it is told', async () => (await log()).entries.length > 0);
    t.match((await log()).entries, [
      { item_name: 'Alpha', target_server: 'barn.2', message: 'dry run: nothing was written', after: { favorite: true } },
    ]);
    t.equal(await isFavourite(), false);
    t.match(await api.get('/api/sync/alignment'), { dry_run: true, users: [{ touched: 0 }, { touched: 0 }] });
    const [{ id } = { id: 0 }] = (await log()).entries as readonly unknown[] as readonly { readonly id: number }[];
    t.equal((await api.call('POST', '/api/sync/undo', { id })).status, 409, 'there is nothing to take back');
    await says('a dry run', ({ dry_run: dryRun }) => dryRun);
  });

  await t.test('what it did not write is written by the first real run', async (t) => {
    await home.controller.stop();
    await home.configure({ dry_run: false });
    await home.controller.start();
    await until('at the other server', isFavourite, { show: () => home.controller.lines().slice(-6) });
    await says('what was delivered last', ({ dry_run: dryRun, last_delivered: last }) => !dryRun && last !== null);
    t.pass();
  });

  await t.test('its device passes the rules, and each entity gets a value', async (t) => {
    await until('discovery', () => observer.discovery().has(DEVICE));
    await says('nothing waits', ({ queue }) => queue === 0);
    t.same(checkDiscovery(observer.discovery()), []);
    const { components } = JSON.parse(observer.discovery().get(DEVICE) ?? '{}') as {
      readonly components: Readonly<Record<string, Entity>>;
    };
    const shown = Object.fromEntries(
      Object.entries(components).map(([key, { value_template: template = '' }]) => [key, renderTemplate(template, state())]),
    );
    t.match(shown, {
      ...{ queue: '0', waiting: '0', failed: '0', held: '0', playlists: '0', lag: '0', problem: 'OFF', paused: 'OFF' },
      ...{ last_delivered: /^2.*Z$/, server_attic: 'ON', server_barn_2: 'ON' },
    });
  });

  await t.test('its switch pauses sync and lets it go on', async (t) => {
    await client.publishAsync('headgate/sync/set/paused', 'ON', { qos: 1 });
    await says('paused', ({ paused }) => paused);
    await atAttic.call('DELETE', `/UserFavoriteItems/${attic.itemId('Alpha')}`);
    await says('one waits', ({ queue }) => queue === 1);
    t.equal(await isFavourite(), true);
    await client.publishAsync('headgate/sync/set/paused', 'OFF', { qos: 1 });
    await until('at the other server', async () => (await isFavourite()) === false);
    await says('nothing waits', ({ paused, queue }) => !paused && queue === 0);
  });

  await t.test('a server that is off is told: as an entity, as an event, and when it is back', async (t) => {
    const events: unknown[] = [];
    client.on('message', (_topic, payload) => events.push((JSON.parse(payload.toString()) as { event_type: string }).event_type));
    await client.subscribeAsync('headgate/event', { qos: 1 });
    await barn.sim.powerOff();
    await atAttic.call('POST', `/UserFavoriteItems/${attic.itemId('Beta')}`);
    await says('away', ({ servers, problem }) => servers['barn.2']?.connected === false && problem !== null);
    t.match(state(), { problem: 'barn.2 does not answer', servers: { 'barn.2': { queue: 1, away_since: /^2/ } } });
    await barn.sim.powerOn();
    await until('back', () => state()?.servers['barn.2']?.connected === true, { mostMs: 30_000, show: state });
    await until('both are told', () => ['sync_server_away', 'sync_server_back'].every((type) => events.includes(type)), {
      show: () => events,
    });
    t.pass();
  });
});
