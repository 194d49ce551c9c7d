// `--test` beside a running Headgate: each part well, then each peer dead in turn.
import t from 'tap';
import { runCommand } from './fixtures/run-command.ts';
import { writeVariant } from './fixtures/variant.ts';
import { startWatchedHome } from './fixtures/watched-home.ts';

t.test('--test', async (t) => {
  const { home } = await startWatchedHome(t);
  const check = (part?: string, config = home.configFile) =>
    runCommand(['--config', config, '--test', ...(part === undefined ? [] : [part])]);

  await t.test('all is well: a line for each part, exit 0 (rows 46, 51, 56)', async (t) => {
    const { code, stdout } = await check();
    t.equal(code, 0, stdout);
    for (const name of ['network', 'router', 'main', 'qbit', 'bandwidth', 'mqtt', 'channels'])
      t.match(stdout, new RegExp(`^PASS ${name}: .`, 'm'));
    t.notMatch(stdout, /FAIL/);
  });

  await t.test('each part alone, exit 0 (rows 52, 53, 54, 55)', async (t) => {
    for (const [part, line] of [
      ['network', /PASS network: .*203\.0\.113\.9 is remote/],
      ['router', /PASS router: the running Headgate hears router\/wan/],
      ['jellyfin', /PASS main: Jellyfin 12\.0\.0/],
      ['torrents', /PASS qbit: /],
      ['bandwidth', /PASS bandwidth: 3 algorithms give their golden numbers/],
      ['mqtt', /PASS mqtt: /],
      ['channels', /PASS channels: ffmpeg \S+, software asked for: nothing is missing$/],
    ] as const) {
      const { code, stdout } = await check(part);
      t.equal(code, 0, part);
      t.match(stdout.trim(), line);
      t.equal(stdout.trim().split('\n').length, 1, 'one line a check');
    }
  });

  await t.test('an address range that makes everybody a home viewer: exit 1 naming it (row 52)', async (t) => {
    const wide = await writeVariant(home, 'wide', (config) => {
      config['network'] = { local_ranges: ['0.0.0.0/0'] };
    });
    const { code, stdout } = await check('network', wide);
    t.equal(code, 1);
    t.match(stdout, /FAIL network: .*203\.0\.113\.9 counts as home, not remote/);
  });

  await t.test('a wrong key at Jellyfin: exit 1, says so, and not the key (rows 44, 54)', async (t) => {
    const wrong = await writeVariant(home, 'wrong-key', (config) => {
      for (const server of config.media_servers) server['api_key'] = 'not-the-right-key-at-all';
    });
    const { code, stdout, stderr } = await check('jellyfin', wrong);
    t.equal(code, 1);
    t.match(stdout, /FAIL main: .*key/);
    t.notMatch(`${stdout}${stderr}`, 'not-the-right-key-at-all');
  });

  await t.test(
    'dead torrent client and dead Jellyfin: exit 1 naming each, the others are still checked (rows 46, 59)',
    async (t) => {
      await home.torrents.simulator?.stop();
      await home.jellyfin.powerOff();
      const { code, stdout, ms } = await check();
      t.equal(code, 1);
      t.match(stdout, /^FAIL qbit: .+/m);
      t.match(stdout, /^FAIL main: .+/m);
      t.match(stdout, /^PASS network: .+/m);
      t.match(stdout, /^PASS mqtt: .+/m);
      t.ok(ms < 15_000, `${Math.round(ms)} ms`);
      await home.torrents.simulator?.start();
      await home.jellyfin.powerOn();
      t.equal((await check('torrents')).code, 0);
    },
  );

  await t.test('a part that there is not: exit 1 with the list', async (t) => {
    const { code, stderr } = await check('everything');
    t.equal(code, 1);
    t.match(stderr, /--test everything: there is all, network, router, jellyfin, plex, torrents, bandwidth, mqtt, channels/);
  });
});
