// Discovery passes Home Assistant's rules, and each entity shows what the protocol's messages say.
import { nodeSet } from '@headgate/protocol';
import t from 'tap';
import { checkDiscovery } from '../../../deploy/demo/home-assistant/check-discovery.ts';
import { renderTemplate } from '../../../deploy/demo/home-assistant/render-template.ts';
import type { Component } from '../../src/home-assistant/component.ts';
import { type DiscoveryInput, discover } from '../../src/home-assistant/discovery.ts';
import { golden, INPUT } from './examples.ts';

const CONTROLLER = 'homeassistant/device/headgate/config';
const ROUTER = 'homeassistant/device/headgate_router_attic/config';
const CHANNEL = 'homeassistant/device/headgate_channel_3/config';
const SYNC = 'homeassistant/device/headgate_sync/config';
const NODE = 'homeassistant/device/headgate_node_living_room_2/config';
const FIXED = 'homeassistant/device/headgate_channel_12/config';
const textsOf = (input: DiscoveryInput) =>
  new Map([...discover(input)].map(([topic, payload]) => [topic, JSON.stringify(payload)]));
const componentsOf = (topic: string): Readonly<Record<string, Component>> => discover(INPUT).get(topic)?.components ?? {};

/** What stands at the topics that discovery names. */
const PAYLOADS: Readonly<Record<string, unknown>> = {
  'headgate/bandwidth/state': golden('bandwidthState-2'),
  'headgate/usage/state': golden('usageState'),
  'headgate/event': golden('event'),
  'headgate/channel/3/state': golden('channelState'),
  'headgate/sync/state': golden('syncState'),
  'headgate/node/living-room.2/state': golden('nodeState'),
  'headgate/node/living-room.2/presence': golden('nodePresence'),
  'headgate/controller/presence': golden('controllerPresence'),
  'headgate/router/attic/presence': golden('routerPresence'),
  ...Object.fromEntries(
    ['wan', 'wanb'].flatMap((wan) =>
      ['throughput', 'sqm', 'link'].map((topic) => [`headgate/router/attic/wan/${wan}/${topic}`, golden(topic)]),
    ),
  ),
};

/** As the entity would be shown. */
const shown = ({ state_topic: topic, value_template: template }: Component, change: object = {}): string =>
  renderTemplate(String(template), { ...(PAYLOADS[String(topic)] as object), ...change });

t.test('the messages pass the rules of Home Assistant', async (t) => {
  t.same(checkDiscovery(textsOf(INPUT)), []);
  t.same(
    checkDiscovery(textsOf({ ...INPUT, url: null, homeName: 'Straße 5', routers: [], channels: [], sync: null, nodes: [] })),
    [],
  );
  t.same([...textsOf(INPUT).keys()], [CONTROLLER, ROUTER, CHANNEL, FIXED, SYNC, NODE]);
});

t.test(
  'odd names become ids that Home Assistant takes, and two homes on one broker do not meet (complaint 15, core#157241)',
  async (t) => {
    const odd = { ...INPUT, base: 'home/Süd', routers: [{ router: 'Attic.2', version: null, wans: ['wan.6'] }] };
    t.same(checkDiscovery(textsOf(odd)), []);
    t.same(checkDiscovery(new Map([...textsOf(odd), ...textsOf(INPUT)])), []);
  },
);

t.test('each template finds its field in the golden message of its topic', async (t) => {
  for (const topic of [CONTROLLER, ROUTER, CHANNEL, SYNC, NODE])
    for (const [key, component] of Object.entries(componentsOf(topic))) {
      const { platform, state_topic: stateTopic, value_template: template } = component;
      if (stateTopic === undefined) continue;
      t.ok(String(stateTopic) in PAYLOADS, `${key} reads a topic of the protocol`);
      if (template === undefined) continue;
      const text = shown(component);
      if (component['unit_of_measurement'] !== undefined)
        t.ok(text === 'None' || Number.isFinite(Number(text)), `${key}: ${text}`);
      const [on = 'ON', off = 'OFF'] = [component['payload_on'], component['payload_off']] as (string | undefined)[];
      if (platform === 'binary_sensor' || platform === 'switch') t.ok([on, off].includes(text), `${key}: ${text}`);
      if (platform === 'select' || component['device_class'] === 'enum')
        t.ok((component['options'] as string[]).includes(text), `${key}: ${text}`);
    }
});

t.test('without a shadow policy there is nothing of it, and its entities go when it is switched off', async (t) => {
  const without = textsOf({ ...INPUT, hasShadow: false });
  t.same(checkDiscovery(without), []);
  t.notMatch([...without.values()].join(), /shadow/);
});

t.test('what people see', async (t) => {
  const controller = componentsOf(CONTROLLER);
  const router = componentsOf(ROUTER);
  const channel = componentsOf(CHANNEL);
  const sync = componentsOf(SYNC);
  const node = componentsOf(NODE);
  const cases: readonly (readonly [Component | undefined, string, object?])[] = [
    [controller['wan_up_bps'], '18.25'],
    [controller['wan_up_bps'], 'None', { wan_up_bps: null }],
    [controller['wan_up_bps'], '0', { wan_up_bps: 0 }],
    [controller['torrent_limit_bps'], 'None', { torrent_limit_bps: null }],
    [controller['torrent_down_bps'], '31.5'],
    [controller['download_limit_bps'], '72'],
    [controller['download_limit_bps'], 'None', { download_limit_bps: null }],
    [controller['shadow_differs'], 'ON'],
    [controller['shadow_differs'], 'OFF', { shadow_differs: null }],
    [controller['shadow_differences'], '4'],
    [controller['shadow_differences'], 'None', { shadow_differences: null }],
    [controller['shadow_reason'], 'main/anna: 8.0 Mbit/s → 6.5 Mbit/s. 1 remote stream draws 8.0 Mbit/s.'],
    [controller['shadow_reason'], 'None', { shadow_reason: null }],
    [controller['torrents_paused'], 'OFF'],
    [controller['torrents_paused'], 'ON', { torrents_paused: true }],
    [controller['neighbours'], 'ON'],
    [controller['neighbours'], 'OFF', { neighbours_silent: 0 }],
    [controller['neighbours_silent'], '1'],
    [controller['month_up_bytes'], '412.5'],
    [controller['today_down_bytes'], '84.5'],
    [controller['up_cap_percent'], '82.5'],
    [controller['up_projected_percent'], '206.3'],
    [controller['up_projected_percent'], 'None', { up_projected_percent: null }],
    [controller['together_remaining_per_day'], '129'],
    [controller['data_cap_reached'], 'OFF'],
    [controller['data_cap_reached'], 'ON', { cap_reached: true }],
    [controller['remote_streams'], '2'],
    [controller['mode'], 'streaming'],
    [controller['stale'], 'OFF'],
    [controller['stale'], 'ON', { stale_since: '2026-11-21T06:45:00.000Z' }],
    [controller['enabled'], 'ON'],
    [controller['dry_run'], 'OFF'],
    [controller['algorithm'], 'demand'],
    [controller['reserve'], '10'],
    [router['connected'], 'OFF'],
    [router['connected'], 'ON', { state: 'online' }],
    [router['wan_shaper_up'], '19.5'],
    [router['wan_shaper_up'], 'None', { up: null }],
    [router['wan_saturated'], 'ON'],
    [router['wan_rate_owner'], 'static'],
    [router['wan_rate_owner'], 'cake-autorate', { rate_owner: 'cake-autorate' }],
    [router['wan_rate_owner'], 'None', { rate_owner: null }],
    [router['wan_up_bps'], '18.25'],
    [router['wan_up'], 'ON'],
    [channel['now'], 'The Long Case'],
    [channel['now'], 'None', { now: null }],
    [channel['next'], 'Old Film'],
    [channel['next_start'], '2026-11-26T21:00:00.000Z'],
    [channel['next_start'], 'None', { next: null }],
    [channel['viewers'], '2'],
    [channel['enabled'], 'ON'],
    [sync['queue'], '3'],
    [sync['waiting'], '2'],
    [sync['failed'], '1'],
    [sync['lag'], '42.5'],
    [sync['last_delivered'], '2026-11-26T20:14:17.250Z'],
    [sync['last_delivered'], 'None', { last_delivered: null }],
    [sync['problem'], 'ON'],
    [sync['problem'], 'OFF', { problem: null }],
    [sync['paused'], 'OFF'],
    [sync['server_attic'], 'ON'],
    [sync['server_summer_house_2'], 'OFF'],
    [node['connected'], 'ON'],
    [node['connected'], 'OFF', { state: 'offline' }],
    [node['items_placed'], '41'],
    [node['items_total'], '43'],
    [node['progress'], '50'],
    [node['progress'], 'None', { progress_percent: null }],
    [node['down_bps'], '34'],
    [node['free'], '81.2'],
    [node['free'], 'None', { free_bytes: null }],
    [node['problem'], 'ON'],
    [node['problem'], 'OFF', { problem: null }],
    [node['last_problem'], 'Old Film: the bytes were wrong'],
    [node['last_problem'], 'None', { problem: null }],
    [node['jellyfin_had_it_after'], '1.6'],
    [node['paused'], 'off'],
    [node['paused'], 'on', { paused: true }],
  ];
  for (const [component, text, change] of cases)
    t.equal(component && shown(component, change), text, String(component?.unique_id));
  t.ok(shown(controller['reason'] as Component, { reason: 'x'.repeat(400) }).length <= 255, 'a state holds 255 characters');
});

t.test('availability follows presence', async (t) => {
  for (const [topic, presence] of [
    [CONTROLLER, 'headgate/controller/presence'],
    [ROUTER, 'headgate/router/attic/presence'],
  ] as const) {
    const {
      availability_topic: at,
      availability_template: template,
      payload_available: on,
      payload_not_available: off,
    } = (discover(INPUT).get(topic) ?? {}) as Readonly<Record<string, unknown>>;
    t.equal(at, presence);
    t.equal(renderTemplate(String(template), { ...golden('routerPresence'), state: 'online' }), on);
    t.equal(renderTemplate(String(template), golden('routerPresence')), off);
  }
});

t.test('controls send what the protocol takes', async (t) => {
  const { enabled, dry_run, algorithm, reserve, restore } = componentsOf(CONTROLLER);
  t.match(enabled, { command_topic: 'headgate/bandwidth/set/enabled' });
  t.match(dry_run, { command_topic: 'headgate/bandwidth/set/dry_run' });
  t.match(algorithm, { command_topic: 'headgate/bandwidth/set/algorithm', options: INPUT.algorithms });
  t.match(reserve, { command_topic: 'headgate/bandwidth/set/reserve', min: 0, max: 90, unit_of_measurement: '%' });
  t.match(restore, { command_topic: 'headgate/bandwidth/set/restore', payload_press: 'PRESS' });
  const { skip, enabled: switched } = componentsOf(CHANNEL);
  t.match(skip, { command_topic: 'headgate/channel/3/set/skip', payload_press: 'PRESS' });
  t.match(switched, { command_topic: 'headgate/channel/3/set/enabled' });
  t.notOk(componentsOf(FIXED)['skip'], 'no button where slots are fixed');
  t.match(componentsOf(SYNC)['paused'], { command_topic: 'headgate/sync/set/paused' });
  const { paused, rescan } = componentsOf(NODE);
  t.match(paused, { command_topic: 'headgate/node/living-room.2/set/paused', payload_on: 'on', payload_off: 'off' });
  t.match(rescan, { command_topic: 'headgate/node/living-room.2/set/rescan', payload_press: 'rescan' });
  for (const payload of ['on', 'off', 'rescan'])
    t.ok([nodeSet.paused, nodeSet.rescan].some((set) => set.safeParse(payload).success));
});

t.test('a node is there while it and the controller are; what says whether it is there, while the controller is', async (t) => {
  const { availability, availability_mode: mode } = (discover(INPUT).get(NODE) ?? {}) as Readonly<Record<string, unknown>>;
  const of = (list: unknown) => (list as readonly { readonly topic: string }[]).map(({ topic }) => topic);
  t.same(of(availability), ['headgate/node/living-room.2/presence', 'headgate/controller/presence']);
  t.equal(mode, 'all');
  t.same(of(componentsOf(NODE)['connected']?.['availability']), ['headgate/controller/presence']);
});

t.test('nodes whose names differ in letter case only are two devices, the same ones each time', async (t) => {
  const nodes = ['Pi', 'pi', 'pi-2'].map((node) => ({ node, isHeard: true, version: null }));
  const texts = textsOf({ ...INPUT, nodes });
  t.same(checkDiscovery(texts), []);
  t.match(
    [...texts.keys()].filter((topic) => topic.includes('_node_')),
    [/node_pi\/config$/, /node_pi_2\/config$/, /node_pi_2_2\/config$/],
  );
  t.same(textsOf({ ...INPUT, nodes }), texts);
});

t.test('what comes each second is off until somebody wants it', async (t) => {
  const each = Object.values(componentsOf(ROUTER)).filter(({ state_topic: topic }) => String(topic).endsWith('/throughput'));
  t.equal(each.length, 4);
  t.ok(each.every(({ enabled_by_default: enabled }) => enabled === false));
});
