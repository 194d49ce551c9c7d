// The torrent process as a release has it: one file without native add-ons, that runs where there is no node_modules.
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { bundle } from '../../build/bundle.ts';

const REPOSITORY = join(import.meta.dirname, '../../..');
const ENGINE = join(REPOSITORY, 'agent-node/src/torrent');

/** Seeds a file, loads it with a second engine, and says whether the two are the same. */
const SHARE = (engine: string): string => `
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { openTorrentEngine } from '${engine}';
const [folder = ''] = process.argv.slice(2);
const content = Buffer.alloc(600_000, 'Headgate');
writeFileSync(folder + '/film.mkv', content);
mkdirSync(folder + '/staging');
const signal = AbortSignal.timeout(40_000);
const settings = { listen: { address: '127.0.0.1', port: 0 }, log: { info() {}, warn() {} } };
await using seeder = openTorrentEngine(settings);
await using node = openTorrentEngine(settings);
const { infoHash, torrent, files } = await seeder.hash(folder + '/film.mkv', { announce: [] }, () => {}, signal);
const order = { infoHash, torrent, announce: [] };
try {
  await seeder.add({ ...order, folder, files: ['film.mkv'], peers: [], readOnly: true }, signal);
  while (seeder.listening() === null) await wait(20, undefined, { signal });
  const peers = ['127.0.0.1:' + seeder.listening()?.port];
  await node.add({ ...order, folder: folder + '/staging', files: ['x'], peers }, signal);
  while (node.states()[0]?.isDone !== true) await wait(20, undefined, { signal });
  console.log(files.length, readFileSync(folder + '/staging/x').equals(content));
} catch (error) {
  console.log(files.length, error instanceof Error && 'code' in error ? error.code : String(error));
}
`;

const run = (program: string, folder: string): Promise<string> =>
  new Promise((done, fail) => {
    const words = ['-u', 'NODE_OPTIONS', process.execPath, program, folder];
    execFile('env', words, { timeout: 60_000, cwd: folder }, (error, stdout, stderr) =>
      error ? fail(error) : done(stdout + stderr),
    );
  });

t.test('a release shares a file from an empty folder, and has no way to open a router or to ask strangers', async (t) => {
  const folder = t.testdir({
    'share.ts': SHARE(join(ENGINE, 'open-torrent-engine.ts')),
    dist: { 'package.json': '{ "type": "module" }' },
    home: {},
  });
  symlinkSync(join(REPOSITORY, 'node_modules'), join(folder, 'node_modules'));
  const outfile = join(folder, 'dist/torrent-engine.js');
  await bundle({ entry: join(ENGINE, 'engine-main.ts'), outfile, host: 'server' });
  await bundle({ entry: join(folder, 'share.ts'), outfile: join(folder, 'dist/share.js'), host: 'server' });
  const bare = join(folder, 'bare');
  cpSync(join(folder, 'dist'), bare, { recursive: true });
  t.equal(await run(join(bare, 'share.js'), join(folder, 'home')), '1 true\n');
  const text = readFileSync(outfile, 'utf8');
  for (const stranger of ['M-SEARCH', 'router.bittorrent.com', '239.192.152.143', 'openbittorrent', 'node-gyp-build', '.node"'])
    t.notOk(text.includes(stranger), stranger);
});

t.test('where webtorrent is not installed, files are hashed, and a torrent is refused with a clear code', async (t) => {
  // Outside the repository, whose node_modules would be found from anywhere in it.
  const folder = mkdtempSync(join(tmpdir(), 'headgate-engine-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  for (const path of ['home', 'node_modules/@headgate']) mkdirSync(join(folder, path), { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  cpSync(ENGINE, join(folder, 'engine'), { recursive: true });
  // Node strips types outside node_modules only; a link is what it leads to.
  symlinkSync(join(REPOSITORY, 'protocol'), join(folder, 'node_modules/@headgate/protocol'));
  symlinkSync(join(REPOSITORY, 'node_modules/zod'), join(folder, 'node_modules/zod'));
  writeFileSync(join(folder, 'share.ts'), SHARE('./engine/open-torrent-engine.ts'));
  t.equal(await run(join(folder, 'share.ts'), join(folder, 'home')), '1 not_installed\n');
});

t.test('webtorrent comes without WebRTC: its add-on would be fetched from GitHub and compiled', async (t) => {
  const { packages } = JSON.parse(readFileSync(join(REPOSITORY, 'package-lock.json'), 'utf8'));
  const paths = Object.keys(packages);
  t.same(
    paths.filter((path) => /node-datachannel|node_modules\/.*node_modules\/webrtc-polyfill/.test(path)),
    [],
  );
  t.match(packages['node_modules/webrtc-polyfill'], { resolved: 'agent-node/webrtc-stub', link: true });
  t.equal(packages['node_modules/ip-set'].version, '2.2.0', 'later ones want pnpm');
});
