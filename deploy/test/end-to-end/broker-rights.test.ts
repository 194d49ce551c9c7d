// Users of the embedded broker may say and hear their own topics only; and one line of configuration takes a broker of one's own.
import mqtt from 'mqtt';
import t from 'tap';
import { startMosquitto } from '../../../controller/test/broker/fixtures/mosquitto.ts';
import { observeHome } from '../../demo/home-observer.ts';
import { programPath } from '../../demo/our-programs.ts';
import { createProgram } from '../../demo/program.ts';
import { startSimulatedHome } from '../../demo/simulated-home.ts';
import { until } from './fixtures/until.ts';
import { writeVariant } from './fixtures/variant.ts';
import { PEOPLE, startWatchedHome, watchFromOutside } from './fixtures/watched-home.ts';

t.test('a broker user cannot say what it may not', async (t) => {
  const { home, observer } = await startWatchedHome(t);
  const attempt = async (username: string, password: string, topic: string): Promise<boolean> => {
    const client = await mqtt.connectAsync(home.mqttUrl, {
      username,
      password,
      clientId: `try-${username}`,
      reconnectPeriod: 0,
    });
    const payload = JSON.stringify({ state: 'online', version: '9', boot_id: 'forged' });
    const taken = await client.publishAsync(topic, payload, { qos: 1, retain: true }).then(
      () => true,
      () => false,
    );
    await client.endAsync(true).catch(() => {});
    return taken;
  };
  const house = home.mqttUser;
  for (const topic of ['headgate/bandwidth/state', 'headgate/controller/presence', 'headgate/router/router/presence', CONFIG])
    await attempt(house.username, house.password, topic);
  for (const topic of ['headgate/router/other/presence', 'headgate/bandwidth/set/enabled', 'headgate/bandwidth/state', CONFIG])
    await attempt('router', 'an-agent-password', topic);
  await until('samples still come', () => observer.telemetryMessages() > 2);
  t.notOk(
    [...observer.newest().values()].some((payload) => payload.includes('forged')),
    'nothing forged was delivered or kept',
  );
  await t.rejects(
    mqtt.connectAsync(home.mqttUrl, { username: 'router', password: 'wrong', reconnectPeriod: 0 }),
    'a wrong password',
  );
  await t.rejects(mqtt.connectAsync(home.mqttUrl, { reconnectPeriod: 0 }), 'nobody without a name');
});

const CONFIG = 'homeassistant/device/headgate/config';

t.test('a Mosquitto instead of the embedded broker, by one line', async (t) => {
  const mosquitto = await startMosquitto(t);
  const home = await startSimulatedHome({ jellyfin: { users: PEOPLE }, withAgent: false });
  t.teardown(() => home[Symbol.asyncDispose]());
  const config = await writeVariant(home, 'external', (written) => {
    written.mqtt = { broker: `mqtt://127.0.0.1:${mosquitto.port}`, username: 'headgate', password: 'right' };
    written['uplink'] = { upload: 20 };
  });
  const controller = createProgram({
    name: 'controller',
    args: [programPath('controller'), '--config', config],
    readyText: 'Headgate runs',
  });
  t.teardown(() => controller[Symbol.asyncDispose]());
  await controller.start();
  const mqttUser = { username: 'headgate', password: 'right' };
  const observer = await observeHome({ mqttUrl: `mqtt://127.0.0.1:${mosquitto.port}`, mqttUser });
  t.teardown(() => observer[Symbol.asyncDispose]());
  await watchFromOutside(home);
  await until(
    'state and discovery at Mosquitto',
    () => observer.state()?.remote_streams === 1 && observer.discovery().size === 1,
    {
      show: observer.state,
    },
  );
  t.ok(home.jellyfin.limitOf('anna') > 0);
  await mosquitto.signal('SIGKILL');
  await controller.waitFor(({ part, level }) => part === 'mqtt' && level === 'warn');
  t.equal((await fetch(`${home.httpUrl}/healthz`)).status, 200, 'Headgate runs on without its broker');
  await mosquitto.start();
  await until('said again', () => observer.state()?.remote_streams === 1, { show: () => controller.lines().slice(-4) });
  t.equal(await controller.stop(), 0);
  t.equal(home.jellyfin.limitOf('anna'), 0);
});
