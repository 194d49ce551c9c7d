// Pure: one TV channel as a device of Home Assistant: what plays now and next, how many watch, on to the next programme.
import { topicOf } from '@headgate/protocol';
import { button, type Components, control, count, type Source, safeId, sensor } from './component.ts';
import { available, controllerId, type DevicePayload, ORIGIN, onOff } from './device.ts';

export type DiscoveredChannel = {
  readonly id: number;
  readonly name: string;
  /** Skipping moves what comes; a channel with fixed slots has no button for it. */
  readonly maySkip: boolean;
};

type Announcing = { readonly base: string; readonly version: string };

export const channelId = ({ base }: Pick<Announcing, 'base'>, id: number): string => `${safeId(base)}_channel_${id}`;

export function channelDevice(input: Announcing, { id, name, maySkip }: DiscoveredChannel): DevicePayload {
  const { base, version } = input;
  const names = { channel: String(id) };
  const source: Source = { device: channelId(input, id), stateTopic: topicOf(base, 'channelState', names) };
  return {
    device: {
      identifiers: [source.device],
      name: `Channel ${name}`,
      manufacturer: ORIGIN,
      model: 'TV channel',
      via_device: controllerId(input),
    },
    origin: { name: ORIGIN, sw_version: version },
    ...available(topicOf(base, 'controllerPresence', {})),
    components: {
      ...shown(source),
      enabled: control('switch', source, {
        key: 'enabled',
        name: 'Enabled',
        command_topic: topicOf(base, 'setChannelEnabled', names),
        value_template: onOff('enabled'),
      }),
      ...(maySkip
        ? {
            skip: button(source.device, {
              key: 'skip',
              name: 'Next programme',
              command_topic: topicOf(base, 'setChannelSkip', names),
              icon: 'mdi:skip-next',
            }),
          }
        : {}),
    },
  };
}

const shown = (source: Source): Components => ({
  now: programme(source, 'now', 'Now'),
  next: programme(source, 'next', 'Next'),
  next_start: sensor(source, 'next_start', 'Next at', {
    device_class: 'timestamp',
    value_template: "{{ value_json.next.start if value_json.next else 'None' }}",
  }),
  viewers: count(source, 'viewers', 'Viewers', { icon: 'mdi:account-multiple' }),
});

/** A state holds 255 characters at most; the rest of the programme stands in the attributes. */
const programme = (source: Source, key: 'now' | 'next', name: string) =>
  sensor(source, key, name, {
    value_template: `{{ value_json.${key}.title[:250] if value_json.${key} else 'None' }}`,
    json_attributes_topic: source.stateTopic,
    json_attributes_template: `{{ (value_json.${key} or {}) | tojson }}`,
    icon: 'mdi:television-classic',
  });
