// A restart of the controller forgets nothing: settings, tokens, history, retained messages.
import mqtt from 'mqtt';
import t from 'tap';
import { call, logIn } from './fixtures/api.ts';
import { until } from './fixtures/until.ts';
import { startWatchedHome } from './fixtures/watched-home.ts';

type History = { readonly points: readonly { readonly samples: number }[] };

t.test('what a restart keeps', async (t) => {
  const { home, observer } = await startWatchedHome(t);
  const api = await logIn(home);
  t.equal((await api.call('PATCH', '/api/bandwidth/settings', { algorithm: 'equal', reserve_percent: 20 })).status, 200);
  const made = (await api.call('POST', '/api/tokens', { name: 'kept', scope: 'read' })).body as { readonly token: string };
  const bearer = { authorization: `Bearer ${made.token}` };
  await until('some samples', () => observer.telemetryMessages() >= 3);
  await home.controller.kill();
  await home.controller.start();

  await t.test('settings that were changed while running', async (t) => {
    const { status, body } = await call(`${home.httpUrl}/api/bandwidth`, 'GET', { headers: bearer });
    t.equal(status, 200, 'the token is still good');
    t.match(body, { settings: { algorithm: 'equal', reserve: { percent: 20 } } });
  });
  await t.test('a session of the web page', async (t) => t.equal((await api.call('GET', '/api/tokens')).status, 200));
  await t.test('a revoked token stays revoked', async (t) => {
    const { body } = await api.call('GET', '/api/tokens');
    const [token] = (body as { readonly tokens: readonly { readonly id: string }[] }).tokens;
    t.equal((await api.call('DELETE', `/api/tokens/${token?.id}`)).status, 204);
    t.equal((await call(`${home.httpUrl}/api/bandwidth`, 'GET', { headers: bearer })).status, 401);
  });
  await t.test('retained messages of the embedded broker, to a client that never connected before', async (t) => {
    const seen = new Set<string>();
    const client = await mqtt.connectAsync(home.mqttUrl, { ...home.mqttUser, clientId: 'newcomer' });
    t.teardown(() => client.endAsync(true));
    client.on('message', (topic, _payload, packet) => packet.retain && seen.add(topic));
    await client.subscribeAsync(['headgate/#', 'homeassistant/#'], { qos: 1 });
    await until('sqm, link, state and discovery', () =>
      ['headgate/router/router/wan/wan/sqm', 'headgate/bandwidth/state', 'homeassistant/device/headgate/config'].every((topic) =>
        seen.has(topic),
      ),
    );
    t.notOk(
      [...seen].some((topic) => topic.endsWith('/throughput')),
      'samples of each second are not retained',
    );
  });
  await t.test('minutes of history, joined across a proper restart', async (t) => {
    await until('some samples', async () => (await api.get<History>('/api/telemetry/history')).points.length > 0);
    await home.controller.stop();
    await home.controller.start();
    const hour = await api.get<History>('/api/telemetry/history?points=60');
    t.ok(hour.points.reduce((sum, { samples }) => sum + samples, 0) >= 1, 'the open minute was written at the stop');
  });
});
