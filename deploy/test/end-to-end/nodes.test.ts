// Real nodes against a running Headgate: what is seeded arrives on each, by peers and by HTTP, and is seen.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decode, type NodeReport, nodeState } from '@headgate/protocol';
import mqttClient from 'mqtt';
import t from 'tap';
import { stringify } from 'yaml';
import { freePort } from '../../demo/free-port.ts';
import { checkDiscovery } from '../../demo/home-assistant/check-discovery.ts';
import { renderTemplate } from '../../demo/home-assistant/render-template.ts';
import { observeHome } from '../../demo/home-observer.ts';
import { programPath } from '../../demo/our-programs.ts';
import { createProgram } from '../../demo/program.ts';
import { startDistributionHome } from './fixtures/distribution-home.ts';
import { until } from './fixtures/until.ts';

const MAIN = programPath('agent-node');
const [DEVICE, STATE] = ['homeassistant/device/headgate_node_pi/config', 'headgate/node/pi/state'];
const HOUSE = { username: 'house', password: 'house' };
type Entity = Readonly<Record<string, string | undefined>>;
type SeenNode = { readonly online: boolean | null; readonly items: NodeReport['items'] };

t.test('two nodes of a family', async (t) => {
  const home = await startDistributionHome(t, { nodes: ['pi', 'nuc'], homeAssistant: true });
  const api = await home.logIn();
  const setUp = async (id: string, more: object): Promise<{ readonly config: string; readonly library: string }> => {
    const { body } = await api.call('POST', '/api/nodes', { node: id, groups: ['family'] });
    const { token } = body as { readonly token: string };
    const library = join(home.folder, id);
    const config = join(home.folder, `${id}.yaml`);
    const yaml = {
      id,
      library,
      manifests: { url: home.httpUrl, groups: ['family'], token },
      download: { min_free_gb: 0 },
      ...more,
    };
    await writeFile(config, stringify(yaml), { mode: 0o600 });
    return { config, library };
  };
  const film = randomBytes(2_000_000);
  await writeFile(join(home.library, 'Film (2019).mkv'), film);
  t.equal((await api.call('POST', '/seed?wait=1', { path: join(home.library, 'Film (2019).mkv') })).status, 200);
  const mqtt = { url: home.mqttUrl, username: 'pi', password: 'pi' };
  const pi = await setUp('pi', { mqtt, torrent: { listen: '127.0.0.1', port: await freePort(), patience_seconds: 20 } });
  const node = createProgram({
    name: 'node',
    args: [MAIN, '--config', pi.config],
    env: { PATH: '/usr/bin:/bin' },
    readyText: 'starting',
  });
  t.teardown(() => node[Symbol.asyncDispose]());
  await node.start();
  await until('the film on the pi', () => existsSync(join(pi.library, 'Film (2019).mkv')), {
    mostMs: 40_000,
    show: () => node.lines().slice(-5),
  });
  t.ok(film.equals(await readFile(join(pi.library, 'Film (2019).mkv'))));

  await t.test(
    'row 249: what is seeded later comes by a push, though the next poll is an hour away; a folder as well',
    async (t) => {
      const episode = randomBytes(300_000);
      await mkdir(join(home.library, 'Show', 'Season 1'), { recursive: true });
      await writeFile(join(home.library, 'Show', 'Season 1', 'e1.mkv'), episode);
      await writeFile(join(home.library, 'Show', 'Season 1', 'e2.mkv'), film);
      t.equal((await api.call('POST', '/seed?wait=1', { path: join(home.library, 'Show') })).status, 200);
      await until('the show on the pi', () => existsSync(join(pi.library, 'Show/Season 1/e2.mkv')), {
        mostMs: 40_000,
        show: () => node.lines().slice(-5),
      });
      t.ok(episode.equals(await readFile(join(pi.library, 'Show/Season 1/e1.mkv'))));
    },
  );

  await t.test('row 250: its progress is in the status API', async (t) => {
    let seen: SeenNode | undefined;
    await until(
      'the report',
      async () => {
        seen = await api.get<SeenNode>('/api/nodes/pi');
        // It gives to others what it has, a moment after that came to its place.
        return seen.items.length === 2 && seen.items.every(({ state, seeding }) => state === 'placed' && seeding);
      },
      { show: () => seen },
    );
    t.equal(seen?.online, true);
  });

  const observer = await observeHome({ mqttUrl: home.mqttUrl, mqttUser: HOUSE });
  t.teardown(() => observer[Symbol.asyncDispose]());
  const house = await mqttClient.connectAsync(home.mqttUrl, { ...HOUSE, clientId: 'home-assistant' });
  t.teardown(() => house.endAsync(true));
  const state = () => {
    const text = observer.newest().get(STATE) ?? '';
    return text === '' ? null : decode(STATE, nodeState, new TextEncoder().encode(text));
  };
  const componentsOf = (topic: string) =>
    (JSON.parse(observer.discovery().get(topic) ?? '{}') as { readonly components: Readonly<Record<string, Entity>> }).components;

  await t.test(
    'row 250: it is a device of Home Assistant, whose entities get values from what is really published',
    async (t) => {
      await until('both', () => observer.discovery().has(DEVICE) && state()?.items_placed === 2, { show: state });
      t.same(checkDiscovery(observer.discovery()), []);
      const shown = Object.entries(componentsOf(DEVICE)).flatMap(
        ([key, { state_topic: topic, value_template: template = '' }]) =>
          topic === undefined ? [] : [[key, renderTemplate(template, JSON.parse(observer.newest().get(topic) ?? 'null'))]],
      );
      t.match(Object.fromEntries(shown), {
        ...{ connected: 'ON', items_placed: '2', items_total: '2', progress: 'None', problem: 'OFF', last_problem: 'None' },
        ...{ paused: 'off', free: /^\d/, jellyfin_had_it_after: 'None' },
      });
    },
  );

  await t.test('its switch pauses it, REST lets it go on, and its button has it look at its library anew', async (t) => {
    const { paused, rescan } = componentsOf(DEVICE);
    await house.publishAsync(paused?.['command_topic'] ?? '', paused?.['payload_on'] ?? '', { qos: 1 });
    await until('paused', () => state()?.paused === true, { show: state });
    t.match((await api.call('POST', '/api/nodes/pi/resume')).body, { node: 'pi', ordered: 'resume' });
    await until('going on', () => state()?.paused === false, { show: state });
    await rm(join(pi.library, 'Film (2019).mkv'));
    await house.publishAsync(rescan?.['command_topic'] ?? '', rescan?.['payload_press'] ?? '', { qos: 1 });
    await until('what a person took away is back', () => existsSync(join(pi.library, 'Film (2019).mkv')), {
      mostMs: 30_000,
      show: () => node.lines().slice(-5),
    });
    const { text } = await api.call('GET', '/metrics');
    t.match(text, 'headgate_node_speaking{node="pi"} 1');
    const { checks } = await api.get<{ readonly checks: readonly { readonly name: string; readonly ok: boolean }[] }>('/readyz');
    t.match(
      checks.filter(({ name }) => ['distribution', 'seeder', 'nodes'].includes(name)).map(({ ok }) => ok),
      [true, true, true],
    );
  });

  await t.test('rows 209, 215: another one takes it by HTTP alone, once, and leaves', async (t) => {
    const nuc = await setUp('nuc', {});
    const child = spawn(process.execPath, [MAIN, '--config', nuc.config, '--once'], {
      stdio: 'ignore',
      env: { PATH: '/usr/bin:/bin' },
    });
    t.equal((await once(child, 'close'))[0], 0);
    t.ok(film.equals(await readFile(join(nuc.library, 'Film (2019).mkv'))));
    t.ok(film.equals(await readFile(join(nuc.library, 'Show/Season 1/e2.mkv'))));
  });

  await t.test(
    'it goes: it is seen as silent; revoked, it is no device any more, and nothing of it stands at the broker',
    async (t) => {
      t.equal(await node.stop(), 0);
      await until('silent', () => state() !== null && state()?.stale_since !== null, { show: state });
      t.match(await api.get('/api/nodes/pi'), { online: false, stale_since: /^2/ });
      t.equal((await api.call('POST', '/api/nodes/pi/pause')).status, 409);
      t.equal((await api.call('DELETE', '/api/nodes/pi')).status, 204);
      await until('gone', () => observer.newest().get(DEVICE) === '' && observer.newest().get(STATE) === '');
      t.same(
        [...observer.newest()].filter(
          ([topic, text]) => topic.startsWith('headgate/node/pi/') && text !== '' && !topic.includes('/set/'),
        ),
        [],
      );
      t.equal((await api.call('POST', '/api/nodes/pi/pause')).status, 404);
    },
  );
});
