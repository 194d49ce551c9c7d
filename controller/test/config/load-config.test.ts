// The configuration as a person meets it: real files, all problems at once, no secret told.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these texts are what a configuration holds
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { loadConfig } from '../../src/config/load-config.ts';
import { ControllerError } from '../../src/errors.ts';

const algorithms = ['equal', 'priority', 'demand'];
type Env = Record<string, string>;

/** Writes controller.yaml beside the given secret files and loads it. */
async function load(t: Test, yaml: string | Buffer, files: Record<string, string> = {}, env: Env = {}) {
  const folder = t.testdir();
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content, { mode: 0o600 });
  const path = join(folder, 'controller.yaml');
  writeFileSync(path, yaml, { mode: 0o600 });
  return { folder, path, config: await loadConfig({ path, env, algorithms }) };
}

/** The lines of the refusal, without the file's name. */
async function problems(
  t: Test,
  yaml: string | Buffer,
  files: Record<string, string> = {},
  env: Env = {},
): Promise<readonly string[]> {
  try {
    await load(t, yaml, files, env);
  } catch (error) {
    if (!(error instanceof ControllerError)) throw error;
    t.equal(error.code, 'config_invalid');
    return error.message.split('\n').map((line) => line.replace(/^.*controller\.yaml/, ''));
  }
  return ['nothing is wrong'];
}

t.test('a variable stands in a flow map without quotes, and what is wrong keeps its place', async (t) => {
  const { config } = await load(
    t,
    'home: { name: ${NAME} } # ${NOT_SET} in a comment\nauth: { admin_password: ${PW:-pw12} }\n',
    {},
    { NAME: 'Our {house}' },
  );
  t.equal(config.home.name, 'Our {house}');
  t.equal(config.auth.adminPassword?.reveal(), 'pw12');
  t.same(await problems(t, 'http: { public_url: ${NOPE} }'), [':1:21: http.public_url: environment variable NOPE is not set']);
});

t.test('a broken file is told without a piece of it, which may be a secret', async (t) => {
  const lines = await problems(t, 'auth: { admin_password: {swordfish }\nhttp: { public_url: swordfish, listn: swordfish }\n');
  t.match(lines[0], /^:\d+:\d+: /);
  t.notMatch(lines.join(), 'swordfish');
});

t.test('every value comes typed and in internal units', async (t) => {
  const yaml = `
home: { name: Our house, time_zone: Europe/Berlin }
http: { listen: '[::]:8400', public_url: https://headgate.example/, trusted_proxies: [127.0.0.1], metrics: public }
auth: { admin_password_file: admin, session_duration: 2h }
database: { path: data, compact_after: 500 }
mqtt:
  listen: 0.0.0.0:1883
  base_topic: home/headgate
  client_name: hg-1
  tls: { cert_file: cert.pem, key_file: key.pem }
  users: [{ name: router, password_file: mqtt, role: router }, { name: pi, id: node-1, password: '\${PI}', role: node }]
network: { local_ranges: [192.168.0.0/16, fd00::/8], test_mode: true, test_external_ranges: [192.168.5.0/24] }
uplink: { upload: 40, download: auto, reserve: 10 }
media_servers:
  - { name: main, type: jellyfin, url: 'http://[fd00::5]:8096/', api_key_file: key, on_uplink: false, poll_interval: 5s, socket: false }
torrent_clients:
  - { name: qbit, type: qbittorrent, url: http://q:8080/base, username: admin, password: pw12, limit_while_streaming: 500 KiB/s, limit_when_idle: 2 }
bandwidth: { algorithm: priority, min_per_viewer: 3, max_per_viewer: 20, throttle_after: 20s, restore_after: 30s, classes: { kids: 1, adults: 4 }, default_class: kids }
viewers: { anna: { class: adults, max: 30 }, main/bob: { exempt: true } }
logging: { level: warn, parts: { jellyfin: debug }, file: log/headgate.log, max_size: 10KB, backups: 2, retention_days: 3 }
`;
  const pem = '-----BEGIN CERTIFICATE-----\n';
  const files = { admin: 'pw\n', 'cert.pem': pem, 'key.pem': 'k', mqtt: 'm', key: 'abc' };
  const { config, folder } = await load(t, yaml, files, { PI: 'raspberry' });
  t.match(config, {
    home: { name: 'Our house', timeZone: 'Europe/Berlin' },
    http: {
      listen: { host: '::', port: 8400 },
      publicUrl: 'https://headgate.example',
      trustedProxies: ['127.0.0.1/32'],
      metrics: 'public',
    },
    auth: { sessionMs: 7_200_000 },
    database: { path: join(folder, 'data'), url: null, compactAfter: 500 },
    mqtt: {
      broker: {
        kind: 'embedded',
        listen: { host: '0.0.0.0', port: 1883 },
        tls: { listen: { host: '0.0.0.0', port: 8883 }, certificate: pem },
      },
      baseTopic: 'home/headgate',
      clientName: 'hg-1',
    },
    homeAssistant: { enabled: true, discoveryPrefix: 'homeassistant' },
    network: { testMode: true, testExternalRanges: ['192.168.5.0/24'], vpnRanges: [] },
    uplink: { uploadBps: 40_000_000, downloadBps: null, reserve: { kind: 'fixed', bps: 10_000_000 }, router: null, wan: null },
    mediaServers: [
      {
        name: 'main',
        url: 'http://[fd00::5]:8096',
        onUplink: false,
        pollMs: 5_000,
        socket: false,
        tls: { verify: true, ca: null },
      },
    ],
    torrentClients: [
      {
        url: 'http://q:8080/base',
        username: 'admin',
        apiKey: null,
        whileStreaming: 4_096_000,
        whenIdle: 2_000_000,
        onUplink: true,
      },
    ],
    bandwidth: {
      algorithm: 'priority',
      minPerViewerBps: 3_000_000,
      maxPerViewerBps: 20_000_000,
      stepBps: 500_000,
      throttleAfterMs: 20_000,
      restoreAfterMs: 30_000,
      torrentFloorBps: 500_000,
      classes: { kids: 1, adults: 4 },
      defaultClass: 'kids',
    },
    viewers: {
      anna: { class: 'adults', minBps: null, maxBps: 30_000_000, exempt: false },
      'main/bob': { exempt: true, class: null },
    },
    logging: {
      level: 'warn',
      parts: { jellyfin: 'debug' },
      file: join(folder, 'log/headgate.log'),
      maxBytes: 10_000,
      backups: 2,
      retentionDays: 3,
    },
    source: { warnings: [] },
  });
  t.equal(config.auth.adminPassword?.reveal(), 'pw', 'one line end is not part of a secret');
  const users = config.mqtt.broker.kind === 'embedded' ? config.mqtt.broker.users : [];
  t.same(
    users.map((user) => [user.id, user.password?.reveal(), user.role]),
    [
      ['router', 'm', 'router'],
      ['node-1', 'raspberry', 'node'],
    ],
  );
  t.same(config.source.secrets.map((one) => one.reveal()).sort(), ['abc', 'k', 'm', 'pw', 'pw12', 'raspberry']);
  t.notMatch(JSON.stringify(config), /raspberry|pw12|"pw"/, 'a configuration that is printed shows no secret');
});

t.test('the result cannot be changed', async (t) => {
  const { config } = await load(t, 'network: { vpn_ranges: [10.8.0.0/24] }');
  t.throws(() => Object.assign(config.bandwidth, { enabled: false }), TypeError);
  t.throws(() => Object.assign(config.network.vpnRanges, ['0.0.0.0/0']), TypeError);
});

t.test('an external broker takes its own keys', async (t) => {
  const { config } = await load(t, 'mqtt: { broker: mqtts://hub:8883, username: hg, password_file: p }', { p: 'x' });
  t.match(config.mqtt.broker, { kind: 'external', url: 'mqtts://hub:8883', username: 'hg', ca: null });
});

t.test('each bad configuration gets its sentence, place and key', async (t) => {
  const server = 'media_servers:\n  - { name: a, type: jellyfin, api_key: k, url: ';
  const cases: readonly (readonly [string, string])[] = [
    ['hom: {}', ':1:1: hom: is not a key; did you mean home?'],
    ['bandwidth:\n  algorithm: foo', ':2:14: bandwidth.algorithm: "foo" is not an algorithm; there are equal, priority, demand'],
    [
      'bandwidth: { min_per_viewer: 10, max_per_viewer: 10 }',
      ':1:50: bandwidth.max_per_viewer: must be more than min_per_viewer (they are 10 and 10 Mbit/s)',
    ],
    [
      'bandwidth: { min_per_viewer: -1 }',
      ':1:30: bandwidth.min_per_viewer: must be from 0.01 Mbit/s to 2147 Mbit/s, not -1 Mbit/s',
    ],
    [
      'bandwidth: { max_per_viewer: 1000000 }',
      ':1:30: bandwidth.max_per_viewer: must be from 0.01 Mbit/s to 2147 Mbit/s, not 1000000 Mbit/s',
    ],
    ['uplink: { upload: 0 }', ':1:19: uplink.upload: must be from 0.01 Mbit/s to 1000000 Mbit/s, not 0 Mbit/s; or auto'],
    ['uplink: { upload: 10, reserve: 10 }', ':1:32: uplink.reserve: must be less than upload'],
    [
      'network:\n  local_ranges:\n    - 192.168.0.0/99',
      ':3:7: network.local_ranges[0]: "192.168.0.0/99" is not a range such as 192.168.0.0/16 or fd00::/8',
    ],
    [
      'network: { test_mode: true }',
      ':1:10: network.test_external_ranges: is missing: with test_mode nobody would count as outside',
    ],
    [`${server}nas:8096 }`, ':2:49: media_servers[0].url: must be a URL that begins with http:// or https://'],
    [
      'media_servers: [{ name: a, type: jellyfin, url: http://a }]',
      ':1:17: media_servers[0].api_key_file: is missing: a media server needs an api_key or api_key_file',
    ],
    [
      'media_servers: [{ name: a, type: emby, url: http://a, api_key: k }]',
      ':1:34: media_servers[0].type: must be jellyfin or plex',
    ],
    ['media_servers: [{ type: jellyfin, url: http://a, api_key: k }]', ':1:17: media_servers[0].name: is missing'],
    [
      `${server}http://a }\n  - { name: a, type: jellyfin, url: http://b, api_key: k }`,
      ':3:13: media_servers[1].name: the name "a" is taken by an earlier entry',
    ],
    [
      'torrent_clients: [{ name: q, type: qbittorrent, url: http://q, username: a }]',
      ':1:19: torrent_clients[0].password_file: is missing: a log-in needs username and password',
    ],
    [
      'torrent_clients: [{ name: q, type: qbittorrent, url: http://q, limit_while_streaming: 0 }]',
      ':1:87: torrent_clients[0].limit_while_streaming: must be from 0.008192 Mbit/s to 1000000 Mbit/s, not 0 Mbit/s; or budget',
    ],
    ['mqtt: { broker: mqtt://hub, users: [] }', ':1:36: mqtt.users: is only for broker: embedded'],
    ['mqtt: { username: a }', ':1:19: mqtt.username: is only for a broker of your own (broker: mqtts://…)'],
    [
      'mqtt: { users: [{ name: r, role: router }] }',
      ':1:17: mqtt.users[0].password_file: is missing: a broker user needs a password or password_file',
    ],
    ['mqtt: { base_topic: "a/+/b" }', ':1:21: mqtt.base_topic: must be topic levels of letters, digits, "_", "-" and "."'],
    [
      'viewers: { anna: { class: gold } }',
      ':1:27: viewers.anna.class: "gold" is not one of bandwidth.classes (admin, premium, regular)',
    ],
    [
      'auth: { admin_password: a, admin_password_file: f }',
      ':1:49: auth.admin_password_file: give either admin_password or admin_password_file, not both',
    ],
    ['auth: { admin_password: 12345 }', ':1:25: auth.admin_password: must be text (put it in quotes)'],
    ['database: { url: mysql://x }', ':1:18: database.url: must begin with postgres://'],
    ['home: 5', ':1:7: home: must be a section with keys of its own'],
    ['media_servers: {}', ':1:16: media_servers: must be a list'],
    ['http: { public_url: "${NOPE}" }', ':1:21: http.public_url: environment variable NOPE is not set'],
  ];
  for (const [yaml, line] of cases) t.same(await problems(t, yaml, { f: 'x' }), [line], yaml);
});

t.test('all problems of all sections are told at once, in the order of the file', async (t) => {
  const yaml =
    'home: { nam: x }\nhttp: { listen: 80 }\nbandwidth: { min_per_viewer: x, dry_run: yes }\nlogging: { level: loud }\n';
  const keys = (await problems(t, yaml)).map((line) => line.split(': ')[1]);
  t.same(keys, ['home.nam', 'http.listen', 'bandwidth.min_per_viewer', 'bandwidth.dry_run', 'logging.level']);
});

t.test('a check over several keys is told beside what is wrong with single ones', async (t) => {
  const yaml = 'bandwidth: { min_per_viewer: 10, max_per_viewer: 5, dry_run: yes }\nviewers: { anna: { class: gold, mix: 1 } }';
  const keys = (await problems(t, yaml)).map((line) => line.split(': ')[1]);
  t.same(keys, ['bandwidth.max_per_viewer', 'bandwidth.dry_run', 'viewers.anna.class', 'viewers.anna.mix']);
});

t.test('broken files are told apart', async (t) => {
  t.match((await problems(t, 'home: {\n  name: "x\n')).join(), /^:\d+:\d+: /, 'unclosed');
  t.match(await problems(t, 'home: {}\nhome: {}'), [/^:2:1: Map keys must be unique/]);
  t.match(await problems(t, '\thome: {}'), [/^:1:\d: Tabs are not allowed/]);
  t.match(await problems(t, '- a\n- b'), [/must be a section/]);
  t.match(await problems(t, Buffer.from([0x68, 0xff, 0xfe])), [/is not UTF-8 text/]);
  t.match(await problems(t, `home: { name: "${'x'.repeat(1_100_000)}" }`), [/is larger than/]);
  const bomb = `a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [${Array(10).fill('*a')}]\nc: &c [${Array(10).fill('*b')}]\nd: [${Array(10).fill('*c')}]`;
  t.match(await problems(t, bomb), [/alias/]);
});

t.test('no problem quotes a secret', async (t) => {
  const yaml = `
auth: { admin_password: [hunter2] }
database: { url: 'hunter2', url_file: secret }
media_servers: [{ name: a, type: jellyfin, url: 'http://me:hunter2@host', api_key: { x: hunter2 } }]
torrent_clients: [{ name: b, type: qbittorrent, url: http://q, password: hunter2, nonsense: hunter2 }]
`;
  const lines = await problems(t, yaml, { secret: 'hunter2' });
  t.ok(lines.length >= 6);
  t.notMatch(lines.join('\n'), /hunter2/);
  t.notMatch((await problems(t, 'auth: { admin_password: "hunter2', {})).join(), /hunter2/, 'nor does a syntax error');
});

t.test('secret files that are missing, empty, folders, pipes or too large are told with their path', async (t) => {
  const folder = t.testdir({ empty: '', folder: {}, big: 'x'.repeat(70_000) });
  const reasons = {
    gone: /gone does not exist/,
    empty: /empty is empty/,
    folder: /folder is not a file/,
    big: /big is larger than 65536 bytes/,
  };
  for (const [name, reason] of Object.entries(reasons)) {
    const path = join(folder, 'c.yaml');
    writeFileSync(path, `auth: { admin_password_file: ${name} }`);
    await t.rejects(loadConfig({ path, env: {}, algorithms }), { code: 'config_invalid', message: reason });
  }
  symlinkSync('/dev/zero', join(folder, 'endless'));
  writeFileSync(join(folder, 'c.yaml'), 'auth: { admin_password_file: endless }');
  await t.rejects(loadConfig({ path: join(folder, 'c.yaml'), env: {}, algorithms }), { message: /endless is not a file/ });
});

t.test('secrets that everybody on the machine can read are warned of', async (t) => {
  const folder = t.testdir({ key: 'abc', 'controller.yaml': 'auth: { admin_password_file: key }\n' });
  chmodSync(join(folder, 'key'), 0o644);
  const path = join(folder, 'controller.yaml');
  t.match((await loadConfig({ path, env: {}, algorithms })).source.warnings, [/key holds a secret.*chmod 600/]);
  writeFileSync(path, 'auth: { admin_password: in-place }');
  chmodSync(path, 0o644);
  t.match((await loadConfig({ path, env: {}, algorithms })).source.warnings, [/controller\.yaml holds a secret/]);
  writeFileSync(path, 'auth: { admin_password: "${PW}" }');
  t.same((await loadConfig({ path, env: { PW: 'x' }, algorithms })).source.warnings, [], 'a variable is not in the file');
});

t.test('a section whose keys are all commented out counts as absent', async (t) => {
  const { config } = await load(t, 'http:\n  # listen: x\nlogging:\n  file: null\nmedia_servers:\n');
  t.equal(config.http.listen.port, 8400);
  t.equal(config.logging.file, null);
  t.same(config.mediaServers, []);
});

t.test('without a file it runs with defaults: this machine only, no anonymous broker, and says what to do next', async (t) => {
  const home = t.testdir({ empty: {} });
  const before = process.cwd();
  process.chdir(join(home, 'empty'));
  t.teardown(() => process.chdir(before));
  const config = await loadConfig({ env: { HOME: home, XDG_STATE_HOME: join(home, 'state') }, algorithms });
  t.match(config, {
    http: { listen: { host: '127.0.0.1' } },
    mqtt: { broker: { kind: 'embedded', listen: { host: '127.0.0.1' }, users: [] } },
    database: { path: join(home, 'state', 'headgate') },
    auth: { adminPassword: null },
    source: { path: null, warnings: [/copy deploy\/examples\/controller.yaml/] },
  });
  t.equal((await loadConfig({ env: { HOME: home }, algorithms })).database.path, join(home, '.local/state/headgate'));
  t.equal((await loadConfig({ env: { STATE_DIRECTORY: '/var/lib/headgate' }, algorithms })).database.path, '/var/lib/headgate');
  t.equal((await loadConfig({ env: {}, algorithms })).database.path, join(homedir(), '.local/state/headgate'));
});

t.test('the file is found by flag, by variable, then in the search order; a named one must exist', async (t) => {
  const folder = t.testdir({
    work: {},
    xdg: { headgate: { 'controller.yaml': 'home: { name: xdg }' } },
    'named.yaml': 'home: { name: named }',
  });
  const before = process.cwd();
  process.chdir(join(folder, 'work'));
  t.teardown(() => process.chdir(before));
  const name = async (path: string | undefined, env: Env): Promise<string> =>
    (await loadConfig({ path, env, algorithms })).home.name;
  const env = { XDG_CONFIG_HOME: join(folder, 'xdg') };
  t.equal(await name(undefined, env), 'xdg');
  writeFileSync('controller.yaml', 'home: { name: here }');
  t.equal(await name(undefined, env), 'here');
  t.equal(await name(undefined, { ...env, HEADGATE_CONFIG: join(folder, 'named.yaml') }), 'named');
  t.equal(
    await name('../named.yaml', { ...env, HEADGATE_CONFIG: '/nonsense' }),
    'named',
    'a relative path starts at the working folder',
  );
  await t.rejects(name('nope.yaml', env), { code: 'config_invalid', message: /nope\.yaml does not exist/ });
  await t.rejects(name(undefined, { HEADGATE_CONFIG: '/nonsense' }), { message: /\/nonsense does not exist/ });
  mkdirSync('folder.yaml');
  await t.rejects(name('folder.yaml', env), { message: /is not a file/ });
});
