// The shipped example parses and validates, and shows the main keys.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { loadConfig } from '../../src/config/load-config.ts';

const example = readFileSync(new URL('../../../deploy/examples/controller.yaml', import.meta.url), 'utf8');

/** Loads it with its secret files in a folder of the test's own. */
async function loadExample(t: Test, example: string) {
  const folder = t.testdir();
  // Its secrets live in /etc/headgate; here each is a file of its own with some content.
  for (const [, name = ''] of example.matchAll(/_file: \/etc\/headgate\/([\w-]+)/g))
    writeFileSync(join(folder, name), 'secret', { mode: 0o600 });
  mkdirSync(join(folder, 'etc'));
  const path = join(folder, 'etc', 'controller.yaml');
  writeFileSync(path, example.replaceAll('/etc/headgate/', `${folder}/`));
  return await loadConfig({ path, env: {}, algorithms: ['equal', 'priority', 'demand'] });
}

t.test('deploy/examples/controller.yaml is a valid configuration', async (t) => {
  const config = await loadExample(t, example);
  t.same(config.source.warnings, []);
  t.match(config, {
    http: { listen: { host: '0.0.0.0', port: 8400 } },
    mediaServers: [{ type: 'jellyfin' }],
    torrentClients: [{ type: 'qbittorrent' }],
    uplink: { uploadBps: null, reserve: { kind: 'share', share: 0.1 } },
    bandwidth: { enabled: true, dryRun: false, algorithm: 'demand' },
  });
});

t.test('what is commented out in it is valid too', async (t) => {
  const all = example
    .replaceAll(/^ {2}# (- | {2})/gm, '  $1')
    .replaceAll(/^# (torrents:$|channels:$|sync:$|distribution:$| {2}\w+: )/gm, '$1');
  const { mediaServers, torrentClients, torrents, channels, sync, distribution, source } = await loadExample(t, all);
  t.same(source.warnings, []);
  t.same(
    [...mediaServers, ...torrentClients].map(({ type }) => type),
    [...['jellyfin', 'plex'], ...['qbittorrent', 'transmission', 'deluge', 'sabnzbd']],
  );
  t.match(mediaServers[1], { pauseGraceMs: 60_000, limitStreams: false });
  t.match(channels, { register: false, pathMaps: [{ server: 'main' }], hdhomerun: { enabled: false } });
  t.match(sync, {
    enabled: false,
    servers: [{ name: 'main' }],
    pathMaps: [{ server: 'main' }],
    userMap: { anna: { main: 'anna.m' } },
  });
  t.match(distribution, { enabled: false, roots: ['/srv/media'], seederListen: { port: 6_881 }, publicAddress: '203.0.113.7' });
  t.match(torrents, { share: 'activity', limitDownloads: 'streaming', downloadFloorBps: 1_000_000, pauseBelowBps: null });
});
