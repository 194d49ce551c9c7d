// Pure: the devices that Home Assistant is told of: the controller with its totals and controls, each router with its WANs, each TV channel, sync, each node.
import { topicOf } from '@headgate/protocol';
import { channelDevice, channelId, type DiscoveredChannel } from './channel-device.ts';
import { binary, button, type Components, control, count, ids, orNone, rate, type Source, safeId, sensor } from './component.ts';
import { available, controllerId, type DevicePayload, ORIGIN, onOff } from './device.ts';
import { type DiscoveredNode, nodeDevice, nodeIds } from './node-device.ts';
import { shadowEntities } from './shadow-entities.ts';
import { type DiscoveredSync, syncDevice, syncId } from './sync-device.ts';
import { totalEntities } from './total-entities.ts';
import { type DiscoveredUsage, usageComponents } from './usage-entities.ts';

/** Discovery topic to payload. */
export type Discovery = ReadonlyMap<string, DevicePayload>;

export type DiscoveryInput = {
  readonly base: string;
  readonly prefix: string;
  readonly homeName: string;
  readonly version: string;
  /** Where the web page and the API are; null where not known from outside. */
  readonly url: string | null;
  readonly algorithms: readonly string[];
  readonly eventTypes: readonly string[];
  readonly usage: DiscoveredUsage;
  readonly routers: readonly { readonly router: string; readonly version: string | null; readonly wans: readonly string[] }[];
  readonly channels: readonly DiscoveredChannel[];
  /** Null where it is switched off. */
  readonly sync: DiscoveredSync | null;
  readonly nodes: readonly DiscoveredNode[];
  /** A shadow policy decides beside the one that rules. */
  readonly hasShadow: boolean;
};

export function discover(input: DiscoveryInput): Discovery {
  const devices: [string, DevicePayload][] = [
    [controllerId(input), controllerDevice(input)],
    ...input.routers.map((router): [string, DevicePayload] => [routerId(input, router.router), routerDevice(input, router)]),
    ...input.channels.map((channel): [string, DevicePayload] => [channelId(input, channel.id), channelDevice(input, channel)]),
    ...(input.sync === null ? [] : [[syncId(input), syncDevice(input, input.sync)] as [string, DevicePayload]]),
    ...nodeIds(input, input.nodes).flatMap(([id, node]): [string, DevicePayload][] =>
      node.isHeard ? [[id, nodeDevice(input, id, node)]] : [],
    ),
  ];
  return new Map(devices.map(([id, payload]) => [topicOfDevice(input, id), payload]));
}

/** Of devices that are not taken away, though they were not heard yet: a start is no reason to lose them. */
export const awaitedTopics = (input: DiscoveryInput): ReadonlySet<string> =>
  new Set(nodeIds(input, input.nodes).flatMap(([id, { isHeard }]) => (isHeard ? [] : [topicOfDevice(input, id)])));

const topicOfDevice = ({ prefix }: Pick<DiscoveryInput, 'prefix'>, id: string): string => `${prefix}/device/${id}/config`;

const routerId = ({ base }: Pick<DiscoveryInput, 'base'>, router: string): string => `${safeId(base)}_router_${safeId(router)}`;

function controllerDevice(input: DiscoveryInput): DevicePayload {
  const { base, homeName, version, url } = input;
  const id = controllerId(input);
  const source: Source = { device: id, stateTopic: topicOf(base, 'bandwidthState', {}) };
  const used = usageComponents({ ...source, stateTopic: topicOf(base, 'usageState', {}) }, input.usage);
  return {
    device: {
      identifiers: [id],
      name: `Headgate ${homeName}`,
      manufacturer: ORIGIN,
      model: 'Controller',
      sw_version: version,
      ...(url === null ? {} : { configuration_url: url }),
    },
    origin: { name: ORIGIN, sw_version: version },
    ...available(topicOf(base, 'controllerPresence', {})),
    components: { ...totalEntities(source), ...used, ...diagnostics(source, input), ...controls(source, input) },
  };
}

const diagnostics = (source: Source, { base, eventTypes, hasShadow }: DiscoveryInput): Components => ({
  ...(hasShadow ? shadowEntities(source) : {}),
  // A state holds 255 characters at most.
  reason: sensor(source, 'reason', 'Reason', {
    value_template: '{{ value_json.reason[:250] }}',
    entity_category: 'diagnostic',
    icon: 'mdi:comment-question-outline',
  }),
  schedule_rule: sensor(source, 'schedule_rule', 'Schedule rule', {
    value_template: orNone('schedule_rule'),
    entity_category: 'diagnostic',
    icon: 'mdi:calendar-clock',
  }),
  over_commitment_bps: rate(source, 'over_commitment_bps', 'Over-commitment', {
    entity_category: 'diagnostic',
    enabled_by_default: false,
  }),
  caps_ignored: count(source, 'caps_ignored', 'Ignored limits', { entity_category: 'diagnostic', icon: 'mdi:speedometer' }),
  stale: binary(source, 'stale', 'Router silent', {
    device_class: 'problem',
    value_template: "{{ 'ON' if value_json.stale_since else 'OFF' }}",
    entity_category: 'diagnostic',
  }),
  neighbours: binary(source, 'neighbours', 'Neighbour silent', {
    device_class: 'problem',
    value_template: onOff('neighbours_silent'),
    entity_category: 'diagnostic',
  }),
  neighbours_silent: count(source, 'neighbours_silent', 'Silent neighbours', {
    entity_category: 'diagnostic',
    enabled_by_default: false,
  }),
  event: {
    platform: 'event',
    ...ids('event', source.device, 'event'),
    name: 'Event',
    state_topic: topicOf(base, 'event', {}),
    event_types: [...eventTypes],
    qos: 1,
  },
});

function controls(source: Source, { base, algorithms }: DiscoveryInput): Components {
  const set = (key: 'setEnabled' | 'setDryRun' | 'setAlgorithm' | 'setReserve' | 'setRestore' | 'setPause'): string =>
    topicOf(base, key, {});
  const restore = button(source.device, {
    key: 'restore',
    name: 'Restore now',
    command_topic: set('setRestore'),
    entity_category: 'config',
    icon: 'mdi:restore',
  });
  return {
    enabled: control('switch', source, {
      key: 'enabled',
      name: 'Enabled',
      command_topic: set('setEnabled'),
      value_template: onOff('enabled'),
      entity_category: undefined,
    }),
    dry_run: control('switch', source, {
      key: 'dry_run',
      name: 'Dry run',
      command_topic: set('setDryRun'),
      value_template: onOff('dry_run'),
    }),
    algorithm: control('select', source, {
      key: 'algorithm',
      name: 'Algorithm',
      command_topic: set('setAlgorithm'),
      value_template: '{{ value_json.algorithm }}',
      options: [...algorithms],
    }),
    reserve: control('number', source, {
      key: 'reserve',
      name: 'Reserve',
      command_topic: set('setReserve'),
      value_template: orNone('reserve_percent'),
      min: 0,
      max: 90,
      step: 0.5,
      mode: 'box',
      unit_of_measurement: '%',
    }),
    pause: control('number', source, {
      key: 'pause',
      name: 'Pause',
      command_topic: set('setPause'),
      value_template: '{{ value_json.pause_minutes }}',
      icon: 'mdi:pause',
      min: 0,
      max: 1_440,
      step: 1,
      mode: 'box',
      unit_of_measurement: 'min',
      entity_category: undefined,
    }),
    restore,
  };
}

function routerDevice(input: DiscoveryInput, { router, version, wans }: DiscoveryInput['routers'][number]): DevicePayload {
  const id = routerId(input, router);
  const presence = topicOf(input.base, 'routerPresence', { router });
  const connected = binary({ device: id, stateTopic: presence }, 'connected', 'Agent', {
    device_class: 'connectivity',
    value_template: "{{ 'ON' if value_json.state == 'online' else 'OFF' }}",
    entity_category: 'diagnostic',
    // It says itself whether the agent is there; with the device's availability it could never say "off".
    availability_topic: topicOf(input.base, 'controllerPresence', {}),
  });
  return {
    device: {
      identifiers: [id],
      name: `Router ${router}`,
      manufacturer: ORIGIN,
      model: 'Router agent',
      via_device: controllerId(input),
      ...(version === null ? {} : { sw_version: version }),
    },
    origin: { name: ORIGIN, sw_version: input.version },
    ...available(presence),
    components: { connected, ...Object.assign({}, ...wans.map((wan) => wanComponents(input.base, { id, router, wan }))) },
  };
}

function wanComponents(
  base: string,
  { id, router, wan }: { readonly id: string; readonly router: string; readonly wan: string },
): Components {
  const key = safeId(wan);
  const at = (topic: 'link' | 'sqm' | 'throughput'): Source => ({
    device: `${id}_${key}`,
    stateTopic: topicOf(base, topic, { router, wan }),
  });
  // 1 Hz is not for a recorder: whoever wants it switches it on.
  const raw = { enabled_by_default: false, qos: 0 };
  const detail = { entity_category: 'diagnostic', enabled_by_default: false };
  return {
    [`${key}_up`]: binary(at('link'), 'up', `${wan} link`, { device_class: 'connectivity', value_template: onOff('up') }),
    [`${key}_saturated`]: binary(at('sqm'), 'saturated', `${wan} saturated`, {
      device_class: 'problem',
      value_template: onOff('saturated'),
    }),
    [`${key}_shaper_up`]: rate(at('sqm'), 'shaper_up', `${wan} upload shaper`, { path: 'up.live_bps' }),
    [`${key}_shaper_down`]: rate(at('sqm'), 'shaper_down', `${wan} download shaper`, { path: 'down.live_bps' }),
    [`${key}_rate_owner`]: sensor(at('sqm'), 'rate_owner', `${wan} shaper set by`, {
      device_class: 'enum',
      options: ['static', 'cake-autorate', 'sqm-autorate', 'headgate'],
      entity_category: 'diagnostic',
    }),
    [`${key}_drops_up`]: count(at('sqm'), 'drops_up', `${wan} upload drops`, {
      ...detail,
      state_class: 'total_increasing',
      value_template: orNone('up.drops'),
    }),
    [`${key}_up_bps`]: rate(at('throughput'), 'up_bps', `${wan} upload, each second`, raw),
    [`${key}_down_bps`]: rate(at('throughput'), 'down_bps', `${wan} download, each second`, raw),
  };
}
