// A node from the build alone: three files in an empty folder, no node_modules, and a whole download by peers and by HTTP.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openTorrentEngine } from '@headgate/agent-node/torrent-engine';
import t from 'tap';
import { bytesOf, sha256Of, startShareServer } from '../../../agent-node/test/share-server.ts';
import { startOwnTracker } from '../../../agent-node/test/torrent/own-tracker.ts';
import { bundleNode } from '../../build/node-programs.ts';
import { freePort } from '../../demo/free-port.ts';

t.test('a node as it is built downloads from an empty folder, by peers and by HTTP', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'headgate-built-node-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const dist = join(folder, 'dist');
  await mkdir(dist);
  await writeFile(join(dist, 'package.json'), '{ "type": "module" }');
  await bundleNode(dist);
  await using server = await startShareServer();
  await using tracker = await startOwnTracker();
  const [shared, served] = [bytesOf(1_200_000, 'by peers'), bytesOf(700_000, 'by HTTP')];
  await mkdir(join(folder, 'source'));
  await writeFile(join(folder, 'source/a.mkv'), shared);
  const log = { info: () => {}, warn: () => {} };
  await using seeder = openTorrentEngine({ listen: { address: '127.0.0.1', port: 0 }, log });
  const signal = AbortSignal.timeout(60_000);
  const { infoHash, torrent } = await seeder.hash(
    join(folder, 'source/a.mkv'),
    { announce: [tracker.announce] },
    () => {},
    signal,
  );
  const order = {
    infoHash,
    torrent,
    folder: join(folder, 'source'),
    files: ['a.mkv'],
    peers: [],
    announce: [tracker.announce],
    readOnly: true,
  };
  await seeder.add(order, signal);
  server.intercept = ({ url }, response) => {
    if (url !== `/torrent/${infoHash}.torrent`) return false;
    response.end(torrent);
    return true;
  };
  const torrentLink = `magnet:?xt=urn:btih:${infoHash}`;
  server.publish('family', [
    { title: 'A', torrent: torrentLink, info_hash: infoHash, path: 'A/a.mkv', size: shared.length, sha256: sha256Of(shared) },
    server.share(`${'b'.repeat(40)}/b.mkv`, served, { path: 'B/b.mkv' }),
  ]);
  const environment = {
    MANIFEST_URL: `${server.url}/manifest/family.json`,
    DOWNLOAD_DIR: join(folder, 'library'),
    MIN_FREE_GB: '0',
    HEADGATE_NODE_MANIFESTS_TOKEN: server.token,
    HEADGATE_NODE_TORRENT_LISTEN: '127.0.0.1',
    HEADGATE_NODE_TORRENT_PORT: String(await freePort()),
    HEADGATE_NODE_ALLOW_TRACKERS: new URL(tracker.announce).host,
  };
  const child = spawn(process.execPath, [join(dist, 'agent-node.js'), '--once'], {
    cwd: dist,
    env: { PATH: '/usr/bin:/bin', ...environment },
  });
  let said = '';
  child.stderr.on('data', (text) => (said += text));
  t.equal((await once(child, 'close'))[0], 0, said);
  t.ok(shared.equals(await readFile(join(folder, 'library/A/a.mkv'))));
  t.ok(served.equals(await readFile(join(folder, 'library/B/b.mkv'))));
  t.equal(server.countOf(`/web-seed/${infoHash}`), 0, 'the first came from the peer');
  t.same(
    (await readdir(dist)).filter((name) => name === 'node_modules'),
    [],
  );
});
