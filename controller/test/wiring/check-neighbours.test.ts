// `--test` over neighbours of every type: each is opened by its product, and each part checks its own.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { hasDeluge, startDeluge } from '../../../deploy/demo/deluge/start-deluge.ts';
import { startJellyfinSimulator } from '../../../deploy/demo/jellyfin/jellyfin-simulator.ts';
import { startPlexSimulator } from '../../../deploy/demo/plex/plex-simulator.ts';
import { startQbittorrentSimulator } from '../../../deploy/demo/qbittorrent/start-qbittorrent-simulator.ts';
import { startSabnzbdSimulator } from '../../../deploy/demo/sabnzbd/start-sabnzbd-simulator.ts';
import { hasTransmission, startTransmission } from '../../../deploy/demo/transmission/start-transmission.ts';
import type { AllChannelTables } from '../../src/channels/open-channel-stores.ts';
import { systemClock } from '../../src/clock.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { migrations } from '../../src/database/migrations/index.ts';
import { openDatabase } from '../../src/database/open-database.ts';
import { silentLog } from '../../src/log.ts';
import { checkNeighbours, type Part } from '../../src/wiring/check-neighbours.ts';

type Neighbour = Readonly<Record<string, unknown>> & { readonly name: string; readonly api_key?: string };

async function check(t: Test, config: Readonly<Record<string, unknown>>, part: Part) {
  const path = join(t.testdir(), 'controller.yaml');
  writeFileSync(path, JSON.stringify(config), { mode: 0o600 });
  const lines: string[] = [];
  const code = await checkNeighbours(
    { config: await loadConfig({ path, env: {}, algorithms: ['demand'] }), clock: systemClock, log: silentLog },
    { part, say: (line) => lines.push(line) },
    AbortSignal.timeout(40_000),
  );
  return { code, lines };
}

t.test('jellyfin asks the Jellyfins only, plex the Plexes only (row 184)', async (t) => {
  await using jellyfin = await startJellyfinSimulator();
  await using plex = await startPlexSimulator();
  const main = { name: 'main', type: 'jellyfin', url: jellyfin.url, api_key: jellyfin.apiKey };
  const cinema = { name: 'cinema', type: 'plex', url: `${plex.url}/`, api_key: plex.token };
  const media_servers: Neighbour[] = [main, cinema];
  const asked = await check(t, { media_servers }, 'jellyfin');
  t.match(asked, { code: 0, lines: [/^PASS main: Jellyfin /] });
  t.equal(asked.lines.length, 1);
  t.match((await check(t, { media_servers }, 'plex')).lines, [/^PASS cinema: Plex .*, 0 sessions$/]);
  const limited = [{ ...cinema, limit_streams: true }];
  t.match((await check(t, { media_servers: limited }, 'plex')).lines, [/^PASS cinema: Plex .*, limit per stream none$/]);
  t.same((await check(t, { media_servers: [main] }, 'plex')).lines, ['PASS plex: none is configured']);
  const refused = await check(t, { media_servers: [{ ...cinema, api_key: 'quite-wrong' }] }, 'plex');
  t.equal(refused.code, 1);
  t.match(refused.lines, [/^FAIL cinema: .*token/i]);
  t.notMatch(refused.lines.join(), 'quite-wrong');
  t.equal(plex.secretsInUrls(), 0);
});

t.test('torrents asks every download client, each in its own way', async (t) => {
  await using stack = new AsyncDisposableStack();
  const qbit = stack.use(await startQbittorrentSimulator({ version: '5.2.3', password: 'secret' }));
  const usenet = stack.use(await startSabnzbdSimulator());
  const torrent_clients: Neighbour[] = [
    { name: 'qbit', type: 'qbittorrent', url: qbit.url, username: 'admin', password: 'secret' },
    { name: 'usenet', type: 'sabnzbd', url: usenet.url, api_key: usenet.apiKey },
  ];
  const expected = [/^PASS qbit: qBittorrent /, /^PASS usenet: SABnzbd /];
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
  const wrong = torrent_clients.map((client) => ({
    ...client,
    [client.api_key === undefined ? 'password' : 'api_key']: 'quite-wrong',
  }));
  const refused = await check(t, { torrent_clients: wrong }, 'torrents');
  t.equal(refused.code, 1);
  t.same(
    refused.lines.map((line) => line.replace(/:.*/, '')),
    torrent_clients.map(({ name }) => `FAIL ${name}`),
  );
  t.notMatch(refused.lines.join(), 'quite-wrong');
});

t.test('channels says what this ffmpeg can do, and fails only for what keeps a channel from playing', async (t) => {
  t.match(await check(t, { channels: {} }, 'channels'), {
    code: 0,
    lines: [/^PASS channels: ffmpeg \d\S*, software asked for: nothing is missing$/],
  });
  t.match(await check(t, { channels: { enabled: false } }, 'channels'), {
    code: 0,
    lines: ['PASS channels: channels.enabled is false'],
  });
  const named = await check(t, { channels: { ffmpeg: '/nowhere/ffmpeg' } }, 'channels');
  t.match(named, { code: 1, lines: [/^FAIL channels: channels\.ffmpeg: .*is not there/] });
});

t.test('a home without channels needs no ffmpeg; one that has a channel does', async (t) => {
  const data = join(t.testdir({ empty: {} }), 'data');
  mkdirSync(data, { mode: 0o700 });
  const path = process.env['PATH'];
  process.env['PATH'] = join(t.testdirName, 'empty');
  t.teardown(() => {
    process.env['PATH'] = path;
  });
  const config = { database: { path: data } };
  await t.test('none', async (t) => {
    const lines = [/^PASS channels: no ffmpeg is installed: .*apt install ffmpeg$/];
    t.match(await check(t, config, 'channels'), { code: 0, lines });
  });
  {
    await using database = await openDatabase({ path: data, clock: systemClock, log: silentLog, migrations });
    const row = { id: 1, name: 'One', number: '1', enabled: 1, schedule_type: 'manual', seed: 1, created_at: 0, updated_at: 0 };
    await database
      .tables<AllChannelTables>()
      .insertInto('channels')
      .values({
        ...row,
        narrowing: '{}',
        rules: '{}',
        look: '{}',
        description: null,
        group_title: null,
        logo: null,
        tuner_host_id: null,
        listing_provider_id: null,
      })
      .execute();
  }
  await t.test('one', async (t) => {
    t.match(await check(t, config, 'channels'), { code: 1, lines: [/^FAIL channels: channels\.ffmpeg: /] });
  });
});
