// Pure: a node as a device of Home Assistant: how much of what is shared it has, what it loads, what went wrong, and buttons to pause it and to rescan.
import { topicOf } from '@headgate/protocol';
import { binary, button, type Components, control, count, orNone, rate, type Source, safeId, sensor } from './component.ts';
import { controllerId, type DevicePayload, ORIGIN } from './device.ts';

export type DiscoveredNode = {
  readonly node: string;
  /** It spoke over MQTT. Who never does is no device; whose retained words are only on their way stays one. */
  readonly isHeard: boolean;
  /** Null before it said so. */
  readonly version: string | null;
};

type Announcing = { readonly base: string; readonly version: string };

/** Nodes whose names differ only in signs that no entity id may have keep apart by a number. */
export function nodeIds(
  { base }: Pick<Announcing, 'base'>,
  nodes: readonly DiscoveredNode[],
): readonly (readonly [string, DiscoveredNode])[] {
  const ids = new Map<string, DiscoveredNode>();
  for (const one of nodes) {
    const id = `${safeId(base)}_node_${safeId(one.node).replaceAll('-', '_')}`;
    let free = id;
    for (let n = 2; ids.has(free); n += 1) free = `${id}_${n}`;
    ids.set(free, one);
  }
  return [...ids];
}

export function nodeDevice(input: Announcing, id: string, { node, version }: DiscoveredNode): DevicePayload {
  const { base } = input;
  const presence = topicOf(base, 'nodePresence', { node });
  const controller = isOnline(topicOf(base, 'controllerPresence', {}));
  const source: Source = { device: id, stateTopic: topicOf(base, 'nodeState', { node }) };
  return {
    device: {
      identifiers: [id],
      name: `Node ${node}`,
      manufacturer: ORIGIN,
      model: 'Node',
      via_device: controllerId(input),
      ...(version === null ? {} : { sw_version: version }),
    },
    origin: { name: ORIGIN, sw_version: input.version },
    // The node speaks, and the controller says what it said.
    availability: [isOnline(presence), controller],
    availability_mode: 'all',
    components: {
      connected: binary({ device: id, stateTopic: presence }, 'connected', 'Connected', {
        device_class: 'connectivity',
        value_template: "{{ 'ON' if value_json.state == 'online' else 'OFF' }}",
        entity_category: 'diagnostic',
        // It says itself whether the node is there; with the device's availability it could never say "off".
        availability: [controller],
      }),
      ...shown(source),
      ...controls(source, base, node),
    },
  };
}

const isOnline = (topic: string) => ({
  topic,
  value_template: '{{ value_json.state }}',
  payload_available: 'online',
  payload_not_available: 'offline',
});

const shown = (source: Source): Components => ({
  items_placed: count(source, 'items_placed', 'Items in place', { icon: 'mdi:filmstrip-box-multiple' }),
  items_total: count(source, 'items_total', 'Items', { icon: 'mdi:filmstrip-box-multiple' }),
  progress: sensor(source, 'progress', 'Progress', {
    state_class: 'measurement',
    unit_of_measurement: '%',
    value_template: orNone('progress_percent'),
    icon: 'mdi:progress-download',
  }),
  down_bps: rate(source, 'down_bps', 'Download'),
  up_bps: rate(source, 'up_bps', 'Upload'),
  free: sensor(source, 'free', 'Free disk', {
    device_class: 'data_size',
    unit_of_measurement: 'GB',
    state_class: 'measurement',
    value_template: orNone('free_bytes', '(value_json.free_bytes / 1000000000) | round(1)'),
  }),
  problem: binary(source, 'problem', 'Problem', {
    device_class: 'problem',
    value_template: "{{ 'ON' if value_json.problem is not none else 'OFF' }}",
  }),
  // A state holds 255 characters at most.
  last_problem: sensor(source, 'last_problem', 'What is wrong', {
    value_template: "{{ value_json.problem[:250] if value_json.problem else 'None' }}",
    entity_category: 'diagnostic',
    icon: 'mdi:comment-alert-outline',
  }),
  jellyfin_had_it_after: sensor(source, 'jellyfin_had_it_after', 'Jellyfin had it after', {
    device_class: 'duration',
    unit_of_measurement: 's',
    state_class: 'measurement',
    value_template: orNone('jellyfin_had_it_after_s'),
    entity_category: 'diagnostic',
  }),
});

const controls = (source: Source, base: string, node: string): Components => ({
  paused: control('switch', source, {
    key: 'paused',
    name: 'Paused',
    command_topic: topicOf(base, 'setNodePaused', { node }),
    value_template: "{{ 'on' if value_json.paused else 'off' }}",
    payload_on: 'on',
    payload_off: 'off',
    entity_category: undefined,
    icon: 'mdi:pause-circle-outline',
  }),
  rescan: button(source.device, {
    key: 'rescan',
    name: 'Rescan library',
    command_topic: topicOf(base, 'setNodeRescan', { node }),
    payload_press: 'rescan',
    icon: 'mdi:refresh',
  }),
});
