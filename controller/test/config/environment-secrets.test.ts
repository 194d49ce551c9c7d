// PLEX_TOKEN and QBITTORRENT_PASSWORD of the environment go before the file's, where it is plain whose they are (rows 184, 187).
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these texts are what a configuration holds
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { loadConfig } from '../../src/config/load-config.ts';

async function load(t: Test, yaml: string, env: Record<string, string>) {
  const folder = t.testdir({ token: 'file-token\n', env: 'env-file-token\n' });
  for (const name of ['token', 'env']) chmodSync(join(folder, name), 0o600);
  const path = join(folder, 'controller.yaml');
  writeFileSync(path, yaml, { mode: 0o600 });
  const config = await loadConfig({ path, env, algorithms: ['demand'] });
  return {
    keys: config.mediaServers.map(({ apiKey }) => apiKey.reveal()),
    passwords: config.torrentClients.map(({ password }) => password?.reveal() ?? null),
    notes: config.source.notes,
    warnings: config.source.warnings,
    secrets: config.source.secrets.map((one) => one.reveal()),
  };
}

const PLEX = 'media_servers: [{ name: p, type: plex, url: http://p';
const QBIT = 'torrent_clients: [{ name: q, type: qbittorrent, url: http://q';

t.test('PLEX_TOKEN goes before the key of the only Plex, says so without its value, and is a secret of the log', async (t) => {
  for (const own of ['api_key: mine', 'api_key_file: token', 'api_key_file: is-not-there']) {
    const { keys, notes, warnings, secrets } = await load(t, `${PLEX}, ${own} }]`, { PLEX_TOKEN: 'theirs' });
    t.same(keys, ['theirs']);
    t.same(notes, ['media_servers[0].api_key is PLEX_TOKEN of the environment, which goes before the file']);
    t.same(warnings, []);
    t.same(secrets, ['theirs']);
  }
});

t.test('a Plex without a key is valid with it, also beside a Jellyfin and as a file', async (t) => {
  const yaml = `${PLEX} }, { name: j, type: jellyfin, url: http://j, api_key: jelly }]`;
  t.same((await load(t, yaml, { PLEX_TOKEN: 'theirs' })).keys, ['theirs', 'jelly']);
  t.same(
    (await load(t, yaml, { PLEX_TOKEN: 'theirs\n' })).keys,
    ['theirs', 'jelly'],
    'the line end of the file that it came from',
  );
  const { keys, notes } = await load(t, yaml, { PLEX_TOKEN_FILE: 'env' });
  t.same(keys, ['env-file-token', 'jelly']);
  t.same(notes, ['media_servers[0].api_key is PLEX_TOKEN_FILE of the environment']);
  await t.rejects(load(t, yaml, {}), { message: /media_servers\[0\]\.api_key_file: is missing: a Plex needs its token/ });
});

t.test('an empty variable is as if it were not set', async (t) => {
  t.match(await load(t, `${PLEX}, api_key: mine }]`, { PLEX_TOKEN: '' }), { keys: ['mine'], notes: [], warnings: [] });
});

t.test('with several Plexes it is not used, and that is said', async (t) => {
  const yaml = `${PLEX}, api_key: one }, { name: p2, type: plex, url: http://p2, api_key: two }]`;
  const { keys, notes, warnings } = await load(t, yaml, { PLEX_TOKEN: 'theirs' });
  t.same(keys, ['one', 'two']);
  t.same(notes, []);
  t.same(warnings, ['PLEX_TOKEN stands in the environment, but is not used: there are 2 of type plex']);
});

t.test('a file that takes it by itself is not talked about', async (t) => {
  const one = await load(t, `${PLEX}, api_key: "\${PLEX_TOKEN}" }]`, { PLEX_TOKEN: 'theirs' });
  t.match(one, { keys: ['theirs'], notes: [], warnings: [] });
});

t.test('QBITTORRENT_PASSWORD goes before the password of the only qBittorrent that has a user', async (t) => {
  const env = { QBITTORRENT_PASSWORD: 'theirs' };
  const used = await load(t, `${QBIT}, username: u, password: mine }]`, env);
  t.match(used, { passwords: ['theirs'], warnings: [], secrets: ['theirs'] });
  t.same(used.notes, ['torrent_clients[0].password is QBITTORRENT_PASSWORD of the environment, which goes before the file']);
  t.match(await load(t, `${QBIT}, username: u }]`, env), { passwords: ['theirs'] });
  t.match(await load(t, `${QBIT} }]`, env), {
    passwords: [null],
    warnings: [
      'QBITTORRENT_PASSWORD stands in the environment, but is not used: the client has no username, so no log-in is tried',
    ],
  });
  t.match(await load(t, `${QBIT}, api_key: qbt_1 }]`, env), {
    passwords: [null],
    warnings: ['QBITTORRENT_PASSWORD stands in the environment, but is not used: the client has an API key'],
  });
  const other = 'torrent_clients: [{ name: d, type: deluge, url: http://d, password: deluge }]';
  t.match(await load(t, other, env), { passwords: ['deluge'], notes: [], warnings: [] });
});

t.test('a variable that cannot be read, or two for one thing, ends the start with a sentence', async (t) => {
  await t.rejects(load(t, `${PLEX} }]`, { PLEX_TOKEN_FILE: 'nowhere' }), {
    code: 'config_invalid',
    message: /^PLEX_TOKEN_FILE: .*nowhere does not exist$/,
  });
  await t.rejects(load(t, `${PLEX} }]`, { PLEX_TOKEN_FILE: 'env', PLEX_TOKEN: 'theirs' }), {
    message: 'give either PLEX_TOKEN or PLEX_TOKEN_FILE in the environment, not both',
  });
  t.match(await load(t, 'home: {}', { PLEX_TOKEN_FILE: 'nowhere' }), { notes: [] }, 'nobody needs it');
});
