// `--test` with a Plex and every download client: a line for each, and each dead or with a wrong secret is named.
import { join } from 'node:path';
import t from 'tap';
import { freePort } from '../../demo/free-port.ts';
import { startSimulatedHome } from '../../demo/simulated-home.ts';
import { addLockedTransmission } from './fixtures/many-clients.ts';
import { type Ended, runCommand } from './fixtures/run-command.ts';
import { until } from './fixtures/until.ts';
import { type HomeConfig, writeVariant } from './fixtures/variant.ts';

const CLIENTS = ['qbit', 'transmission', 'deluge', 'usenet'];

t.test('--test with a Plex and every download client', async (t) => {
  const home = await startSimulatedHome({ plex: {}, clients: ['deluge', 'sabnzbd'] });
  t.teardown(() => home[Symbol.asyncDispose]());
  await addLockedTransmission(t, home);
  await home.start();
  const ready = async (): Promise<string> => await (await fetch(`${home.httpUrl}/readyz`)).text();
  await until('it knows the line', async () => (await ready()).includes('"name":"capacity","ok":true'), { show: ready });
  const check = (part: string, config = home.configFile): Promise<Ended> => runCommand(['--config', config, '--test', part]);
  const linesOf = ({ stdout }: Ended): readonly string[] => stdout.trim().split('\n');

  await t.test('all is well: a PASS line for each, exit 0 (rows 46, 51)', async (t) => {
    const [all, plex, torrents] = await Promise.all([check('all'), check('plex'), check('torrents')]);
    t.same([all.code, plex.code, torrents.code], [0, 0, 0], all.stdout);
    for (const name of ['network', 'router', 'main', 'cinema', ...CLIENTS, 'bandwidth', 'mqtt'])
      t.match(all.stdout, new RegExp(`^PASS ${name}: .`, 'm'));
    t.match(linesOf(plex), [/^PASS cinema: Plex/]);
    t.match(linesOf(torrents), [
      /^PASS qbit: qBittorrent .*5\.2\.3/,
      /^PASS deluge: Deluge [\d.]+/,
      /^PASS usenet: SABnzbd 4\.5\.5/,
      /^PASS transmission: Transmission [\d.]+/,
    ]);
  });

  const ended = async (part: string, name: string, change: (config: HomeConfig) => void): Promise<Ended> =>
    check(
      part,
      await writeVariant(home, name, (config) => {
        config.database['path'] = join(home.folder, name);
        change(config);
      }),
    );

  await t.test('wrong secrets: each has its FAIL line that says so, exit 1 (rows 44, 184)', async (t) => {
    const wrong = (config: HomeConfig): void => {
      for (const each of [...config.media_servers, ...config.torrent_clients])
        for (const key of ['api_key', 'password']) if (key in each) each[key] = 'ffffffffffffffffffffffffffffffff';
    };
    const [plex, torrents] = await Promise.all([ended('plex', 'wrong-plex', wrong), ended('torrents', 'wrong-clients', wrong)]);
    t.same([plex.code, torrents.code], [1, 1]);
    t.match(linesOf(plex), [/^FAIL cinema: .*token/]);
    t.match(linesOf(torrents), [
      /^FAIL qbit: .*password/,
      /^FAIL deluge: .*password/,
      /^FAIL usenet: .*key/,
      /^FAIL transmission: .*password/,
    ]);
    t.comment(plex.stdout + torrents.stdout);
  });

  await t.test('nobody there: each has its FAIL line, exit 1, in time (rows 46, 59)', async (t) => {
    const port = await freePort();
    const dead = (config: HomeConfig): void => {
      for (const each of [...config.media_servers, ...config.torrent_clients]) each['url'] = `http://127.0.0.1:${port}`;
    };
    const all = await ended('all', 'dead', (config) => {
      dead(config);
      config.mqtt['listen'] = '127.0.0.1:0';
      // What ffmpeg can do is no matter of peers, and takes its time on a busy machine.
      config['channels'] = { enabled: false };
    });
    t.equal(all.code, 1);
    for (const name of ['main', 'cinema', ...CLIENTS]) t.match(all.stdout, new RegExp(`^FAIL ${name}: .*${name}`, 'm'));
    t.match(all.stdout, /^PASS network: .+/m);
    t.ok(all.ms < 18_000, `${Math.round(all.ms)} ms`);
    t.comment(all.stdout);
  });
});
