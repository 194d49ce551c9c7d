// Pure: the controller as a device: totals of the home, what it thinks, and its controls.
import { topicOf } from '@headgate/protocol';
import { binary, type Components, count, ids, orNone, rate, type Source, sensor } from './component.ts';
import { controlEntities } from './control-entities.ts';
import { available, controllerId, type DevicePayload, ORIGIN, onOff } from './device.ts';
import { shadowEntities } from './shadow-entities.ts';
import { totalEntities } from './total-entities.ts';
import { type DiscoveredUsage, usageComponents } from './usage-entities.ts';

export type ControllerInput = {
  readonly base: string;
  readonly homeName: string;
  readonly version: string;
  /** Where the web page and the API are; null where not known from outside. */
  readonly url: string | null;
  readonly algorithms: readonly string[];
  /** Those who may be boosted, `server/user`. */
  readonly viewers: readonly string[];
  readonly eventTypes: readonly string[];
  readonly usage: DiscoveredUsage;
  /** A shadow policy decides beside the one that rules. */
  readonly hasShadow: boolean;
};

export function controllerDevice(input: ControllerInput): DevicePayload {
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
    components: { ...totalEntities(source), ...used, ...diagnostics(source, input), ...controlEntities(source, input) },
  };
}

const diagnostics = (source: Source, { base, eventTypes, hasShadow }: ControllerInput): Components => ({
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
