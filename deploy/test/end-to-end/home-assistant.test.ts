// What a Home Assistant at the broker sees of a running Headgate, held against the product's own rules.
import mqtt from 'mqtt';
import t from 'tap';
import { checkDiscovery } from '../../demo/home-assistant/check-discovery.ts';
import { renderTemplate } from '../../demo/home-assistant/render-template.ts';
import { until } from './fixtures/until.ts';
import { startWatchedHome } from './fixtures/watched-home.ts';

const CONTROLLER = 'homeassistant/device/headgate/config';
const ROUTER = 'homeassistant/device/headgate_router_router/config';
type Entity = Readonly<Record<string, string | undefined>>;
type Device = { readonly components: Readonly<Record<string, Entity>>; readonly availability_topic: string };

t.test('Home Assistant sees Headgate', async (t) => {
  const { home, observer } = await startWatchedHome(t);
  await until('both devices, the router with its WAN', () => observer.discovery().get(ROUTER)?.includes('wan_up_bps') === true, {
    show: () => [...observer.discovery().keys()],
  });
  const device = (topic: string): Device => JSON.parse(observer.discovery().get(topic) ?? '{}') as Device;

  await t.test('the discovery messages pass the rules', async (t) => {
    t.same(checkDiscovery(observer.discovery()), []);
    t.same([...observer.discovery().keys()].sort(), [CONTROLLER, ROUTER].sort());
    t.ok(observer.entities() > 20);
  });

  await t.test('each entity gets a value from what is really published', async (t) => {
    for (const topic of [CONTROLLER, ROUTER])
      for (const [key, entity] of Object.entries(device(topic).components)) {
        const { state_topic: stateTopic = '', value_template: template } = entity;
        if (stateTopic === '' || entity['platform'] === 'event' || template === undefined) continue;
        const payload = observer.newest().get(stateTopic);
        t.ok(payload !== undefined && renderTemplate(template, JSON.parse(payload)) !== '', `${topic} ${key}`);
      }
    for (const topic of [CONTROLLER, ROUTER]) {
      const presence: unknown = JSON.parse(observer.newest().get(device(topic).availability_topic) ?? '{}');
      t.match(presence, { state: 'online', at: /^\d{4}-.*Z$/ });
    }
  });

  await t.test('after its birth message discovery and state are said again within 5 s; without it nothing is', async (t) => {
    const client = await mqtt.connectAsync(home.mqttUrl, { ...home.mqttUser, clientId: 'home-assistant' });
    t.teardown(() => client.endAsync(true));
    const heard: string[] = [];
    client.on('message', (topic, _payload, { retain }) => retain || heard.push(topic));
    await client.subscribeAsync(['homeassistant/device/+/config', 'headgate/bandwidth/state'], { qos: 1 });
    await until('two states', () => heard.filter((topic) => topic === 'headgate/bandwidth/state').length >= 1);
    t.notOk(heard.includes(CONTROLLER), 'unchanged discovery is not said again');
    heard.splice(0);
    await client.publishAsync('homeassistant/status', 'online', { qos: 1 });
    const ms = await until('discovery and state', () =>
      [CONTROLLER, ROUTER, 'headgate/bandwidth/state'].every((topic) => heard.includes(topic)),
    );
    t.ok(ms > 900 && ms < 6_000, `${Math.round(ms)} ms`);
    t.ok(heard.lastIndexOf('headgate/bandwidth/state') > heard.indexOf(ROUTER), 'the state comes after what it is read by');
  });

  await t.test('a stop is told by presence; discovery stays', async (t) => {
    const client = await mqtt.connectAsync(home.mqttUrl, { ...home.mqttUser, clientId: 'home-assistant-2', reconnectPeriod: 0 });
    const states: string[] = [];
    client.on('message', (_topic, payload) =>
      states.push(String((JSON.parse(payload.toString()) as { readonly state: string }).state)),
    );
    await client.subscribeAsync('headgate/controller/presence', { qos: 1 });
    await until('online', () => states.includes('online'));
    await home.controller.stop();
    t.equal(states.at(-1), 'offline');
    await client.endAsync(true);
  });

  await t.test('a router whose retained messages were cleared is gone after the next start', async (t) => {
    await home.agent.stop();
    await home.controller.start();
    // A message that clears a retained one is told to whom is connected, and to nobody later.
    await until(
      'the observer is back',
      () => observer.newest().get('headgate/controller/presence')?.includes('"online"') === true,
    );
    const router = await mqtt.connectAsync(home.mqttUrl, {
      username: 'router',
      password: 'an-agent-password',
      clientId: 'cleaner',
    });
    for (const topic of observer.newest().keys())
      if (topic.startsWith('headgate/router/router/')) await router.publishAsync(topic, '', { qos: 1, retain: true });
    await router.endAsync();
    await until('cleared', () => observer.newest().get('headgate/router/router/presence') === '');
    await home.controller.stop();
    await home.controller.start();
    await until('its device is removed', () => observer.newest().get(ROUTER) === '', {
      show: () => observer.newest().get(ROUTER)?.slice(0, 80),
    });
    t.ok(observer.discovery().has(CONTROLLER), 'the controller stays');
  });
});
