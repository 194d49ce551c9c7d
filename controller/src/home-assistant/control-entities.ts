// Pure: what is switched, chosen, typed and pressed at the controller's device.
import { NOBODY, topicOf } from '@headgate/protocol';
import { button, type Components, control, orNone, type Source } from './component.ts';
import { onOff } from './device.ts';

export type ControlInput = {
  readonly base: string;
  readonly algorithms: readonly string[];
  readonly viewers: readonly string[];
};

type Setting = 'setEnabled' | 'setDryRun' | 'setAlgorithm' | 'setReserve' | 'setRestore' | 'setPause' | 'setBoostViewer';

/** More make no list that a person would look through. */
const MOST_VIEWERS = 100;

export function controlEntities(source: Source, { base, algorithms, viewers }: ControlInput): Components {
  const set = (key: Setting): string => topicOf(base, key, {});
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
    boost: control('select', source, {
      key: 'boost',
      name: 'Boost for an hour',
      command_topic: set('setBoostViewer'),
      value_template: '{{ value_json.boosted }}',
      icon: 'mdi:rocket-launch',
      options: [NOBODY, ...viewers.slice(0, MOST_VIEWERS)],
      entity_category: undefined,
    }),
    restore,
  };
}
