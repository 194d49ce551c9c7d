// Pure: what went through the WAN this month, and each data cap, as sensors of the controller's device.
import { binary, type Components, orNone, type Source, sensor } from './component.ts';
import { onOff } from './device.ts';

export type DiscoveredUsage = { readonly capped: readonly ('upload' | 'download' | 'together')[] };

const KEYS = { upload: 'up', download: 'down', together: 'together' } as const;
const NAMES = { upload: 'Upload', download: 'Download', together: 'Traffic' } as const;

/** @param source its topic is that of the usage state */
export function usageComponents(source: Source, { capped }: DiscoveredUsage): Components {
  return {
    month_up_bytes: bytes(source, 'month_up_bytes', 'Upload this month', 'up_bytes'),
    month_down_bytes: bytes(source, 'month_down_bytes', 'Download this month', 'down_bytes'),
    today_up_bytes: bytes(source, 'today_up_bytes', 'Upload today', 'today_up_bytes'),
    today_down_bytes: bytes(source, 'today_down_bytes', 'Download today', 'today_down_bytes'),
    ...Object.assign({}, ...capped.map((direction) => capComponents(source, direction))),
    ...(capped.length === 0
      ? {}
      : {
          data_cap_reached: binary(source, 'data_cap_reached', 'Data cap reached', {
            device_class: 'problem',
            value_template: onOff('cap_reached'),
          }),
        }),
  };
}

function capComponents(source: Source, direction: keyof typeof KEYS): Components {
  const [key, name] = [KEYS[direction], NAMES[direction]];
  const percent = { unit_of_measurement: '%', state_class: 'measurement', suggested_display_precision: 1 };
  return {
    [`${key}_cap_percent`]: sensor(source, `${key}_cap_percent`, `${name} cap used`, { ...percent, icon: 'mdi:gauge' }),
    [`${key}_projected_percent`]: sensor(source, `${key}_projected_percent`, `${name} cap at the end of the month`, {
      ...percent,
      icon: 'mdi:chart-line',
    }),
    [`${key}_remaining_per_day`]: sensor(source, `${key}_remaining_per_day`, `${name} left per day`, {
      device_class: 'data_size',
      unit_of_measurement: 'GB',
      state_class: 'measurement',
      suggested_display_precision: 1,
      value_template: orNone(
        `${key}_remaining_per_day_bytes`,
        `(value_json.${key}_remaining_per_day_bytes / 1000000000) | round(3)`,
      ),
    }),
  };
}

/** A month that begins anew falls to 0, as `total_increasing` allows. */
const bytes = (source: Source, key: string, name: string, path: string) =>
  sensor(source, key, name, {
    device_class: 'data_size',
    unit_of_measurement: 'GB',
    state_class: 'total_increasing',
    suggested_display_precision: 1,
    value_template: orNone(path, `(value_json.${path} / 1000000000) | round(3)`),
  });
