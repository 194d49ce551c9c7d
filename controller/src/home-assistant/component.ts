// Pure: entities of Home Assistant's MQTT device discovery, as short makers. Texts that the product checks are exact: units, classes, platforms.

/** One entity of a device payload. Unknown keys are refused by Home Assistant, so nothing is sent that it does not know. */
export type Component = { readonly platform: string; readonly unique_id: string; readonly [option: string]: unknown };
export type Components = Readonly<Record<string, Component>>;

/** Where a device's entities read, and what makes their ids: stable for ever. */
export type Source = { readonly device: string; readonly stateTopic: string };

/**
 * `data_rate` takes "Mbit/s" exactly; "bps" or "Mbps" would drop the whole entity. People read Mbit/s, and an MQTT sensor cannot
 * suggest another unit than the one that it sends, so bit/s are divided here. `path` is where the payload has the value.
 */
export const rate = (source: Source, key: string, name: string, { path = key, ...options }: RateOptions = {}): Component =>
  sensor(source, key, name, {
    device_class: 'data_rate',
    unit_of_measurement: 'Mbit/s',
    state_class: 'measurement',
    suggested_display_precision: 1,
    value_template: orNone(path, `(value_json.${path} / 1000000) | round(3)`),
    ...options,
  });

type RateOptions = { readonly path?: string; readonly [option: string]: unknown };

/** "None" where the value, or the object that holds it, is null: other text would raise an error in a sensor with a unit. */
export const orNone = (path: string, text = `value_json.${path}`): string => {
  const [whole = '', ...rest] = path.split('.');
  const there = rest.length > 0 ? `value_json.${whole} and ` : '';
  return `{{ ${text} if ${there}value_json.${path} is not none else 'None' }}`;
};

export const count = (source: Source, key: string, name: string, options: object = {}): Component =>
  sensor(source, key, name, { state_class: 'measurement', ...options });

export const sensor = ({ device, stateTopic }: Source, key: string, name: string, options: object): Component => ({
  platform: 'sensor',
  ...ids('sensor', device, key),
  name,
  state_topic: stateTopic,
  value_template: orNone(key),
  qos: 1,
  ...options,
});

export const binary = ({ device, stateTopic }: Source, key: string, name: string, options: object): Component => ({
  platform: 'binary_sensor',
  ...ids('binary_sensor', device, key),
  name,
  state_topic: stateTopic,
  payload_on: 'ON',
  payload_off: 'OFF',
  qos: 1,
  ...options,
});

/** A control: reads the state topic, writes a command topic. */
export const control = (
  platform: 'switch' | 'select' | 'number',
  { device, stateTopic }: Source,
  { key, name, ...options }: { readonly key: string; readonly name: string; readonly [option: string]: unknown },
): Component => ({
  platform,
  ...ids(platform, device, key),
  name,
  state_topic: stateTopic,
  entity_category: 'config',
  qos: 1,
  ...options,
});

/** Writes `PRESS` to a command topic, and reads nothing. */
export const button = (
  device: string,
  { key, name, ...options }: { readonly key: string; readonly name: string; readonly [option: string]: unknown },
): Component => ({
  platform: 'button',
  ...ids('button', device, key),
  name,
  payload_press: 'PRESS',
  qos: 1,
  ...options,
});

export const ids = (
  platform: string,
  device: string,
  key: string,
): { readonly unique_id: string; readonly default_entity_id: string } => ({
  unique_id: `${device}_${key}`,
  default_entity_id: `${platform}.${device}_${key}`,
});

/** Home Assistant's ids: letters, digits, `_` and `-`; ours in lower case. */
export const safeId = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9_-]+/g, '_');
