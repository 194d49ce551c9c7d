// `import --from plex-helper|jellydemon`: what is printed loads and means the same, holds no secret, and names what was left out.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these texts are what a configuration holds
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { loadConfig as loadAgentConfig } from '../../../../agent-router/src/config.ts';
import { importConfig } from '../../../src/config/import/import-config.ts';
import { loadConfig } from '../../../src/config/load-config.ts';
import { messageOf } from '../../../src/errors.ts';

const algorithms = ['equal', 'priority', 'demand'];
const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
const PLEX = fixture('plexhelper.json');
const JELLY = fixture('jellydemon.yml');

const run = async (from: string | undefined, file: string | undefined, out?: string) =>
  (await importConfig({ from, file, out, algorithms })).answer;

/** The configuration that comes out of it. */
async function load(t: Test, yaml: string, env: Record<string, string> = {}) {
  const path = join(t.testdir(), 'controller.yaml');
  writeFileSync(path, yaml, { mode: 0o600 });
  return await loadConfig({ path, env, algorithms });
}

/** A file of the old program with a text of it changed. */
function changed(t: Test, file: string, ...changes: readonly (readonly [string | RegExp, string])[]): string {
  const path = join(t.testdir(), 'old.yml');
  writeFileSync(
    path,
    changes.reduce((text, [from, to]) => text.replace(from, to), readFileSync(file, 'utf8')),
  );
  return path;
}

t.test("plex-helper's file: printed, loaded, the same (rows 183 to 193)", async (t) => {
  const yaml = await run('plex-helper', PLEX);
  t.notMatch(yaml, /a-plex-token-of-theirs|with \$|"secret/, 'no secret is printed');
  t.match(yaml, /^# To be set in its environment before the start: PLEX_TOKEN, QBITTORRENT_PASSWORD$/m);
  await t.rejects(load(t, yaml), { message: /environment variable PLEX_TOKEN is not set/ });
  const config = await load(t, yaml, { PLEX_TOKEN: 'tok', QBITTORRENT_PASSWORD: 'pw' });
  t.match(config, {
    uplink: { uploadBps: null },
    mediaServers: [{ name: 'plex', type: 'plex', url: 'http://192.168.1.10:32400', pollMs: 10_000, pauseGraceMs: 0 }],
    torrentClients: [
      {
        type: 'qbittorrent',
        url: 'http://192.168.1.10:8080',
        username: 'admin',
        // 500 × 1024 bytes/s, to the bit.
        whileStreaming: 500 * 1024 * 8,
        whenIdle: 'original',
      },
    ],
    torrents: { limitDownloads: 'never' },
    bandwidth: { throttleAfterMs: 20_000, restoreAfterMs: 30_000, dryRun: false },
    source: { warnings: [], notes: [] },
  });
  t.equal(config.mediaServers[0]?.apiKey.reveal(), 'tok');
  t.equal(config.torrentClients[0]?.password?.reveal(), 'pw');
});

t.test("JellyDemon's file: printed, loaded, the same (rows 6, 13 to 48)", async (t) => {
  const yaml = await run('jellydemon', JELLY);
  t.notMatch(yaml, /a-jellyfin-key|a-router-password/, 'no secret is printed');
  const config = await load(t, yaml, { JELLYFIN_API_KEY: 'key' });
  t.match(config, {
    uplink: { uploadBps: 100_000_000, reserve: { kind: 'fixed', bps: 10_000_000 } },
    mediaServers: [{ type: 'jellyfin', url: 'http://192.168.1.100:8096', pollMs: 30_000 }],
    network: {
      localRanges: ['192.168.0.0/16', '10.0.0.0/8', '::1/128', 'fe80::/10', 'fc00::/7'],
      testMode: false,
      testExternalRanges: ['192.168.1.0/24'],
    },
    bandwidth: {
      algorithm: 'demand',
      minPerViewerBps: 1_500_000,
      maxPerViewerBps: 40_000_000,
      apply: 'active',
      dryRun: true,
    },
    logging: { level: 'warn', maxBytes: 10 * 1024 ** 2, backups: 5 },
    source: { warnings: [] },
  });
  t.equal(config.mediaServers[0]?.apiKey.reveal(), 'key');
  t.match(yaml, /^# daemon\.pid_file: the data folder is locked instead$/m);
  t.match(yaml, /^# daemon\.backup_user_settings: originals are always kept/m);
});

t.test("the router's part is shown for the agent's own file, by ssh and by LuCI's port", async (t) => {
  const part = (yaml: string): string => yaml.replace(/^[\s\S]*?^# router:$/m, '# router:').replace(/^# And in[\s\S]*/m, '');
  t.equal(
    part(await run('jellydemon', JELLY)),
    `# router:
#   type: ssh
#   host: 192.168.1.1
#   port: 2222
#   username: root
#   password: \${ROUTER_PASSWORD} # router.password: its value stands in the old file
# mqtt:
#   url: mqtt://ADDRESS-OF-THIS-MACHINE:1883
#   username: router
#   password_file: /etc/headgate/mqtt-router
`,
  );
  const luci = changed(t, JELLY, ['use_ssh: true', 'use_ssh: false'], ['"a-router-password"', '${ROOTER_PASS}']);
  const yaml = part(await run('jellydemon', luci));
  t.match(yaml, '#   type: ubus\n#   url: http://192.168.1.1:80/ubus\n');
  t.match(yaml, '#   password: ${ROOTER_PASS} # as in the old file');
  const folder = t.testdir({ password: 'of the broker', 'agent-router.yaml': '' });
  const file = join(folder, 'agent-router.yaml');
  writeFileSync(file, yaml.replaceAll(/^# /gm, '').replace('/etc/headgate/mqtt-router', join(folder, 'password')));
  const agent = loadAgentConfig(file, { ROOTER_PASS: 'pw' });
  t.match(agent.router, { type: 'ubus', url: 'http://192.168.1.1:80/ubus', username: 'root', password: 'pw' }, 'it takes it');
});

t.test('--out writes a new file for its owner alone, with the secrets, and never over one that is there', async (t) => {
  const old = readFileSync(PLEX, 'utf8').replace('{', '{ "health_port": 9090,');
  const folder = t.testdir({ 'taken.yaml': 'mine', 'old.json': old });
  const out = join(folder, 'controller.yaml');
  const said = await run('plex-helper', join(folder, 'old.json'), out);
  t.match(said, `${out} is written, and holds its secrets`);
  t.match(said, /^not taken over: health_port: /m);
  t.notMatch(said, 'a-plex-token-of-theirs');
  t.equal(statSync(out).mode & 0o777, 0o600);
  const config = await loadConfig({ path: out, env: {}, algorithms });
  t.equal(config.mediaServers[0]?.apiKey.reveal(), 'a-plex-token-of-theirs');
  t.equal(config.torrentClients[0]?.password?.reveal(), 'a "secret" # with ${signs}', 'to the letter');
  const taken = join(out, '..', 'taken.yaml');
  await t.rejects(run('plex-helper', PLEX, taken), { message: /taken\.yaml is there already and stays as it is/ });
  t.equal(readFileSync(taken, 'utf8'), 'mine');
  await t.rejects(run('plex-helper', PLEX, join(out, '..', 'no', 'x.yaml')), { message: /x\.yaml cannot be written/ });
  const jelly = join(out, '..', 'jelly.yaml');
  await run('jellydemon', JELLY, jelly);
  t.notMatch(readFileSync(jelly, 'utf8'), 'a-router-password', "the router's password belongs into another file");
});

t.test(
  'a later plex-helper: its own default interval, and each key that has no place here is named with its reason',
  async (t) => {
    const old = join(t.testdir(), 'config.json');
    const keys = {
      plex_url: 'https://plex.example',
      qbittorrent_url: 'http://q:8080/base/',
      idle_upload_kbps: 1000,
      telegram_bot_token: 'bot-token',
      health_port: 8081,
      cooldown_max_transitions: 2,
      'weird key\n': 1,
    };
    writeFileSync(old, JSON.stringify(keys));
    const yaml = await run('plex-helper', old);
    const config = await load(t, yaml, { PLEX_TOKEN: 'tok' });
    t.match(config, {
      mediaServers: [{ url: 'https://plex.example', pollMs: 60_000 }],
      torrentClients: [
        { url: 'http://q:8080/base', username: null, password: null, whileStreaming: 'budget', whenIdle: 1000 * 8192 },
      ],
      bandwidth: { throttleAfterMs: 0, restoreAfterMs: 180_000 },
    });
    t.notMatch(yaml, 'bot-token');
    t.match(yaml, 'api_key: ${PLEX_TOKEN} # plex_token did not stand in the old file');
    for (const line of [
      /^# telegram_bot_token: Headgate has no Telegram bot/m,
      /^# health_port: \/healthz and \/readyz/m,
      /^# cooldown_max_transitions: limits do not flap here/m,
      /^# streaming_threshold: plex-helper with health_port throttled/m,
      /^# streaming_upload_kbps: was not set, so that streaming lifted the limit/m,
      /^# idle_upload_kbps: is taken over, but never goes above/m,
      /^# "weird key\\n": is not a key of plex-helper that is known here$/m,
    ])
      t.match(yaml, line);
  },
);

t.test('a plex-helper without a user name does not log in: its password is left out', async (t) => {
  const yaml = await run('plex-helper', changed(t, PLEX, ['"admin"', '""']));
  t.match(yaml, /^# qbittorrent_password: there is no qbittorrent_username/m);
  t.match(await load(t, yaml, { PLEX_TOKEN: 'tok' }), { torrentClients: [{ username: null, password: null }] });
});

t.test('JellyDemon: names of algorithms, no rate of the line, variables and unknown keys', async (t) => {
  const of = async (...changes: readonly (readonly [string | RegExp, string])[]) => {
    const yaml = await run('jellydemon', changed(t, JELLY, ...changes));
    return { yaml, config: await load(t, yaml, { JELLYFIN_API_KEY: 'key', JELLY_API: 'key' }) };
  };
  for (const [theirs, ours] of [
    ['equal_split', 'equal'],
    ['priority_based', 'priority'],
    ['demand_based', 'demand'],
    ['fair_play', 'equal'],
  ] as const) {
    const { yaml, config } = await of(['demand_based', theirs]);
    t.equal(config.bandwidth.algorithm, ours);
    t.equal(/^# bandwidth\.algorithm: /m.test(yaml), theirs === 'fair_play' || theirs === 'priority_based', theirs);
  }
  t.equal((await of(['total_upload_mbps: 100.0', 'total_upload_mbps: 0'])).config.uplink.uploadBps, null);
  t.match((await of(['192.168.1.100', 'fd00::5'], ['use_https: false', 'use_https: true'])).config.mediaServers, [
    { url: 'https://[fd00::5]:8096' },
  ]);
  const { yaml, config } = await of(
    ['"a-jellyfin-key"', '${JELLY_API}'],
    ['pid_file:', 'anonymize_logs: true\n  colour: blue\n  pid_file:'],
    ['update_interval: 30', 'update_interval: 900'],
    [/^router:[\s\S]*?\n\n/, 'zoo: 5\n'],
  );
  t.match(yaml, 'api_key: ${JELLY_API} # as in the old file');
  t.equal(config.mediaServers[0]?.pollMs, 600_000);
  t.notMatch(yaml, /agent-router/, 'without a router nothing is said of its agent');
  for (const line of [
    /^# daemon\.colour: is not a key of JellyDemon that is known here$/m,
    /^# zoo: is not a key of JellyDemon/m,
    /^# daemon\.anonymize_logs: log lines here hold user names/m,
    /^# daemon\.update_interval: 900 s became 600 s, the most that there is here$/m,
  ])
    t.match(yaml, line);
});

t.test('what cannot be read gets its sentence, with line and key', async (t) => {
  const folder = t.testdir({ 'own.yaml': 'media_servers: []', empty: '', broken: 'plex_url: {a\n', list: '- 1' });
  const file = (name: string): string => join(folder, name);
  const cases: readonly (readonly [string | undefined, string | undefined, RegExp])[] = [
    [undefined, PLEX, /^import needs --from plex-helper or --from jellydemon or --from jellyfin-db-sync$/],
    ['speedarr', PLEX, /^import needs --from plex-helper or --from jellydemon or --from jellyfin-db-sync$/],
    ['plex-helper', undefined, /^import --from plex-helper needs the file: import --from plex-helper config\.json$/],
    ['plex-helper', file('gone'), /gone does not exist$/],
    ['plex-helper', folder, /is not a file$/],
    ['plex-helper', file('broken'), /^[^\n]*broken:\d+:\d+: [^\n]+/],
    ['plex-helper', file('list'), /list:1:1: must be a section with keys of its own$/],
    ['plex-helper', file('empty'), /^[^\n]*empty:1:1: plex_url: is missing\n[^\n]*empty:1:1: qbittorrent_url: is missing$/],
    ['plex-helper', file('own.yaml'), /own\.yaml is a configuration of Headgate already: start it with --config/],
    ['plex-helper', JELLY, /jellydemon\.yml looks like the configuration of jellydemon: import --from jellydemon /],
    ['jellydemon', PLEX, /plexhelper\.json looks like the configuration of plex-helper: import --from plex-helper /],
  ];
  for (const [from, path, sentence] of cases)
    await t.rejects(run(from, path), { code: 'config_invalid', message: sentence }, String(sentence));
});

t.test('bad values are told with line and key, all at once and without a secret', async (t) => {
  const plex = changed(
    t,
    PLEX,
    ['"idle_upload_kbps": 0', '"idle_upload_kbps": -5'],
    ['poll_interval_sec": 10', 'poll_interval_sec": 1.5'],
  );
  const bad = await run('plex-helper', plex).catch(messageOf);
  t.match(bad, /old\.yml:7:23: idle_upload_kbps: must be a whole number from 0 to /);
  t.match(bad, /old\.yml:9:24: poll_interval_sec: must be a whole number/);
  t.notMatch(bad, 'a-plex-token-of-theirs');
  t.match(
    await run('plex-helper', changed(t, PLEX, ['"http://192.168.1.10:32400/"', '"nas:32400"'])).catch(messageOf),
    /old\.yml:2:15: plex_url: must be a URL that begins with/,
  );
  const says = async (...changes: readonly (readonly [string | RegExp, string])[]) =>
    await run('jellydemon', changed(t, JELLY, ...changes)).catch(messageOf);
  t.match(
    await says(['min_per_user: 1.5', 'min_per_user: 40']),
    /:26:17: bandwidth\.max_per_user: must be more than min_per_user/,
  );
  t.match(
    await says(['total_upload_mbps: 100.0', 'total_upload_mbps: 8']),
    /bandwidth\.reserved_bandwidth: must be less than total/,
  );
  t.match(await says(['"WARNING"', 'LOUD']), /daemon\.log_level: must be DEBUG, INFO, WARNING, ERROR or CRITICAL/);
  t.match(await says(['"10.0.0.0/8"', '10.0.0.0/99']), /network\.internal_ranges\[1\]: "10\.0\.0\.0\/99" is not a range/);
  t.match(await says(['"192.168.1.100"', 'http://nas']), /jellyfin\.host: must be a host name or an address/);
  t.match(
    await says(['test_mode: false', 'test_mode: true'], [/ {2}test_external_ranges:\n.*\n/, '']),
    /network\.test_mode: is true, but without test_external_ranges nobody/,
  );
  t.match(
    await says(['log_max_size: "10MB"', 'log_max_size: 10']),
    /old\.yml makes a configuration that Headgate refuses: logging\.max_size: must be from 1000/,
    'what the old program took and this one cannot',
  );
});
