// Pure: keeping media servers the same as a device of Home Assistant: what is still to be done, what went wrong, who is away, and a switch to pause it.
import { topicOf } from '@headgate/protocol';
import { binary, type Components, control, count, orNone, type Source, safeId, sensor } from './component.ts';
import { available, controllerId, type DevicePayload, ORIGIN, onOff } from './device.ts';

export type DiscoveredSync = {
  /** Names as configured. */
  readonly servers: readonly string[];
};

type Announcing = { readonly base: string; readonly version: string };

export const syncId = ({ base }: Pick<Announcing, 'base'>): string => `${safeId(base)}_sync`;

export function syncDevice(input: Announcing, { servers }: DiscoveredSync): DevicePayload {
  const { base, version } = input;
  const source: Source = { device: syncId(input), stateTopic: topicOf(base, 'syncState', {}) };
  return {
    device: {
      identifiers: [source.device],
      name: 'Headgate sync',
      manufacturer: ORIGIN,
      model: 'Media servers kept the same',
      via_device: controllerId(input),
    },
    origin: { name: ORIGIN, sw_version: version },
    ...available(topicOf(base, 'controllerPresence', {})),
    components: {
      ...shown(source),
      paused: control('switch', source, {
        key: 'paused',
        name: 'Paused',
        command_topic: topicOf(base, 'setSyncPaused', {}),
        value_template: onOff('paused'),
        entity_category: undefined,
        icon: 'mdi:pause-circle-outline',
      }),
      ...Object.assign({}, ...servers.map((server) => connectivity(source, server))),
    },
  };
}

const shown = (source: Source): Components => ({
  queue: count(source, 'queue', 'Queue', { icon: 'mdi:tray-full' }),
  waiting: count(source, 'waiting', 'Waiting for items', { icon: 'mdi:timer-sand' }),
  failed: count(source, 'failed', 'Set aside', { icon: 'mdi:tray-alert' }),
  held: count(source, 'held', 'Held', { icon: 'mdi:hand-back-left' }),
  playlists: count(source, 'playlists', 'Playlists that wait', { icon: 'mdi:playlist-remove' }),
  lag: sensor(source, 'lag', 'Lag', {
    device_class: 'duration',
    unit_of_measurement: 's',
    state_class: 'measurement',
    value_template: orNone('lag_s'),
  }),
  last_delivered: sensor(source, 'last_delivered', 'Last delivered', { device_class: 'timestamp' }),
  problem: binary(source, 'problem', 'Problem', {
    device_class: 'problem',
    value_template: "{{ 'ON' if value_json.problem is not none else 'OFF' }}",
    json_attributes_topic: source.stateTopic,
    json_attributes_template: "{{ {'problem': value_json.problem} | tojson }}",
  }),
});

/** Names may hold signs that are no part of a template's path. */
const connectivity = (source: Source, server: string): Components => {
  const key = `server_${safeId(server).replaceAll(/[-.]/g, '_')}`;
  return {
    [key]: binary(source, key, server, {
      device_class: 'connectivity',
      value_template: `{{ 'ON' if value_json.servers['${server}'].connected else 'OFF' }}`,
      entity_category: 'diagnostic',
    }),
  };
};
