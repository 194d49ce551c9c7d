// Configuration: what is taken, and how each mistake is told.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { loadConfig, secretsOf } from '../src/config.ts';

const folder = mkdtempSync(join(tmpdir(), 'headgate-config-'));
t.teardown(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'agent.yaml');
const key = `SHA256:${'A'.repeat(43)}`;
const good = `router:\n  type: ssh\n  host: 192.168.1.1\n  host_key: ${key}\n  password_file: pw\nmqtt:\n  url: mqtt://box:1883\n`;
writeFileSync(join(folder, 'pw'), 's3cret word\n');
const load = (yaml: string, environment = {}) => {
  writeFileSync(file, yaml);
  return loadConfig(file, environment);
};

t.test('defaults stand behind a short file; secrets come from files beside it, without the last newline', async (t) => {
  const config = load(good);
  t.match(config, {
    name: 'router',
    router: { type: 'ssh', port: 22, username: 'root', password: 's3cret word', host_key: key },
    mqtt: { base_topic: 'headgate' },
    sampling: { throughput: 1000, link: 3000, sqm: 5000 },
    shaper: { enabled: false },
  });
  t.same(secretsOf(config), ['s3cret word']);
  t.throws(() => Object.assign(config.router, { type: 'local' }), 'frozen');
});

t.test('the environment stands over the file, and alone is enough', async (t) => {
  t.match(
    load(good, { HEADGATE_ROUTER_ROUTER_PORT: '2222', HEADGATE_ROUTER_SHAPER_ENABLED: 'true', HEADGATE_ROUTER_NAME: 'flint' }),
    {
      name: 'flint',
      router: { port: 2222 },
      shaper: { enabled: true },
    },
  );
  const alone = {
    HEADGATE_ROUTER_ROUTER_TYPE: 'local',
    HEADGATE_ROUTER_MQTT_URL: 'mqtts://box',
    HEADGATE_ROUTER_MQTT_PASSWORD: '1234',
  };
  t.match(loadConfig(undefined, alone), { router: { type: 'local' }, mqtt: { url: 'mqtts://box', password: '1234' } });
});

t.test('$NAME in braces is an environment variable', async (t) => {
  t.match(load(good.replace('192.168.1.1', `\${ROUTER}`), { ROUTER: '10.0.0.1' }), { router: { host: '10.0.0.1' } });
});

t.test('several host keys, one for each type', async (t) => {
  t.match(load(good.replace(key, `[${key}, ${key}]`)), { router: { host_key: [key, key] } });
});

const bad: readonly (readonly [string, string, Record<string, string>, RegExp])[] = [
  ['an unknown key', good.replace('host:', 'hots:'), {}, /agent\.yaml:3: router\.hots: no such key/],
  ['a wrong port', `${good}  client_id: "a b"\n`, {}, /agent\.yaml:8: mqtt\.client_id: must be/],
  ['a host with a scheme', good.replace('192.168.1.1', 'http://x'), {}, /agent\.yaml:3: router\.host/],
  ['a fingerprint of another kind', good.replace(key, 'MD5:aa'), {}, /agent\.yaml:4: router\.host_key/],
  [
    'a password inside a URL',
    good.replace('mqtt://box', 'mqtt://me:pw@box'),
    {},
    /agent\.yaml:7: mqtt\.url: .*without a name or password/,
  ],
  ['no mqtt at all', 'router: { type: local }\n', {}, /mqtt/],
  ['an unknown type', good.replace('ssh', 'telnet'), {}, /router/],
  ['broken YAML', 'router: [\n', {}, /agent\.yaml:\d: /],
  ['no map', '- a\n', {}, /agent\.yaml:1: must be keys and values/],
  ['an empty file', '', {}, /agent\.yaml:1: must be/],
  ['aliases that grow', 'a: &a [1,1]\nb: [*a,*a]\n', {}, /agent\.yaml/],
  ['a missing password file', good.replace('pw\n', 'nope\n'), {}, /agent\.yaml:5: router\.password_file: cannot read/],
  ['both kinds of password', `${good.replace('password_file: pw', 'password_file: pw\n  password: x')}`, {}, /not both/],
  ['an unknown variable', good, { HEADGATE_ROUTER_HOST: 'x' }, /^HEADGATE_ROUTER_HOST: no such variable/],
  ['a wrong value in a variable', good, { HEADGATE_ROUTER_ROUTER_PORT: 'many' }, /^HEADGATE_ROUTER_ROUTER_PORT: /],
  [
    'a variable that is not there',
    good.replace('192.168.1.1', `\${NOPE}`),
    {},
    /agent\.yaml:3: router\.host: the environment has no NOPE/,
  ],
  [
    'a beat that is too fast',
    `${good}sampling: { throughput: 1ms }\n`,
    {},
    /agent\.yaml:8: sampling\.throughput: must be at least 500 ms/,
  ],
  ['a name that cannot stand in a topic', `name: a/b\n${good}`, {}, /agent\.yaml:1: name/],
];
for (const [what, yaml, environment, message] of bad)
  t.test(`${what} is told with its place`, async (t) => {
    t.throws(() => load(yaml, environment), { code: 'config_invalid', message });
  });

t.test('a file that is not there', async (t) => {
  t.throws(() => loadConfig(join(folder, 'none.yaml'), {}), { code: 'config_invalid', message: /none\.yaml: cannot read/ });
});

t.test('the shipped example is taken as it is, but for its files', async (t) => {
  const { readFileSync } = await import('node:fs');
  const example = readFileSync(join(import.meta.dirname, '../../deploy/examples/agent-router.yaml'), 'utf8');
  t.match(load(example.replaceAll(/\/etc\/headgate\/[\w-]+/g, 'pw')), {
    router: { type: 'ssh', host_key: [] },
    shaper: { enabled: false },
  });
});
