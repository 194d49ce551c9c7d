// Stopping and starting torrents: the simulated 4.5.2 is held to the real one, and later versions to their sources.
import t from 'tap';
import { hasQbittorrent, startQbittorrent } from '../../../demo/qbittorrent/start-qbittorrent.ts';
import { startQbittorrentSimulator } from '../../../demo/qbittorrent/start-qbittorrent-simulator.ts';
import { addTinyTorrent } from '../../../demo/qbittorrent/tiny-torrent.ts';
import { ask } from './ask-qbittorrent.ts';

const installed = await hasQbittorrent();

/** What a qBittorrent with three torrents, the last of them stopped, answers. Hashes are told by their place. */
const converse = async (url: string, hashes: readonly string[]): Promise<readonly string[]> => {
  const lines: string[] = [];
  const list = async (query: string): Promise<void> => {
    const { status, body } = await ask(url, `torrents/info?sort=hash${query}`);
    const rows: readonly { hash: string; force_start: boolean }[] = JSON.parse(body);
    const told = rows.map(({ hash, force_start }) => `${hashes.indexOf(hash)}${force_start ? ' forced' : ''}`);
    lines.push(`${query}: ${status} ${told.join(', ')}`);
  };
  const post = async (action: string, form: Readonly<Record<string, string>>): Promise<void> => {
    const { status, body } = await ask(url, `torrents/${action}`, { form });
    lines.push(`${action} ${Object.keys(form).join(' ')}: ${status} ${body}`);
    await list('&filter=resumed');
    await list('&filter=paused');
  };
  for (const query of ['', '&filter=resumed', '&filter=running', '&filter=Resumed', '&filter=errored', '&filter=moving'])
    await list(query);
  for (const page of ['&limit=2', '&limit=2&offset=2', '&limit=2&offset=3', '&limit=2&offset=9', '&offset=-1', '&limit=x'])
    await list(page);
  await list('&reverse=true');
  await list(`&hashes=${hashes[1]}|${'0'.repeat(40)}`);
  const [first = '', second = '', third = ''] = hashes;
  await post('setForceStart', { hashes: first, value: 'true' });
  await post('pause', { hashes: `${first}|${'0'.repeat(40)}|nonsense` });
  await post('pause', { hashes: first });
  await post('resume', { hashes: first });
  await post('pause', { hashes: 'all' });
  await post('setForceStart', { hashes: second, value: '1' });
  await post('resume', { hashes: third.toUpperCase() });
  await post('pause', {});
  await post('pause', { hashes: '' });
  await post('setForceStart', { hashes: first });
  await post('stop', { hashes: 'all' });
  await post('start', { hashes: 'all' });
  for (const path of ['torrents/pause?hashes=all', 'torrents/stop?hashes=all', 'torrents/info?sort=nosuch']) {
    const { status, body } = await ask(url, path);
    lines.push(`${path}: ${status} ${body}`);
  }
  return lines;
};

t.test(
  'the simulated 4.5.2 stops and starts its torrents as the real one does',
  { skip: !installed && 'qbittorrent-nox is not installed' },
  async (t) => {
    await using real = await startQbittorrent({ password: null });
    t.equal((await ask(real.url, 'torrents/info?sort=nosuch')).body, '[]', 'without torrents any column will do');
    const hashes: string[] = [];
    for (const name of ['alpha', 'bravo', 'charl'])
      hashes.push(await addTinyTorrent(real.url, name, { stopped: name === 'charl' }));
    hashes.sort();
    const stopped = (await ask(real.url, 'torrents/info?filter=paused')).body;
    await using simulator = await startQbittorrentSimulator({
      version: '4.5.2',
      password: null,
      torrents: hashes.map((hash) => ({ hash, stopped: stopped.includes(hash) })),
    });
    const said = await converse(real.url, hashes);
    t.ok(said.length > 40, `${said.length} lines`);
    t.same(await converse(simulator.url, hashes), said);
  },
);

t.test('from 5.0 on it is stop and start, and from 5.2 on a page past the end is empty', async (t) => {
  const hash = 'a'.repeat(40);
  for (const version of ['5.0.5', '5.1.4', '5.2.3'] as const) {
    await using simulator = await startQbittorrentSimulator({ version, password: null, torrents: [{ hash, seeding: true }] });
    for (const word of ['pause', 'resume'])
      t.equal((await ask(simulator.url, `torrents/${word}`, { form: { hashes: hash } })).status, 404, `${version} ${word}`);
    t.equal((await ask(simulator.url, 'torrents/stop', { form: { hashes: 'all' } })).status, 200);
    t.equal((await ask(simulator.url, 'torrents/info?filter=running')).body, '[]');
    t.match((await ask(simulator.url, 'torrents/info?filter=resumed')).body, hash, 'no filter of this version');
    t.match(simulator.torrents.all(), [{ hash, stopped: true }]);
    const beyond = await ask(simulator.url, 'torrents/info?limit=1&offset=1');
    t.equal(JSON.parse(beyond.body).length, version === '5.2.3' ? 0 : 1, version);
  }
});

t.test('its state in words is late, its traffic is not', async (t) => {
  const hash = 'b'.repeat(40);
  let now = 0;
  await using simulator = await startQbittorrentSimulator({
    version: '5.2.3',
    password: null,
    torrents: [{ hash }],
    now: () => now,
  });
  simulator.traffic.want({ upload: 1_000 });
  const state = async (): Promise<string> => JSON.parse((await ask(simulator.url, 'torrents/info')).body)[0].state;
  t.equal(await state(), 'stalledDL');
  await ask(simulator.url, 'torrents/stop', { form: { hashes: hash } });
  t.equal(await state(), 'stalledDL');
  t.equal(simulator.rates().upload, 0);
  now += 1_500;
  t.equal(await state(), 'stoppedDL');
  await simulator.kill();
  await simulator.start();
  t.match(simulator.torrents.all(), [{ stopped: true }]);
  simulator.torrents.remove(hash);
  t.equal((await ask(simulator.url, 'torrents/info')).body, '[]');
});
