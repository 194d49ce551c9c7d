// Two engines on loopback, with real webtorrent in real processes: from a file to the same file elsewhere.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { EngineError } from '../../src/torrent/open-torrent-engine.ts';
import { addressOf, engineHome, stateOf, until } from './engine-home.ts';
import { enginePids } from './engine-pids.ts';

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

t.test('row 226: a file goes from one engine to the other and ends identical, under the name that the caller gave', async (t) => {
  const home = engineHome(t);
  const content = home.file('library/Film (2019).mkv', 3_000_000);
  const [seeder, node] = [home.open(), home.open()];
  t.same(enginePids(), [], 'nothing runs before there is something to do');
  const hashed = await home.seed(seeder, 'library/Film (2019).mkv');
  t.same(hashed.files, [{ path: 'Film (2019).mkv', size: 3_000_000, sha256: sha256(content) }]);
  const staging = join(home.folder, 'staging');
  mkdirSync(staging);
  const order = { infoHash: hashed.infoHash, torrent: hashed.torrent, folder: staging, files: ['deep/film'], announce: [] };
  await node.add({ ...order, peers: [addressOf(seeder)] }, home.signal);
  await until(() => stateOf(node, hashed.infoHash)?.isDone === true, home.signal);
  t.ok(readFileSync(join(staging, 'deep/film')).equals(content));
  t.match(stateOf(node, hashed.infoHash), {
    bytesDone: 3_000_000,
    bytesInOrder: 3_000_000,
    bytesTotal: 3_000_000,
    problem: null,
  });
  await node.remove(hashed.infoHash);
  t.same(node.states(), []);
  t.ok(existsSync(join(staging, 'deep/film')), 'what was loaded stays');
});

t.test('a folder with empty files and long ones goes over, file by file', async (t) => {
  const home = engineHome(t);
  const contents = new Map<string, Buffer>();
  const sizes = { 'Show/S01/E01.mkv': 700_001, 'Show/S01/E02.mkv': 1, 'Show/S01/E03.mkv': 0, 'Show/extra.nfo': 300_000 };
  for (const [path, size] of Object.entries(sizes)) contents.set(path, home.file(path, size));
  home.file('Show/.hidden', 10);
  const [seeder, node] = [home.open(), home.open()];
  const { infoHash, torrent, files, size } = await home.seed(seeder, 'Show');
  t.same(
    files.map((file) => [`Show/${file.path}`, file.sha256]),
    [...contents].map(([path, content]) => [path, sha256(content)]),
  );
  t.equal(size, 1_000_002);
  mkdirSync(join(home.folder, 'staging'));
  const names = files.map((_, index) => `${index}/file`);
  const order = { infoHash, torrent, folder: join(home.folder, 'staging'), files: names, announce: [] };
  await node.add({ ...order, peers: [addressOf(seeder)] }, home.signal);
  await until(() => stateOf(node, infoHash)?.isDone === true, home.signal);
  for (const [index, content] of [...contents.values()].entries())
    t.ok(readFileSync(join(home.folder, 'staging', names[index] ?? '')).equals(content), `${index}`);
});

t.test(
  'what stands as it was stamped is seeded without being read; what has changed is no seed and is never written',
  async (t) => {
    const home = engineHome(t);
    home.file('film.mkv', 1_000_000);
    const hashed = await home.open().hash(join(home.folder, 'film.mkv'), { announce: [] }, () => {}, home.signal);
    const { size, mtimeMs } = statSync(join(home.folder, 'film.mkv'));
    const order = {
      infoHash: hashed.infoHash,
      torrent: hashed.torrent,
      folder: home.folder,
      files: ['film.mkv'],
      peers: [],
      announce: [],
    };
    // Other bytes under the same stamp would be found by reading alone.
    const other = home.file('film.mkv', 1_000_000);
    utimesSync(join(home.folder, 'film.mkv'), mtimeMs / 1_000, mtimeMs / 1_000);
    const stands = statSync(join(home.folder, 'film.mkv')).mtimeMs;
    const seeder = home.open();
    await seeder.add({ ...order, readOnly: true, stamps: [{ size, mtimeMs: stands }] }, home.signal);
    await until(() => stateOf(seeder, hashed.infoHash)?.isDone === true, home.signal);
    await seeder.add({ ...order, readOnly: true, stamps: [{ size, mtimeMs: stands + 1 }] }, home.signal);
    await until(() => stateOf(seeder, hashed.infoHash)?.problem != null, home.signal);
    t.match(stateOf(seeder, hashed.infoHash), { isDone: false, problem: /the files have changed/ });
    t.ok(readFileSync(join(home.folder, 'film.mkv')).equals(other));
  },
);

t.test('bad orders are refused by name, and the engine goes on', async (t) => {
  const home = engineHome(t);
  home.file('film.mkv', 100_000);
  const engine = home.open();
  const { infoHash, torrent } = await home.seed(engine, 'film.mkv');
  const order = { infoHash, torrent, folder: home.folder, files: ['film.mkv'], peers: [], announce: [] };
  const refused = async (change: object, fault: RegExp) =>
    t.rejects(
      engine.add({ ...order, ...change }, home.signal),
      { name: 'EngineError', code: 'input_invalid', message: fault },
      String(fault),
    );
  await refused({ infoHash: 'a'.repeat(40) }, /is of [0-9a-f]{40}, not of a{40}/);
  await refused({ torrent: Buffer.from('no') }, /\.torrent file is not one/);
  await refused({ files: ['a', 'b'] }, /has 1 files, and 2 names were given/);
  await refused({ files: [1] }, /files/);
  for (const path of ['../out', '/etc/x', 'a/../../x', 'nul\0', '.bashrc', 'a\\b', 'con'])
    await refused({ files: [path] }, /files/);
  await refused({ folder: 'relative' }, /folder/);
  await refused({ peers: ['example.org:1'] }, /peers/);
  await refused({ announce: ['file:///etc/passwd'] }, /announce/);
  await until(() => stateOf(engine, infoHash)?.isDone === true, home.signal);
  t.equal(engine.states().length, 1, 'what was refused took the place of nothing');
  await t.rejects(
    engine.hash(join(home.folder, 'gone'), { announce: [] }, () => {}, home.signal),
    { code: 'not_readable' },
  );
  await t.rejects(
    engine.hash('relative', { announce: [] }, () => {}, home.signal),
    { name: 'EngineError' },
  );
  const soon = AbortSignal.abort();
  await t.rejects(engine.add(order, soon), { name: 'AbortError' });
  await engine.add(order, home.signal);
  await until(() => stateOf(engine, infoHash)?.isDone === true, home.signal);
});

t.test('an address that is not ours is a problem of each torrent, told once', async (t) => {
  const home = engineHome(t);
  home.file('film.mkv', 100_000);
  const engine = home.open();
  const { infoHash, torrent } = await home.seed(engine, 'film.mkv');
  const nowhere = home.open({ listen: { address: '192.0.2.1', port: 0 } });
  const given = AbortSignal.timeout(5_000);
  const adding = nowhere.add({ infoHash, torrent, folder: home.folder, files: ['film.mkv'], peers: [], announce: [] }, given);
  adding.catch(() => {});
  await until(() => stateOf(nowhere, infoHash)?.problem != null, home.signal);
  t.match(stateOf(nowhere, infoHash)?.problem, /cannot listen at 192\.0\.2\.1/);
  await nowhere.remove(infoHash);
  await t.rejects(adding, { code: 'unavailable' });
});

t.test('with nothing to do the process ends', async (t) => {
  const home = engineHome(t);
  home.file('film.mkv', 100_000);
  const engine = home.open({ idleMs: 300 });
  const { infoHash } = await home.seed(engine, 'film.mkv');
  t.equal(enginePids().length, 1);
  await engine.remove(infoHash);
  await until(() => enginePids().length === 0 && engine.listening() === null, home.signal);
  await home.seed(engine, 'film.mkv');
  t.equal(enginePids().length, 1, 'and a next one begins with the next torrent');
  t.same(home.warned, []);
});

t.test('the process ends with the one that opened it, also where that one is killed', async (t) => {
  const home = engineHome(t);
  home.file('film.mkv', 100_000);
  const engine = new URL('../../src/torrent/open-torrent-engine.ts', import.meta.url).href;
  const pids = new URL('./engine-pids.ts', import.meta.url).href;
  writeFileSync(
    join(home.folder, 'owner.mjs'),
    `import { openTorrentEngine } from '${engine}';
    import { enginePids } from '${pids}';
    const engine = openTorrentEngine({ listen: { address: '127.0.0.1', port: 0 }, log: console });
    await engine.hash('${join(home.folder, 'film.mkv')}', { announce: [] }, () => {}, AbortSignal.timeout(20_000));
    console.log(enginePids()[0]);
    process.stdin.on('end', () => process.exit()).resume();`,
  );
  const owner = spawn(process.execPath, [join(home.folder, 'owner.mjs')], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.teardown(() => owner.kill('SIGKILL'));
  const pid = await new Promise<string>((resolve) => owner.stdout.once('data', (text) => resolve(String(text).trim())));
  t.ok(existsSync(`/proc/${pid}/stat`));
  owner.kill('SIGKILL');
  // A dead one that nobody asked about yet has no command line any more.
  const isGone = () => !existsSync(`/proc/${pid}`) || readFileSync(`/proc/${pid}/cmdline`, 'utf8') === '';
  await until(isGone, home.signal);
});

t.test('a closed engine takes nothing', async (t) => {
  const home = engineHome(t);
  writeFileSync(join(home.folder, 'a'), 'a');
  const engine = home.open();
  await engine[Symbol.asyncDispose]();
  await t.rejects(
    engine.hash(join(home.folder, 'a'), { announce: [] }, () => {}, home.signal),
    new EngineError('unavailable', 'The torrent engine is closed'),
  );
});
