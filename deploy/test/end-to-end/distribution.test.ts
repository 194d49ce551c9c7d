// What is shared by a running Headgate: seeded by its own torrent process, fetched by another one, over kills and restarts.
import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { openTorrentEngine } from '@headgate/agent-node/torrent-engine';
import { groupManifest, type NodeReport } from '@headgate/protocol';
import { decodeBencode } from '@headgate/protocol/bencode';
import mqtt from 'mqtt';
import t from 'tap';
import { startDistributionHome } from './fixtures/distribution-home.ts';
import { until } from './fixtures/until.ts';

const BYTES = 3_000_000;
type Job = { readonly id: string; readonly state: string; readonly info_hash: string; readonly magnet: string };

/** The torrent process of the controller. */
const seederOf = (pid: number): number | undefined =>
  readdirSync('/proc')
    .map(Number)
    .filter((id) => {
      try {
        const stat = readFileSync(`/proc/${id}/stat`, 'utf8');
        const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
        return parent === pid && /engine-main\.ts|torrent-engine\.js/.test(readFileSync(`/proc/${id}/cmdline`, 'utf8'));
      } catch {
        return false;
      }
    })[0];

const takesPeers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true));
    socket.on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });

t.test('a file that is shared', async (t) => {
  const home = await startDistributionHome(t, { nodes: ['pi', 'nuc'] });
  const { controller, library, httpUrl } = home;
  const content = randomBytes(BYTES);
  const path = join(library, 'Film (2019).mkv');
  await writeFile(path, content);
  let api = await home.logIn();
  const nodeOf = async (node: string, groups = ['family']): Promise<Readonly<Record<string, string>>> => {
    const { body } = await api.call('POST', '/api/nodes', { node, groups });
    return { authorization: `Bearer ${(body as { readonly token: string }).token}` };
  };
  const pi = await nodeOf('pi');
  await nodeOf('nuc');
  const answer = await api.call('POST', '/seed?wait=1', { path });
  t.match(answer, { status: 200, body: { state: 'active', magnet: /^magnet:\?xt=urn:btih:[0-9a-f]{40}&/ } });
  const { id, info_hash: infoHash } = answer.body as Job;

  /** As a node does it: .torrent with its own tracker address, peers from there, the file from the seeder. */
  const fetchByTorrent = async (folder: string): Promise<Uint8Array> => {
    const response = await fetch(`${httpUrl}/torrent/${infoHash}.torrent`, { headers: pi });
    const torrent = new Uint8Array(await response.arrayBuffer());
    const { announce } = decodeBencode(torrent) as unknown as { readonly announce: Uint8Array };
    const place = join(home.folder, folder);
    await mkdir(place);
    const log = { info: () => {}, warn: () => {} };
    await using engine = openTorrentEngine({ listen: { address: '127.0.0.1', port: 0 }, log });
    const order = {
      infoHash,
      torrent,
      folder: place,
      files: ['it.mkv'],
      peers: [],
      announce: [Buffer.from(announce).toString()],
    };
    await engine.add(order, AbortSignal.timeout(20_000));
    await until('downloaded', () => engine.states()[0]?.isDone === true, { mostMs: 40_000, show: () => engine.states() });
    return await readFile(join(place, 'it.mkv'));
  };

  await t.test('row 220: a second node gets it as a torrent, its peers from our tracker, and by HTTP', async (t) => {
    t.ok(content.equals(await fetchByTorrent('first')));
    const byHttp = await fetch(`${httpUrl}/web-seed/${infoHash}/${encodeURIComponent('Film (2019).mkv')}`, { headers: pi });
    t.ok(content.equals(Buffer.from(await byHttp.arrayBuffer())));
    const manifest = await fetch(`${httpUrl}/manifest/family.json`, { headers: pi });
    const { items } = groupManifest.parse(await manifest.json());
    t.match(items, [{ sha256: createHash('sha256').update(content).digest('hex'), size: BYTES, info_hash: infoHash }]);
  });

  await t.test('row 224: the torrent process is killed: it is back within 10 s, and seeds', async (t) => {
    const before = seederOf(controller.pid ?? 0);
    if (before === undefined) throw new Error('there is no torrent process');
    process.kill(before, 'SIGKILL');
    const isBack = async (): Promise<boolean> => {
      const now = seederOf(controller.pid ?? 0);
      return now !== undefined && now !== before && (await takesPeers(home.seederPort));
    };
    t.ok(await until('it is back', isBack, { mostMs: 10_000 }));
    t.ok(content.equals(await fetchByTorrent('second')));
  });

  await t.test('rows 218, 223, 224: the controller is killed: what it answered is there, and it seeds again', async (t) => {
    const before = await (await fetch(`${httpUrl}/manifest/family.json`, { headers: pi })).text();
    // Version n has n items, so that half of one would show.
    let answered = 0;
    const items = (count: number) =>
      Array.from({ length: count }, (_, i) => ({
        title: `Film ${i}`,
        torrent: `https://example.org/${i}.torrent`,
        path: `${i}.mkv`,
      }));
    const writing = (async () => {
      for (let n = 1; ; n += 1) {
        await api.call('POST', '/manifest/many.json', { items: items(n) });
        answered = n;
      }
    })().catch(() => {});
    await until('some are written', () => answered >= 20);
    await controller.kill();
    await writing;
    await controller.start();
    api = await home.logIn();
    t.equal(await (await fetch(`${httpUrl}/manifest/family.json`, { headers: pi })).text(), before, 'to the byte');
    const many = await api.call('GET', '/manifest/many.json');
    const { version = 0, items: kept } = groupManifest.parse(many.body);
    t.ok(version >= answered && version <= answered + 1, 'all that was answered, and at most one more');
    t.same(kept, items(version), 'as a whole');
    const seeds = async () => (await api.get<{ readonly seeds: readonly Job[] }>('/seeds')).seeds;
    t.match(await seeds(), [{ id, state: 'active' }]);
    await until('it seeds', () => takesPeers(home.seederPort));
    t.ok(content.equals(await fetchByTorrent('third')));
  });

  await t.test(
    'rows 249, 250: nodes hear of a version at once; their reports are shown; an item that all have is told once',
    async (t) => {
      const heard: [string, string][] = [];
      const clientOf = (name: string) => mqtt.connectAsync(home.mqttUrl, { username: name, password: name, clientId: name });
      const [node, other, house] = [await clientOf('pi'), await clientOf('nuc'), await clientOf('house')];
      t.teardown(() => Promise.all([node, other, house].map((client) => client.endAsync(true))));
      const events: string[] = [];
      house.on('message', (_topic, payload) => events.push(String(payload)));
      await house.subscribeAsync('headgate/event', { qos: 1 });
      node.on('message', (topic, payload) => heard.push([topic, String(payload)]));
      await node.subscribeAsync('headgate/group/family/manifest', { qos: 1 });
      await until('the version that stands', () => heard.length > 0);
      t.match(JSON.parse(heard[0]?.[1] ?? ''), { version: 1, items: 1 });
      await writeFile(join(library, 'Other.mkv'), 'another film');
      await api.call('POST', '/seed?wait=1', { path: join(library, 'Other.mkv') });
      await until('the new version', () => heard.some(([, text]) => text.includes('"version":2')), {
        mostMs: 5_000,
        show: () => heard,
      });
      const report = (paths: readonly string[]): NodeReport => ({
        ...{ at: new Date().toISOString(), site: 'home', paused: false, free_bytes: 5e9, up_bps: 0, down_bps: 0, jellyfin: null },
        ...{
          limits_lease_left_s: null,
          more_placed: 0,
          groups: [{ group: 'family', version: 2, stale_since: null, problem: null }],
        },
        items: paths.map((one) => ({
          ...{ group: 'family', title: one, path: one, state: 'placed' as const, bytes_done: 1, bytes_total: 1, up_bps: 0 },
          ...{ down_bps: 0, peers: 0, seeding: true, problem: null },
        })),
      });
      const say = (client: mqtt.MqttClient, name: string, paths: readonly string[]) =>
        client.publishAsync(`headgate/node/${name}/report`, JSON.stringify(report(paths)), { qos: 1, retain: true });
      await say(node, 'pi', ['Film (2019).mkv', 'Other.mkv']);
      await say(other, 'nuc', ['Film (2019).mkv']);
      await say(other, 'nuc', ['Film (2019).mkv']);
      type Shown = { readonly nodes: readonly { readonly node: string; readonly report: unknown }[] };
      const shown = async () => (await api.get<Shown>('/api/nodes')).nodes;
      await until('both are shown', async () => (await shown()).every((one) => one.report !== null));
      t.match(await shown(), [
        { node: 'nuc', access: { groups: ['family'] }, report: { items: { placed: 1 } } },
        { node: 'pi', report: { free_bytes: 5e9, items: { placed: 2, failed: 0 }, groups: [{ version: 2, stale_since: null }] } },
      ]);
      t.match(await api.get('/api/nodes/pi'), { node: 'pi', items: [{ path: 'Film (2019).mkv' }, { path: 'Other.mkv' }] });
      const everywhere = (): readonly string[] => events.filter((text) => text.includes('item_everywhere'));
      await until('it is told', () => everywhere().length > 0, { show: () => events });
      await say(other, 'nuc', ['Film (2019).mkv', 'Other.mkv']);
      await until('the other too', () => everywhere().length > 1, { show: () => events });
      t.match(
        everywhere().map((text) => (JSON.parse(text) as { readonly text: string }).text),
        ['"Film (2019)" is on all 2 nodes of family', '"Other" is on all 2 nodes of family'],
      );
      t.ok(
        events.some((text) => text.includes('seed_done')),
        'that it is shared was told before',
      );
    },
  );
});

t.test('nothing is started and nothing listens for torrents before something is shared', async (t) => {
  const home = await startDistributionHome(t);
  const api = await home.logIn();
  t.equal(seederOf(home.controller.pid ?? 0), undefined);
  t.match(await api.call('POST', '/seed', { path: '/etc/passwd' }), { status: 403 });
  t.equal(seederOf(home.controller.pid ?? 0), undefined);
  const { paths } = await api.get<{ readonly paths: Readonly<Record<string, unknown>> }>('/openapi.json');
  for (const path of ['/manifest/{group}.json', '/seed', '/web-seed/{hash}/{path}', '/torrent/{hash}.torrent', '/announce'])
    t.ok(path in paths, path);
});
