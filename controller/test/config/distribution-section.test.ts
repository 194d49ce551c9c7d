// The section distribution, and the environment of the manifest server that it takes the place of.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { loadConfig } from '../../src/config/load-config.ts';
import { messageOf } from '../../src/errors.ts';

async function load(t: Test, yaml: string, more: { env?: Record<string, string>; host?: string } = {}) {
  const folder = t.testdir({});
  const path = join(folder, 'controller.yaml');
  await writeFile(path, yaml, { mode: 0o600 });
  return { folder, config: await loadConfig({ path, env: more.env ?? {}, algorithms: ['demand'], host: more.host }) };
}

const problem = (t: Test, yaml: string, host?: string): Promise<string> =>
  load(t, yaml, host === undefined ? {} : { host }).then(() => 'nothing is wrong', messageOf);

t.test('without the section nothing is shared, no network needs no token, and the seeder listens on this machine', async (t) => {
  const { config } = await load(t, '');
  t.same(config.distribution, {
    enabled: false,
    roots: [],
    groups: null,
    defaultGroup: 'family',
    site: 'home',
    lanNetworks: [],
    publicAddress: null,
    seederListen: { host: '127.0.0.1', port: 6881 },
    maxUploadBps: null,
    waitSeedMs: 300_000,
    manifestDir: null,
  });
});

t.test('what is wrong is told by its key', async (t) => {
  t.match(await problem(t, 'distribution: { roots: [films] }'), /distribution\.roots.*must begin with \//);
  t.match(await problem(t, 'distribution: { groups: ["a b"] }'), /distribution\.groups.*letters, digits/);
  t.match(await problem(t, 'distribution: { public_address: home.example }'), /public_address: must be an IP address/);
  for (const all of ['0.0.0.0:6881', '"[::]:6881"', '192.168.1.5:0', 'nas:6881'])
    t.match(await problem(t, `distribution: { seeder_listen: ${all} }`), /seeder_listen: must be one IP address/, all);
});

t.test('max_upload is a rate or none; no download client is called as our own seeding is', async (t) => {
  const { config } = await load(t, 'distribution: { enabled: true, max_upload: 2.5 Mbit/s }');
  t.equal(config.distribution.maxUploadBps, 2_500_000);
  t.match(await problem(t, 'distribution: { max_upload: fast }'), /distribution\.max_upload.*rate/);
  const client = 'torrent_clients: [{ name: distribution, type: qbittorrent, url: "http://127.0.0.1:1" }]';
  t.match(await problem(t, `distribution: { enabled: true }\n${client}`), /torrent_clients\[0\]\.name.*own seeding/);
  t.equal((await load(t, client)).config.torrentClients[0]?.name, 'distribution');
});

t.test('row 236: MANIFEST_DIR, WAIT_SEED_TIMEOUT and PORT count where the file says nothing', async (t) => {
  const env = { MANIFEST_DIR: 'manifests', WAIT_SEED_TIMEOUT: '20', PORT: '5000' };
  const { folder, config } = await load(t, 'distribution: { roots: [/films] }', { env });
  t.match(config.distribution, { enabled: true, waitSeedMs: 20_000, manifestDir: join(folder, 'manifests'), roots: ['/films'] });
  t.same(config.http.listen, { host: '127.0.0.1', port: 5_000 });
  const off = await load(t, 'distribution: { enabled: false }', { env });
  t.equal(off.config.distribution.enabled, false);
  const bad = await load(t, '', { env: { ...env, WAIT_SEED_TIMEOUT: 'soon' } });
  t.match(bad.config.source.warnings, [/WAIT_SEED_TIMEOUT .* not a whole number/]);
  const { config: portOnly } = await load(t, '', { env: { PORT: '5000' } });
  t.equal(portOnly.http.listen.port, 8400, 'any container may have PORT');
});

t.test('row 237: --host goes before the file; without both it is this machine only', async (t) => {
  t.equal((await load(t, '')).config.http.listen.host, '127.0.0.1');
  const yaml = 'http: { listen: "127.0.0.2:8500" }';
  t.same((await load(t, yaml, { host: '0.0.0.0' })).config.http.listen, { host: '0.0.0.0', port: 8_500 });
  t.same((await load(t, yaml, { host: '[::1]' })).config.http.listen, { host: '::1', port: 8_500 });
  t.match(await problem(t, yaml, 'no address'), /--host no address/);
});
