// The checker can fail: each rule of Home Assistant's is broken once.
import t from 'tap';
import { checkDiscovery } from '../../../demo/home-assistant/check-discovery.ts';
import { renderTemplate } from '../../../demo/home-assistant/render-template.ts';

const TOPIC = 'homeassistant/device/headgate/config';
const rate = {
  platform: 'sensor',
  unique_id: 'headgate_up',
  default_entity_id: 'sensor.headgate_up',
  name: 'Upload',
  state_topic: 'headgate/bandwidth/state',
  value_template: '{{ value_json.up }}',
  device_class: 'data_rate',
  unit_of_measurement: 'Mbit/s',
  state_class: 'measurement',
  qos: 1,
};
const good = {
  device: { identifiers: ['headgate'], name: 'Headgate Home' },
  origin: { name: 'Headgate', sw_version: '1' },
  availability_topic: 'headgate/controller/presence',
  components: { up: rate },
};
const check = (message: object, topic = TOPIC) => checkDiscovery(new Map([[topic, JSON.stringify(message)]]));
const withRate = (change: object) => check({ ...good, components: { up: { ...rate, ...change } } });

t.test('a good message has no fault, and an empty one removes its device', async (t) => {
  t.same(check(good), []);
  t.same(checkDiscovery(new Map([[TOPIC, '']])), []);
});

t.test('each rule, broken once', async (t) => {
  for (const [name, faults, says] of [
    ['no origin', check({ ...good, origin: undefined }), /origin: has no name/],
    ['no device name', check({ ...good, device: { identifiers: ['x'] } }), /device: has no name/],
    ['no identifiers', check({ ...good, device: { name: 'x' } }), /needs identifiers/],
    ['no components', check({ ...good, components: {} }), /there are none/],
    ['unknown at the root', check({ ...good, colour: 'red' }), /colour: is not known at the root/],
    ['a base topic', check({ ...good, '~': 'headgate' }), /"~"/],
    ['another topic', check(good, 'homeassistant/sensor/x/config'), /no discovery topic/],
    ['no JSON', checkDiscovery(new Map([[TOPIC, '{']])), /no JSON/],
    ['two entities with one id', check({ ...good, components: { a: rate, b: rate } }), /is that of a/],
    ['unknown platform', withRate({ platform: 'gauge' }), /whole message is refused/],
    ['no unique_id', withRate({ unique_id: undefined }), /unique_id: is missing/],
    ['no qos of its own', withRate({ qos: undefined }), /qos: is missing/],
    ['wrong unit', withRate({ unit_of_measurement: 'Mbps' }), /the entity is dropped/],
    ['wrong state class', withRate({ state_class: 'total_increasing' }), /does not fit data_rate/],
    ['no state class', withRate({ state_class: undefined }), /no statistics/],
    ['unknown option', withRate({ suggested_unit_of_measurement: 'Mbit/s' }), /a sensor does not know it/],
    ['object_id', withRate({ object_id: 'x' }), /2026\.4/],
    ['config category', withRate({ entity_category: 'config' }), /refused for a sensor/],
    ['the device in the name', withRate({ name: 'Headgate Home upload' }), /repeats the device/],
    ['a shortened topic', withRate({ state_topic: '~/state' }), /not expanded/],
    ['entity id of another platform', withRate({ default_entity_id: 'switch.x' }), /none of a sensor/],
    ['two availabilities', withRate({ availability: [{ topic: 'headgate/x' }] }), /availability_topic and availability/],
    ['expiring retained state', withRate({ expire_after: 30 }), /each replay/],
    [
      'enum without options',
      withRate({ device_class: 'enum', unit_of_measurement: undefined, state_class: undefined }),
      /enum without options/,
    ],
    ['no availability', check({ ...good, availability_topic: undefined }), /no availability/],
    [
      'bad number',
      check({
        ...good,
        components: {
          n: {
            ...rate,
            platform: 'number',
            default_entity_id: 'number.n',
            command_topic: 'x',
            state_class: undefined,
            min: 9,
            max: 1,
          },
        },
      }),
      /min is not less/,
    ],
  ] as const)
    t.match(faults.join('\n'), says, name);
});

t.test('templates render as Home Assistant does', async (t) => {
  const payload = { up: 18_250_000, none: null, nested: { rate: null }, on: true, state: 'online', text: 'long enough' };
  for (const [template, text] of [
    ['{{ value_json.up }}', '18250000'],
    ["{{ (value_json.up / 1000000) | round(3) if value_json.up is not none else 'None' }}", '18.25'],
    ["{{ value_json.none if value_json.none is not none else 'None' }}", 'None'],
    ["{{ value_json.nested.rate if value_json.nested and value_json.nested.rate is not none else 'None' }}", 'None'],
    ["{{ 'ON' if value_json.on else 'OFF' }}", 'ON'],
    ["{{ 'ON' if value_json.state == 'online' else 'OFF' }}", 'ON'],
    ['{{ value_json.text[:4] }}', 'long'],
  ] as const)
    t.equal(renderTemplate(template, payload), text, template);
  t.throws(() => renderTemplate('{{ value_json.upp }}', payload), /no such field/);
  t.throws(() => renderTemplate('{{ states("x") }}', payload));
});
