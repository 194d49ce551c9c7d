// `--test` over neighbours of every type: each is opened by its product, and each part checks its own.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { hasDeluge, startDeluge } from '../../../deploy/demo/deluge/start-deluge.ts';
import { startJellyfinSimulator } from '../../../deploy/demo/jellyfin/jellyfin-simulator.ts';
import { startQbittorrentSimulator } from '../../../deploy/demo/qbittorrent/start-qbittorrent-simulator.ts';
import { hasTransmission, startTransmission } from '../../../deploy/demo/transmission/start-transmission.ts';
import { systemClock } from '../../src/clock.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { silentLog } from '../../src/log.ts';
import { checkNeighbours, type Part } from '../../src/wiring/check-neighbours.ts';

type Neighbour = Readonly<Record<string, unknown>> & { readonly name: string };

async function check(t: Test, config: { readonly media_servers?: unknown; readonly torrent_clients?: unknown }, part: Part) {
  const path = join(t.testdir(), 'controller.yaml');
  writeFileSync(path, JSON.stringify(config), { mode: 0o600 });
  const lines: string[] = [];
  const code = await checkNeighbours(
    { config: await loadConfig({ path, env: {}, algorithms: ['demand'] }), clock: systemClock, log: silentLog },
    { part, say: (line) => lines.push(line) },
    AbortSignal.timeout(20_000),
  );
  return { code, lines };
}

t.test('media servers: jellyfin asks the Jellyfins only', async (t) => {
  await using jellyfin = await startJellyfinSimulator();
  const media_servers: Neighbour[] = [{ name: 'main', type: 'jellyfin', url: jellyfin.url, api_key: jellyfin.apiKey }];
  const { code, lines } = await check(t, { media_servers }, 'jellyfin');
  t.equal(code, 0);
  t.match(lines, [/^PASS main: Jellyfin /]);
  t.same((await check(t, { media_servers }, 'plex')).lines, ['PASS plex: none is configured']);
});

t.test('torrents asks every download client, each in its own way', async (t) => {
  await using stack = new AsyncDisposableStack();
  const qbit = stack.use(await startQbittorrentSimulator({ version: '5.2.3', password: 'secret' }));
  const torrent_clients: Neighbour[] = [
    { name: 'qbit', type: 'qbittorrent', url: qbit.url, username: 'admin', password: 'secret' },
  ];
  const expected = [/^PASS qbit: qBittorrent /];
  if (await hasTransmission()) {
    const { url, username, password } = stack.use(await startTransmission({ password: 'secret' }));
    torrent_clients.push({ name: 'trans', type: 'transmission', url: `${url}/`, username, password });
    expected.push(/^PASS trans: Transmission /);
  }
  if (await hasDeluge()) {
    const { url, password } = stack.use(await startDeluge({ connected: true }));
    torrent_clients.push({ name: 'deluge', type: 'deluge', url, password });
    expected.push(/^PASS deluge: Deluge /);
  }
  const { code, lines } = await check(t, { torrent_clients }, 'torrents');
  t.equal(code, 0, lines.join('\n'));
  t.match(lines, expected);
  const wrong = torrent_clients.map((client) => ({ ...client, password: 'quite-wrong' }));
  const refused = await check(t, { torrent_clients: wrong }, 'torrents');
  t.equal(refused.code, 1);
  t.same(
    refused.lines.map((line) => line.replace(/:.*/, '')),
    torrent_clients.map(({ name }) => `FAIL ${name}`),
  );
  t.notMatch(refused.lines.join(), 'quite-wrong');
});
