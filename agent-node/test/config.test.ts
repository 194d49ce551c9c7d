// Configuration: what is taken, under which name, and how each mistake is told.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { loadConfig, secretsOf } from '../src/config.ts';
import { seedRemarks, withEnvFile } from '../src/seed-environment.ts';

const folder = mkdtempSync(join(tmpdir(), 'headgate-config-'));
t.teardown(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'node.yaml');
const good = 'library: /srv/media\nmanifests:\n  url: https://home.example/manifest/family.json\n  token_file: tk\n';
writeFileSync(join(folder, 'tk'), 'hgn_secret\n');
const load = (yaml: string, environment = {}) => {
  writeFileSync(file, yaml);
  return loadConfig(file, environment);
};

t.test('defaults stand behind a short file; secrets come from files beside it, without the last newline', async (t) => {
  const config = load(good);
  t.match(config, {
    id: 'node',
    site: 'home',
    library: '/srv/media',
    manifests: { url: ['https://home.example/manifest/family.json'], token: 'hgn_secret', poll_minutes: 60, attempts: 5 },
    download: { parallel: 2, attempts: 3, min_free_gb: 5 },
    trash: { days: 7 },
    allow: { hosts: [], trackers: [] },
  });
  t.equal(config.mqtt, undefined);
  t.equal(config.torrent, undefined, 'nothing listens unless it is configured');
  t.same(secretsOf(load(good.replace('https://home', 'https://node:t0ken@home'))), ['hgn_secret', 't0ken']);
  t.throws(() => Object.assign(config.manifests, { poll_minutes: 1 }), 'frozen');
});

t.test("rows 228, 229, 230, 231: the seed's variables alone are enough; ~ is the home folder", async (t) => {
  const environment = {
    HOME: '/home/anna',
    MANIFEST_URL: 'http://192.168.1.5:5000/manifest/family.json',
    GROUP: 'family',
    DOWNLOAD_DIR: '~/media',
    JELLYFIN_URL: 'http://127.0.0.1:8096',
    JELLYFIN_API_KEY: 'abcdef',
    CHECK_INTERVAL_MINUTES: '15',
    RETRY_ATTEMPTS: '7',
    RETRY_ATTEMPTS_DOWNLOAD: '4',
    MIN_FREE_GB: '2.5',
    WEBTORRENT_BIN: '/usr/bin/webtorrent',
  };
  t.match(loadConfig(undefined, environment), {
    library: '/home/anna/media',
    manifests: { url: [environment.MANIFEST_URL], groups: ['family'], poll_minutes: 15, attempts: 7 },
    download: { attempts: 4, min_free_gb: 2.5 },
    jellyfin: { url: 'http://127.0.0.1:8096', key: 'abcdef' },
  });
  t.match(seedRemarks(environment), [/WEBTORRENT_BIN is of no use/], 'row 235: no program of its own is needed');
  t.match(loadConfig(undefined, { ...environment, HEADGATE_NODE_MANIFESTS_POLL_MINUTES: '5' }).manifests, { poll_minutes: 5 });
  t.same(load(good, { GROUP: 'wheel' }).manifests.groups, [], 'a GROUP that a shell set is none of ours');
});

t.test('row 238: .env is read, and the real environment wins', async (t) => {
  writeFileSync(
    join(folder, '.env'),
    'MANIFEST_URL=http://a/manifest/x.json\nDOWNLOAD_DIR="/srv/films"\n# a comment\nMIN_FREE_GB=1\n',
  );
  const config = loadConfig(undefined, withEnvFile(folder, { MIN_FREE_GB: '3' }));
  t.match(config, { library: '/srv/films', manifests: { url: ['http://a/manifest/x.json'] }, download: { min_free_gb: 3 } });
  t.same(withEnvFile(join(folder, 'none'), { A: '1' }), { A: '1' });
});

t.test('lists come as one value, as several, or with commas from the environment', async (t) => {
  t.same(
    load(good.replace('url: https://home.example/manifest/family.json', 'url: https://home.example\n  groups: [a, b]')).manifests
      .groups,
    ['a', 'b'],
  );
  t.same(load(good, { HEADGATE_NODE_MANIFESTS_GROUPS: 'a, b', HEADGATE_NODE_SELECT_TAGS: 'kids' }).manifests.groups, ['a', 'b']);
});

const bad: readonly (readonly [string, string, Record<string, string>, RegExp])[] = [
  ['an unknown key', `${good}libary: x\n`, {}, /node\.yaml:5: libary: no such key/],
  ['no manifest', 'library: /x\n', {}, /manifests/],
  ['no library', good.replace('library: /srv/media\n', ''), {}, /library/],
  ['a URL of another kind', good.replace('https:', 'file:'), {}, /node\.yaml:3: manifests\.url.*http: or https:/],
  ['a group that is no name', `${good}  groups: [../x]\n`, {}, /node\.yaml:5: manifests\.groups/],
  ['a key that is none', `${good}  public_key: abc\n`, {}, /node\.yaml:5: manifests\.public_key: must be 32 bytes/],
  [
    'a rule without a time',
    `${good}rates:\n  schedule:\n    - from: '25:00'\n`,
    {},
    /node\.yaml:7: rates\.schedule\.0\.from: must be a time/,
  ],
  [
    'a network that is none',
    `${good}rates:\n  free_networks: [home]\n`,
    {},
    /node\.yaml:6: rates\.free_networks.*must be an address or a network/,
  ],
  ['an address that is none', `${good}torrent:\n  listen: everywhere\n`, {}, /node\.yaml:6: torrent\.listen/],
  [
    'a password inside the URL of the broker',
    `${good}mqtt:\n  url: mqtt://me:pw@box\n`,
    {},
    /node\.yaml:6: mqtt\.url: .*without/,
  ],
  ['an id that cannot stand in a topic', `id: a/b\n${good}`, {}, /node\.yaml:1: id/],
  ['an unknown variable', good, { HEADGATE_NODE_HOST: 'x' }, /^HEADGATE_NODE_HOST: no such variable/],
  ["a wrong value of the seed's", good, { MIN_FREE_GB: 'many' }, /^MIN_FREE_GB: /],
  ['a wrong value in a variable', good, { HEADGATE_NODE_DOWNLOAD_PARALLEL: '99' }, /^HEADGATE_NODE_DOWNLOAD_PARALLEL: /],
  ['both kinds of token', `${good}  token: x\n`, {}, /not both/],
  ['aliases that grow', 'a: &a [1,1]\nb: [*a,*a]\n', {}, /node\.yaml/],
];
for (const [what, yaml, environment, message] of bad)
  t.test(`${what} is told with its place`, async (t) => {
    t.throws(() => load(yaml, environment), { code: 'config_invalid', message });
  });

t.test('the shipped example is taken as it is, but for its files', async (t) => {
  const example = readFileSync(join(import.meta.dirname, '../../deploy/examples/agent-node.yaml'), 'utf8');
  t.match(load(example.replaceAll(/\/etc\/headgate\/[\w-]+/g, 'tk')), { id: 'living-room', torrent: undefined });
});
