// Pure: the devices that Home Assistant is told of: the controller with its totals and controls, each router with its WANs, each TV channel, sync, each node.
import { topicOf } from '@headgate/protocol';
import { channelDevice, channelId, type DiscoveredChannel } from './channel-device.ts';
import { binary, type Components, count, orNone, rate, type Source, safeId, sensor } from './component.ts';
import { type ControllerInput, controllerDevice } from './controller-device.ts';
import { available, controllerId, type DevicePayload, ORIGIN, onOff } from './device.ts';
import { type DiscoveredNode, nodeDevice, nodeIds } from './node-device.ts';
import { type DiscoveredSync, syncDevice, syncId } from './sync-device.ts';

/** Discovery topic to payload. */
export type Discovery = ReadonlyMap<string, DevicePayload>;

export type DiscoveryInput = ControllerInput & {
  readonly prefix: string;
  readonly routers: readonly { readonly router: string; readonly version: string | null; readonly wans: readonly string[] }[];
  readonly channels: readonly DiscoveredChannel[];
  /** Null where it is switched off. */
  readonly sync: DiscoveredSync | null;
  readonly nodes: readonly DiscoveredNode[];
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
