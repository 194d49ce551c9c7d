// Pure: a router as a device of Home Assistant: whether its agent is there, and for each WAN its link, its shaper and its rates.
import { topicOf } from '@headgate/protocol';
import { binary, type Components, count, orNone, rate, type Source, safeId, sensor } from './component.ts';
import { available, controllerId, type DevicePayload, ORIGIN, onOff } from './device.ts';

export type DiscoveredRouter = { readonly router: string; readonly version: string | null; readonly wans: readonly string[] };

type Announcing = { readonly base: string; readonly version: string };

export const routerId = ({ base }: Pick<Announcing, 'base'>, router: string): string =>
  `${safeId(base)}_router_${safeId(router)}`;

export function routerDevice(input: Announcing, { router, version, wans }: DiscoveredRouter): DevicePayload {
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
