// Pure: what Home Assistant shows of the shadow policy, where there is one.
import { binary, type Components, type Source, sensor } from './component.ts';
import { onOff } from './device.ts';

export const shadowEntities = (source: Source): Components => ({
  shadow_differs: binary(source, 'shadow_differs', 'Shadow policy differs', {
    value_template: onOff('shadow_differs'),
    entity_category: 'diagnostic',
    icon: 'mdi:set-none',
  }),
  shadow_differences: sensor(source, 'shadow_differences', 'Shadow policy differences', {
    state_class: 'total_increasing',
    entity_category: 'diagnostic',
  }),
  // A state holds 255 characters at most.
  shadow_reason: sensor(source, 'shadow_reason', 'Shadow policy reason', {
    value_template: "{{ value_json.shadow_reason[:250] if value_json.shadow_reason else 'None' }}",
    entity_category: 'diagnostic',
    icon: 'mdi:comment-question-outline',
  }),
});
