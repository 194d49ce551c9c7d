// Media servers and download clients of every type in the configuration: what each takes, needs and refuses.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { loadConfig } from '../../src/config/load-config.ts';
import { messageOf } from '../../src/errors.ts';

const load = async (t: Test, yaml: string) => {
  const path = join(t.testdir(), 'controller.yaml');
  await writeFile(path, yaml, { mode: 0o600 });
  return await loadConfig({ path, env: {}, algorithms: ['equal', 'priority', 'demand'] });
};

/** What is wrong, one line each, without the place. */
const problems = async (t: Test, yaml: string): Promise<readonly string[]> =>
  await load(t, yaml).then(
    () => ['nothing is wrong'],
    (error: unknown) =>
      messageOf(error)
        .split('\n')
        .map((line) => line.replace(/^.*controller\.yaml:\d+:\d+: /, '')),
  );

const server = (rest: string): string => `media_servers: [{ name: a, url: http://a, ${rest} }]`;
const client = (rest: string): string => `torrent_clients: [{ name: a, url: http://a, ${rest} }]`;

t.test('a Plex has a grace for pauses and a switch for its limit, with defaults', async (t) => {
  const plain = await load(t, server('type: plex, api_key: k'));
  t.match(plain.mediaServers, [{ type: 'plex', pauseGraceMs: 60_000, limitStreams: false, pollMs: 60_000, socket: true }]);
  const set = await load(t, server('type: plex, api_key: k, pause_grace: 5m, limit_streams: true, socket: false'));
  t.match(set.mediaServers, [{ pauseGraceMs: 300_000, limitStreams: true, socket: false }]);
  t.match((await load(t, server('type: plex, api_key: k, pause_grace: 0'))).mediaServers, [{ pauseGraceMs: 0 }]);
});

t.test('each type of download client takes its own log-in', async (t) => {
  const login = async (rest: string) => {
    const [one] = (await load(t, client(rest))).torrentClients;
    return [one?.type, one?.username, one?.password?.reveal() ?? null, one?.apiKey?.reveal() ?? null, one?.weight];
  };
  t.same(await login('type: qbittorrent'), ['qbittorrent', null, null, null, 1]);
  t.same(await login('type: qbittorrent, api_key: qbt_1, share: 2.5'), ['qbittorrent', null, null, 'qbt_1', 2.5]);
  t.same(await login('type: transmission'), ['transmission', null, null, null, 1]);
  t.same(await login('type: transmission, username: u, password: p'), ['transmission', 'u', 'p', null, 1]);
  t.same(await login('type: deluge, password: deluge, share: 0.1'), ['deluge', null, 'deluge', null, 0.1]);
  t.same(await login('type: sabnzbd, api_key: k'), ['sabnzbd', null, null, 'k', 1]);
});

t.test('limits of a client are budget and original unless it says otherwise', async (t) => {
  for (const rest of ['type: deluge, password: p', 'type: sabnzbd, api_key: k'])
    t.match((await load(t, client(rest))).torrentClients, [{ whileStreaming: 'budget', whenIdle: 'original' }]);
  t.match((await load(t, client('type: transmission, limit_while_streaming: 500 KiB/s'))).torrentClients, [
    { whileStreaming: 4_096_000, whenIdle: 'original' },
  ]);
});

t.test('what holds for all clients together', async (t) => {
  t.same((await load(t, '')).torrents, {
    share: 'activity',
    limitDownloads: 'streaming',
    downloadFloorBps: 1_000_000,
    downloadReserve: { kind: 'share', share: 0.1 },
    pauseBelowBps: null,
  });
  const yaml =
    'torrents: { share: fixed, limit_downloads: always, download_floor: 3, download_reserve: 20, pause_below: 200 kbit/s }';
  t.same((await load(t, yaml)).torrents, {
    share: 'fixed',
    limitDownloads: 'always',
    downloadFloorBps: 3_000_000,
    downloadReserve: { kind: 'fixed', bps: 20_000_000 },
    pauseBelowBps: 200_000,
  });
  t.same((await load(t, 'torrents: { pause_below: off }')).torrents.pauseBelowBps, null);
});

t.test('a key that a type has no use for, or that it lacks, gets its sentence', async (t) => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    [
      server('type: jellyfin, api_key: k, pause_grace: 60s, limit_streams: false'),
      [
        'media_servers[0].pause_grace: is only for type: plex; a paused Jellyfin stream is let go of after bandwidth.restore_after',
        'media_servers[0].limit_streams: is only for type: plex; Jellyfin has a limit for each user, which bandwidth rules',
      ],
    ],
    [
      server('type: plex'),
      [
        'media_servers[0].api_key_file: is missing: a Plex needs its token as api_key, api_key_file or, where it is the only Plex, PLEX_TOKEN in the environment',
      ],
    ],
    [
      server('type: plex, api_key: "tökén"'),
      ['media_servers[0].api_key: has a character that no HTTP header can carry: is there a line end or a letter too many?'],
    ],
    [server('type: plex, api_key: k, pause_grace: 2h'), ['media_servers[0].pause_grace: must be from 0s to 3600s']],
    [client('type: rtorrent'), ['torrent_clients[0].type: must be qbittorrent, transmission, deluge or sabnzbd']],
    [
      client('type: transmission, username: u'),
      ['torrent_clients[0].password_file: is missing: a log-in needs username and password'],
    ],
    [
      client('type: transmission, password: p'),
      ['torrent_clients[0].username: is missing: a log-in needs username and password'],
    ],
    [
      client('type: transmission, api_key: k'),
      ['torrent_clients[0].api_key: is not for type: transmission, which knows username and password only'],
    ],
    [
      client('type: deluge'),
      ["torrent_clients[0].password_file: is missing: Deluge's web interface needs a password or password_file"],
    ],
    [
      client('type: deluge, username: u, password: p'),
      ['torrent_clients[0].username: is not for type: deluge, whose web interface has a password only'],
    ],
    [client('type: sabnzbd'), ['torrent_clients[0].api_key_file: is missing: SABnzbd needs an api_key or api_key_file']],
    [
      client('type: sabnzbd, api_key: k, username: u, password: p, limit_while_streaming: 1, limit_when_idle: original'),
      [
        'torrent_clients[0].username: is not for type: sabnzbd, which takes its api_key',
        'torrent_clients[0].password: is not for type: sabnzbd, which takes its api_key',
        'torrent_clients[0].limit_while_streaming: is not for type: sabnzbd, which sends nothing; torrents.limit_downloads rules its downloads',
        'torrent_clients[0].limit_when_idle: is not for type: sabnzbd, which sends nothing; torrents.limit_downloads rules its downloads',
      ],
    ],
    [
      client('type: qbittorrent, username: u, password: p, api_key: k'),
      ['torrent_clients[0].api_key_file: give either an API key or a password, not both'],
    ],
    [client('type: qbittorrent, share: 0'), ['torrent_clients[0].share: must be at least 0.1']],
    [
      'torrent_clients: [{ name: a, url: http://NAS:9091, type: transmission }, { name: b, url: http://nas:9091/, type: transmission }]',
      ['torrent_clients[1].url: is that of "a" already: two entries for one program would undo each other\'s limits'],
    ],
    [
      'media_servers: [{ name: a, url: https://nas, type: plex, api_key: k }, { name: b, url: https://nas:443, type: plex, api_key: k }]',
      ['media_servers[1].url: is that of "a" already: two entries for one program would undo each other\'s limits'],
    ],
    [
      '{ uplink: { download: 200 }, torrents: { download_reserve: 200 } }',
      ['torrents.download_reserve: must be less than uplink.download'],
    ],
    ['torrents: { share: equal }', ['torrents.share: must be activity or fixed']],
    ['torrents: { limit_downloads: yes }', ['torrents.limit_downloads: must be never, streaming or always']],
    ['torrents: { download_floor: 0 }', ['torrents.download_floor: must be from 0.008192 Mbit/s to 2147 Mbit/s, not 0 Mbit/s']],
    ['torrents: { paus_below: 1 }', ['torrents.paus_below: is not a key; did you mean pause_below?']],
  ];
  for (const [yaml, lines] of cases) t.same(await problems(t, yaml), lines, yaml);
});
