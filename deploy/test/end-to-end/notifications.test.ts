// Row 71, end to end: high demand begins and ends, and each of a webhook, an ntfy and Home Assistant hears of it once: through pauses, outages and a SIGKILL.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import mqtt from 'mqtt';
import t from 'tap';
import { checkDiscovery } from '../../demo/home-assistant/check-discovery.ts';
import { startNtfySimulator } from '../../demo/ntfy/start-ntfy-simulator.ts';
import { startWebhookReceiver } from '../../demo/webhook/start-webhook-receiver.ts';
import { logIn } from './fixtures/api.ts';
import { runCommand } from './fixtures/run-command.ts';
import { until } from './fixtures/until.ts';
import { writeVariant } from './fixtures/variant.ts';
import { startWatchedHome, watchFromOutside } from './fixtures/watched-home.ts';

const SECRET_PATH = '/hooks/T0P-S3CRET-PATH?key=qu3ry-s3cret';
const TOKEN = 'tk_v3ry_secret_token';
const SIGNING = 'a signing secret of the home';

t.test('high demand, once for each who is told', async (t) => {
  const hook = await startWebhookReceiver({ path: SECRET_PATH, secret: SIGNING });
  const ntfy = await startNtfySimulator({ users: [{ username: 'home', password: 'x', token: TOKEN, topics: ['home-alarms'] }] });
  t.teardown(() => Promise.all([hook[Symbol.asyncDispose](), ntfy[Symbol.asyncDispose]()]));
  const { home, observer } = await startWatchedHome(t, {
    config: {
      bandwidth: { apply: 'active', restore_after: '2s' },
      notifications: {
        repeat_after: '3s',
        high_demand_after: '2s',
        high_demand_over_after: '5s',
        sinks: [
          { name: 'hook', type: 'webhook', url: `${hook.url}${SECRET_PATH}`, secret: SIGNING },
          { name: 'phone', type: 'ntfy', url: ntfy.url, topic: 'home-alarms', token: TOKEN },
        ],
      },
    },
  });
  const house = await mqtt.connectAsync(home.mqttUrl, { ...home.mqttUser, clientId: 'automation', reconnectPeriod: 100 });
  t.teardown(() => house.endAsync(true));
  const heard: string[] = [];
  house.on('message', (_topic, payload, { retain }) => {
    const { event_type: type } = JSON.parse(payload.toString()) as { readonly event_type: string };
    heard.push(retain ? `retained ${type}` : type);
  });
  await house.subscribeAsync('headgate/event', { qos: 1 });

  const isDemand = (type: string): boolean => type.startsWith('high_demand');
  const atHook = (): string[] => hook.messages().map(({ type }) => type);
  const demand = () => ({
    hook: atHook().filter(isDemand),
    phone: ntfy.published.map(({ title }) => title).filter((title) => title.includes('High demand')),
    automation: heard.filter(isDemand),
  });
  const BEGAN = { hook: ['high_demand_began'], phone: ['Headgate: High demand'], automation: ['high_demand_began'] };
  const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

  const anna = await watchFromOutside(home);
  const cleo = await watchFromOutside(home, 'cleo');

  await t.test('it begins: who watches and the numbers', async (t) => {
    await until('all three know', () => same(demand(), BEGAN), { show: demand });
    const [began] = hook.messages().filter(({ type }) => isDemand(type));
    t.match(began, {
      severity: 'info',
      title: 'High demand',
      text: /^2 remote streams want [\d.]+ Mbit\/s of the [\d.]+ Mbit\/s that are for viewers\. Watching: main\/anna and main\/cleo\./,
      details: { streams: 2, viewers: 'main/anna and main/cleo', capacity_bps: 20_000_000 },
      home: 'Demo',
    });
    t.match(ntfy.published[0], { topic: 'home-alarms', priority: 3, message: began?.text });
  });

  await t.test('pauses and goings on tell nothing', async (t) => {
    for (let pause = 0; pause < 3; pause += 1) {
      await anna.pause();
      await wait(1_500);
      await anna.resume();
      await wait(700);
    }
    t.same(demand(), BEGAN);
  });

  await t.test('a SIGKILL with one sink away: the beginning is not told twice, and what was not delivered comes', async (t) => {
    await ntfy.powerOff();
    const api = await logIn(home);
    const back = (): number => atHook().filter((type) => type === 'originals_restored').length;
    await api.call('POST', '/api/bandwidth/restore');
    await until('the webhook knows that all is back', () => back() === 1, { show: atHook });
    await api.call('PATCH', '/api/bandwidth/settings', { enabled: true });
    await until('capped again', () => home.jellyfin.limitOf('anna') > 0);
    const shown = async () =>
      await api.get<{ sinks: readonly { name: string; state: string; waiting: number }[] }>('/api/notifications');
    await until('the phone is away', async () =>
      (await shown()).sinks.some(({ name, state, waiting }) => name === 'phone' && state === 'unreachable' && waiting === 1),
    );
    t.match(await (await fetch(`${home.httpUrl}/readyz`)).text(), /"name":"notifications: phone","ok":false/);
    await home.controller.kill();
    await ntfy.powerOn();
    await home.controller.start();
    const titles = (): string[] => ntfy.published.map(({ title }) => title);
    await until('the phone has it', () => titles().includes('Headgate: Originals restored'), { show: titles });
    await until(
      'what the killed one left is back',
      () => hook.messages().some(({ type, details }) => type === 'originals_restored' && details['left_by'] === 'an earlier run'),
      { show: atHook },
    );
    // Longer than a beginning takes.
    await wait(6_000);
    t.same(demand(), BEGAN);
    t.match(
      ntfy.published.filter(({ title }) => title === 'Headgate: Originals restored').map(({ message }) => message),
      [/^Everything is again/, /^What an earlier run/],
      'each once',
    );
    t.equal(back(), 2);
  });

  await t.test('it ends, once', async (t) => {
    await Promise.all([anna.leave(), cleo.leave()]);
    const over = {
      hook: [...BEGAN.hook, 'high_demand_ended'],
      phone: [...BEGAN.phone, 'Headgate: High demand is over'],
      automation: [...BEGAN.automation, 'high_demand_ended'],
    };
    await until('all three know', () => same(demand(), over), { show: demand, mostMs: 30_000 });
    await wait(2_000);
    t.same(demand(), over);
    t.notOk(
      heard.some((type) => type.startsWith('retained')),
      'nothing of it is retained',
    );
    const ids = hook.messages().map(({ id }) => id);
    t.equal(new Set(ids).size, ids.length);
  });

  await t.test('REST: recent events by type, sinks with their health, a test message; numbers for Prometheus', async (t) => {
    const api = await logIn(home);
    type Shown = { readonly events: readonly { readonly type: string }[]; readonly sinks: readonly unknown[] };
    const { events, sinks } = await api.get<Shown>('/api/notifications?type=high_demand_began,high_demand_ended');
    t.same(
      events.map(({ type }) => type),
      ['high_demand_ended', 'high_demand_began'],
    );
    t.match(sinks, [
      { name: 'hook', type: 'webhook', state: 'live', waiting: 0, lost: 0 },
      { name: 'phone', type: 'ntfy', state: 'live', waiting: 0 },
    ]);
    t.match((await api.call('POST', '/api/notifications/test')).body, [
      { sink: 'hook', ok: true, problem: null },
      { sink: 'phone', ok: true },
    ]);
    const made = (await api.call('POST', '/api/tokens', { name: 'metrics', scope: 'read' })).body as { readonly token: string };
    const bearer = { authorization: `Bearer ${made.token}` };
    const metrics = await (await fetch(`${home.httpUrl}/metrics`, { headers: bearer })).text();
    t.match(metrics, /^headgate_notification_sink_up\{sink="phone"\} 1$/m);
    const refused = await fetch(`${home.httpUrl}/api/notifications/test`, {
      method: 'POST',
      headers: bearer,
    });
    t.equal(refused.status, 403, 'a token that may only read sends nothing');
    t.equal((await fetch(`${home.httpUrl}/api/notifications`)).status, 401);
  });

  await t.test('--test notify: one line for each sink, and exit 1 where one does not take it', async (t) => {
    const good = await runCommand(['--config', home.configFile, '--test', 'notify']);
    t.match(good, {
      code: 0,
      stdout: /^PASS notify: hook: took the test message in \d+ ms\nPASS notify: phone: took the test message/,
    });
    const variant = await writeVariant(home, 'wrong-notify', (config) => {
      config.database['path'] = join(home.folder, 'wrong-notify');
      const { sinks } = config['notifications'] as { sinks: Record<string, unknown>[] };
      Object.assign(sinks[1] ?? {}, { token: 'tk_wrong' });
      sinks.push({ name: 'dead', type: 'webhook', url: 'http://127.0.0.1:9/secret-path' });
    });
    const bad = await runCommand(['--config', variant, '--test', 'notify']);
    t.equal(bad.code, 1);
    t.match(bad.stdout, /^PASS notify: hook/m);
    t.match(bad.stdout, /^FAIL notify: phone: HTTP 401, unauthorized \(ntfy 40101\)$/m);
    t.match(bad.stdout, /^FAIL notify: dead: dead refuses connections/m);
    t.notMatch(bad.stdout + bad.stderr, /secret-path|tk_wrong|S3CRET/);
  });

  await t.test('Home Assistant knows the types', async (t) => {
    t.same(checkDiscovery(observer.discovery()), []);
    const device = JSON.parse(observer.discovery().get('homeassistant/device/headgate/config') ?? '{}') as {
      components: { event: { event_types: string[]; state_topic: string } };
    };
    const { event } = device.components;
    t.equal(event.state_topic, 'headgate/event');
    for (const type of new Set(heard)) t.ok(event.event_types.includes(type), type);
  });

  await t.test('a stop tells what it put back before it ends; no secret shows in any line', async (t) => {
    // Somebody watches, so that something is held; and the last time that all was back is told and past.
    await until('all is back', () => home.jellyfin.limitOf('anna') === 0);
    await wait(3_500);
    await watchFromOutside(home);
    await until('capped', () => home.jellyfin.limitOf('anna') > 0);
    const before = hook.messages().length;
    const from = performance.now();
    t.equal(await home.controller.stop(), 0);
    const took = performance.now() - from;
    t.ok(took < 5_000, `${Math.round(took)} ms`);
    t.match(hook.messages().slice(before).at(-1), { type: 'originals_restored', details: { left_by: 'this run' } });
    t.equal(home.jellyfin.limitOf('anna'), 0);
    const lines = JSON.stringify(home.controller.lines()) + String(home.controller.other());
    t.notMatch(lines, /S3CRET|qu3ry|v3ry_secret|signing secret/);
    t.match(await readFile(home.configFile, 'utf8'), /S3CRET/, 'which the configuration has');
  });
});
