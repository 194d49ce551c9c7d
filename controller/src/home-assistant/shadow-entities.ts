// Pure: what Home Assistant shows of the shadow policy, where there is one.
import { binary, type Components, type Source, sensor } from './component.ts';

export const shadowEntities = (source: Source): Components => ({
  shadow_differs: binary(source, 'shadow_differs', 'Shadow policy differs', {
    value_template: "{{ 'ON' if value_json.shadow_differs | default(false) else 'OFF' }}",
    entity_category: 'diagnostic',
    icon: 'mdi:set-none',
  }),
  shadow_differences: sensor(source, 'shadow_differences', 'Shadow policy differences', {
    value_template: '{{ value_json.shadow_differences | default(0) }}',
    state_class: 'total_increasing',
    entity_category: 'diagnostic',
  }),
  shadow_reason: sensor(source, 'shadow_reason', 'Shadow policy reason', {
    value_template: "{{ (value_json.shadow_reason | default('none', true))[:250] }}",
    entity_category: 'diagnostic',
    icon: 'mdi:comment-question-outline',
  }),
});
