// The shipped example parses and validates, and shows the main keys.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { loadConfig } from '../../src/config/load-config.ts';

const example = readFileSync(new URL('../../../deploy/examples/controller.yaml', import.meta.url), 'utf8');

t.test('deploy/examples/controller.yaml is a valid configuration', async (t) => {
  const folder = t.testdir();
  // Its secrets live in /etc/headgate; here each is a file of its own with some content.
  for (const [, name = ''] of example.matchAll(/_file: \/etc\/headgate\/([\w-]+)/g))
    writeFileSync(join(folder, name), 'secret', { mode: 0o600 });
  mkdirSync(join(folder, 'etc'));
  const path = join(folder, 'etc', 'controller.yaml');
  writeFileSync(path, example.replaceAll('/etc/headgate/', `${folder}/`));
  const config = await loadConfig({ path, env: {}, algorithms: ['equal', 'priority', 'demand'] });
  t.same(config.source.warnings, []);
  t.match(config, {
    http: { listen: { host: '0.0.0.0', port: 8400 } },
    mediaServers: [{ type: 'jellyfin' }],
    torrentClients: [{ type: 'qbittorrent' }],
    uplink: { uploadBps: null, reserve: { kind: 'share', share: 0.1 } },
    bandwidth: { enabled: true, dryRun: false, algorithm: 'demand' },
  });
});
