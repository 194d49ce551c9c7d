// The controller and nodes, each by its own program: what is shared lies in every library, by torrent or by HTTP, soon after it is shared.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import mqtt from 'mqtt';
import t from 'tap';
import { stringify } from 'yaml';
import { freePort } from '../../demo/free-port.ts';
import { startJellyfinSimulator } from '../../demo/jellyfin/jellyfin-simulator.ts';
import { programPath } from '../../demo/our-programs.ts';
import { createProgram } from '../../demo/program.ts';
import { startDistributionHome } from './fixtures/distribution-home.ts';
import { until } from './fixtures/until.ts';

const AGENT = programPath('agent-node');

type Ended = { readonly code: number; readonly output: string };

/** As the daemon of Decentralized Media Sync was run: by its environment alone. */
const once = (cwd: string, env: Readonly<Record<string, string>>): Promise<Ended> =>
  new Promise((resolve) => {
    const options = { cwd, env: { PATH: process.env['PATH'], HOME: cwd, ...env }, timeout: 60_000 };
    execFile(process.execPath, [AGENT, '--once'], options, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), output: stdout + stderr }),
    );
  });

t.test('nodes of a family', async (t) => {
  const jellyfin = await startJellyfinSimulator({ users: [{ name: 'anna' }] });
  t.teardown(() => jellyfin[Symbol.asyncDispose]());
  const config = {
    media_servers: [{ name: 'main', type: 'jellyfin', url: jellyfin.url, api_key: jellyfin.apiKey }],
    uplink: { upload: 12 },
    bandwidth: { restore_after: '1s', apply: 'active' },
  };
  const home = await startDistributionHome(t, { nodes: ['living-room'], config });
  let api = await home.logIn();
  const tokenOf = async (node: string, site = 'home'): Promise<string> => {
    const { body } = await api.call('POST', '/api/nodes', { node, site, groups: ['family'] });
    return (body as { readonly token: string }).token;
  };
  const share = async (name: string, more: object = {}): Promise<Buffer> => {
    const content = randomBytes(2_000_000);
    await writeFile(join(home.library, name), content);
    const answer = await api.call('POST', '/seed?wait=1', { path: join(home.library, name), ...more });
    t.equal(answer.status, 200, answer.text);
    return content;
  };
  const first = await share('raw-1.mkv', { dest_path: 'Films/First (2001)/First (2001).mkv', title: 'First' });

  await t.test('rows 209, 215, 220: a node with nothing but MANIFEST_URL has it after one round', async (t) => {
    const folder = join(home.folder, 'attic');
    await mkdir(folder);
    const url = new URL(`${home.httpUrl}/manifest/family.json`);
    url.username = 'node';
    url.password = await tokenOf('attic');
    const env = { MANIFEST_URL: url.href, DOWNLOAD_DIR: join(folder, 'library'), MIN_FREE_GB: '0' };
    const { code, output } = await once(folder, env);
    t.equal(code, 0, output);
    t.ok(first.equals(await readFile(join(folder, 'library/Films/First (2001)/First (2001).mkv'))));
    t.notMatch(output, url.password);
  });

  const folder = join(home.folder, 'living-room');
  await mkdir(folder);
  const nodeConfig = {
    id: 'living-room',
    library: join(folder, 'library'),
    manifests: { url: home.httpUrl, groups: ['family'], token: await tokenOf('living-room') },
    download: { min_free_gb: 0 },
    mqtt: { url: home.mqttUrl, username: 'living-room', password: 'living-room' },
    torrent: { listen: '127.0.0.1', port: await freePort() },
  };
  await writeFile(join(folder, 'agent-node.yaml'), stringify(nodeConfig), { mode: 0o600 });
  const node = createProgram({
    name: 'node',
    args: [AGENT, '--config', join(folder, 'agent-node.yaml')],
    env: { HOME: folder },
    readyText: 'starting',
  });
  t.teardown(() => node[Symbol.asyncDispose]());

  await t.test(
    'row 249: a node that is connected has what is shared soon after, and everybody hears that all have it',
    async (t) => {
      const house = await mqtt.connectAsync(home.mqttUrl, { username: 'house', password: 'house', clientId: 'house' });
      t.teardown(() => house.endAsync(true));
      const events: string[] = [];
      house.on('message', (_topic, payload) => events.push((JSON.parse(String(payload)) as { readonly text: string }).text));
      await house.subscribeAsync('headgate/event', { qos: 1 });
      await node.start();
      const has = (path: string) => () => existsSync(join(folder, 'library', path));
      const show = () => node.lines().slice(-12);
      await until('the first', has('Films/First (2001)/First (2001).mkv'), { mostMs: 40_000, show });
      const second = await share('Second.mkv');
      await until('the second, without a poll', has('Second.mkv'), { mostMs: 30_000, show });
      t.ok(second.equals(await readFile(join(folder, 'library/Second.mkv'))));
      type View = { readonly online: boolean; readonly report: { readonly items: { readonly placed: number } } | null };
      const view = () => api.get<View>('/api/nodes/living-room');
      await until('it is shown', async () => (await view()).report?.items.placed === 2, { show: view });
      t.equal((await view()).online, true);
      // The one that ran once is a node of the group still, and has not the second.
      t.notMatch(events.join('\n'), /"Second" is on/);
      await api.call('DELETE', '/api/nodes/attic');
      await share('Third.mkv');
      await until('told', () => events.includes('"Third" is on the only node of family'), {
        mostMs: 30_000,
        show: () => events,
      });
    },
  );

  await t.test(
    'somebody watches: what goes to other sites gives way, at home nothing does, and a kill leaves nothing',
    async (t) => {
      type Client = {
        readonly name: string;
        readonly type: string;
        readonly cap_bps: number | null;
        readonly limit_bps: number | null;
      };
      type Status = { readonly torrent_clients: readonly Client[]; readonly originals_held: number };
      const ours = async () =>
        (await api.get<Status>('/api/bandwidth')).torrent_clients.find(({ name }) => name === 'distribution');
      t.match(await ours(), { type: "Headgate's own seeding", cap_bps: null, limit_bps: 0 });
      const [cabin, attic] = [await tokenOf('cabin', 'cabin'), await tokenOf('attic')];
      const viewer = jellyfin.viewer({ user: 'anna', address: '203.0.113.9', device: 'TV' });
      await viewer.play(jellyfin.items.find(({ name }) => name.startsWith('Big Test Movie'))?.id ?? '');
      const said =
        (words: string, from = 0) =>
        () =>
          node
            .lines()
            .slice(from)
            .some(({ text }) => text === words);
      const waited = { mostMs: 60_000, show: () => node.lines().slice(-5) };
      await until('a lease', said("the controller's limits hold"), waited);
      await until('the limit is seen', async () => ((await ours())?.limit_bps ?? 0) > 0, { show: ours });
      const limit = (await ours())?.limit_bps ?? 0;
      t.ok(limit > 0 && limit < 12_000_000, `${limit}`);
      const { body } = await api.call('GET', '/manifest/family.json');
      const { items } = body as { readonly items: readonly { readonly path: string; readonly info_hash: string }[] };
      const hash = items.find(({ path }) => path === 'Third.mkv')?.info_hash;
      const read = (token: string, signal: AbortSignal) =>
        fetch(`${home.httpUrl}/web-seed/${hash}/Third.mkv`, { headers: { authorization: `Bearer ${token}` }, signal });
      const ending = new AbortController();
      let away = 0;
      const reading = read(cabin, ending.signal)
        .then(async (answer) => {
          for await (const bytes of answer.body ?? []) away += (bytes as Uint8Array).length;
        })
        .catch(() => {});
      await until('some of it', () => away > 0);
      const near = Buffer.from(await (await read(attic, ending.signal)).arrayBuffer());
      t.ok(near.equals(await readFile(join(home.library, 'Third.mkv'))), 'whole, at once');
      t.ok(away < near.length, `${away} of ${near.length} bytes went away meanwhile`);
      ending.abort();
      await reading;
      await home.controller.kill();
      await until('the end of the lease', said("the controller's limits have ended; the node's own hold"), waited);
      const from = node.lines().length;
      await home.controller.start();
      api = await home.logIn();
      await until('a lease again', said("the controller's limits hold", from), waited);
      await viewer.leave();
      await until('it is lifted', said("the controller's limits are lifted", from), waited);
      await until('all as it was', async () => (await ours())?.limit_bps === 0, { show: ours });
      const held = async () => (await api.get<Status>('/api/bandwidth')).originals_held;
      await until('nothing kept of what died', async () => (await held()) === 0, { show: held });
    },
  );
});
