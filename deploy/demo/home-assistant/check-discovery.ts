// Pure: what Home Assistant would refuse, drop or warn about in device discovery messages; one sentence a fault.
import { COMMON_OPTIONS, DEVICE_OPTIONS, PLATFORMS, ROOT_OPTIONS, STATE_CLASSES, UNITS } from './discovery-rules.ts';

type Fields = Readonly<Record<string, unknown>>;

const TOPIC = /^([A-Za-z0-9_-]+)\/device\/([A-Za-z0-9_-]+)\/config$/;
const ENTITY_ID = /^[a-z_]+\.[a-z0-9_]+$/;

/** @param messages payload by topic, as retained at the broker; an empty one removes its device. */
export function checkDiscovery(messages: ReadonlyMap<string, string>): readonly string[] {
  const faults: string[] = [];
  const uniqueIds = new Map<string, string>();
  for (const [topic, payload] of messages) {
    const tell = (sentence: string): void => void faults.push(`${topic}: ${sentence}`);
    if (!TOPIC.test(topic)) tell('is no discovery topic of a device');
    if (payload === '') continue;
    const message = parse(payload);
    if (message === null) {
      tell('is no JSON object');
      continue;
    }
    checkRoot(message, tell);
    for (const [key, component] of Object.entries(fieldsOf(message['components']))) {
      const say = (sentence: string): void => tell(`${key}: ${sentence}`);
      checkComponent(fieldsOf(component), message, say);
      const id = String(fieldsOf(component)['unique_id']);
      if (uniqueIds.has(id)) say(`unique_id ${id} is that of ${uniqueIds.get(id)}`);
      uniqueIds.set(id, key);
    }
  }
  return faults;
}

type Tell = (sentence: string) => void;

function checkRoot(message: Fields, tell: Tell): void {
  const device = fieldsOf(message['device']);
  const origin = fieldsOf(message['origin']);
  if (isEmpty(device['identifiers']) && isEmpty(device['connections'])) tell('device: needs identifiers or connections');
  if (isEmpty(device['name'])) tell('device: has no name');
  if (isEmpty(origin['name'])) tell('origin: has no name, so the whole message is refused');
  if (Object.keys(fieldsOf(message['components'])).length === 0) tell('components: there are none');
  for (const key of Object.keys(message)) if (!ROOT_OPTIONS.includes(key)) tell(`${key}: is not known at the root`);
  for (const key of Object.keys(device)) if (!DEVICE_OPTIONS.includes(key)) tell(`device.${key}: is not known`);
  if ('~' in message) tell('"~" at the root is not expanded in components');
}

function checkComponent(component: Fields, message: Fields, tell: Tell): void {
  const platform = String(component['platform']);
  const rules = PLATFORMS[platform];
  if (!rules) {
    tell(`platform "${platform}" is not known, so the whole message is refused`);
    return;
  }
  const has = (key: string): boolean => component[key] !== undefined || (key.endsWith('_topic') && message[key] !== undefined);
  for (const key of ['unique_id', 'default_entity_id', 'qos', ...rules.required]) if (!has(key)) tell(`${key}: is missing`);
  for (const key of Object.keys(component)) {
    if (key === 'object_id') tell('object_id: stops working in 2026.4; default_entity_id takes its place');
    else if (![...COMMON_OPTIONS, ...rules.options].includes(key)) tell(`${key}: a ${platform} does not know it`);
  }
  if (JSON.stringify(component).includes('"~')) tell('a topic begins with "~", which is not expanded');
  const entityId = String(component['default_entity_id']);
  if (!ENTITY_ID.test(entityId) || !entityId.startsWith(`${platform}.`))
    tell(`default_entity_id "${entityId}" is none of a ${platform}`);
  checkName(component, message, tell);
  checkClass(component, platform, tell);
  checkOptions(component, platform, tell);
  if (!has('availability_topic') && component['availability'] === undefined && message['availability'] === undefined)
    tell('has no availability: it would look well while nobody feeds it');
  if (has('availability_topic') && (component['availability'] ?? message['availability']) !== undefined)
    tell('has availability_topic and availability, its own or the root’s: the entity is dropped');
}

function checkName({ name, device_class: deviceClass }: Fields, message: Fields, tell: Tell): void {
  const device = String(fieldsOf(message['device'])['name']);
  if (name === undefined && deviceClass === undefined) tell('has neither a name nor a device_class to be named after');
  if (typeof name === 'string' && name.toLowerCase().includes(device.toLowerCase())) tell(`name "${name}" repeats the device's`);
}

function checkClass(component: Fields, platform: string, tell: Tell): void {
  const { device_class: deviceClass, unit_of_measurement: unit, state_class: stateClass, entity_category: category } = component;
  if (category !== undefined && category !== 'config' && category !== 'diagnostic')
    tell(`entity_category ${String(category)} is none`);
  if (category === 'config' && /^(binary_)?sensor$|^event$/.test(platform))
    tell(`entity_category config is refused for a ${platform}`);
  if (deviceClass !== undefined && !PLATFORMS[platform]?.deviceClasses.includes(String(deviceClass)))
    tell(`device_class ${String(deviceClass)} is none of a ${platform}`);
  if (platform !== 'sensor' && platform !== 'number') return;
  const units = UNITS[String(deviceClass)];
  if (units && !units.includes(String(unit)))
    tell(`unit "${String(unit)}" does not fit ${String(deviceClass)}: the entity is dropped`);
  const classes = STATE_CLASSES[String(deviceClass)];
  if (stateClass !== undefined && classes && !classes.includes(String(stateClass)))
    tell(`state_class ${String(stateClass)} does not fit ${String(deviceClass)}`);
  if (stateClass !== undefined && !['measurement', 'total', 'total_increasing'].includes(String(stateClass)))
    tell(`state_class ${String(stateClass)} is none`);
  if (platform === 'sensor' && deviceClass === 'data_rate' && stateClass === undefined)
    tell('a rate without state_class has no statistics');
}

function checkOptions(component: Fields, platform: string, tell: Tell): void {
  const { options, device_class: deviceClass, min, max, unit_of_measurement: unit, state_class: stateClass } = component;
  if (deviceClass === 'enum' && (!Array.isArray(options) || options.length === 0)) tell('enum without options');
  if (deviceClass === 'enum' && (unit !== undefined || stateClass !== undefined)) tell('enum with a unit or a state_class');
  if (platform === 'sensor' && options !== undefined && deviceClass !== 'enum') tell('options are for enum only');
  if (platform === 'number' && Number(min) >= Number(max)) tell('min is not less than max');
  if (platform === 'event' && component['entity_category'] !== undefined) tell('an event takes no entity_category');
  if (component['expire_after'] !== undefined) tell('expire_after with a retained state: each replay would arm it anew');
}

const isEmpty = (value: unknown): boolean =>
  value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);

const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};

function parse(text: string): Fields | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : null;
  } catch {
    return null;
  }
}
