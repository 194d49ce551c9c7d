// Two engines on loopback, with real webtorrent in real processes: from a file to the same file elsewhere.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
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
  'row 224: a killed process comes back, seeds again without reading it all, and a download resumes where it was',
  async (t) => {
    const home = engineHome(t, 60_000);
    const content = home.file('film.mkv', 24_000_000);
    const [seeder, node] = [home.open(), home.open()];
    const { infoHash, torrent } = await home.seed(seeder, 'film.mkv');
    await until(() => stateOf(seeder, infoHash)?.isDone === true, home.signal);
    const [seederPid = 0] = enginePids();
    mkdirSync(join(home.folder, 'staging'));
    node.limit({ upBps: null, downBps: 40_000_000 });
    const order = { infoHash, torrent, folder: join(home.folder, 'staging'), files: ['film'], announce: [] };
    await node.add({ ...order, peers: [addressOf(seeder)] }, home.signal);
    await until(() => (stateOf(node, infoHash)?.bytesDone ?? 0) > 8_000_000, home.signal);
    const before = stateOf(node, infoHash)?.bytesInOrder ?? 0;
    for (const pid of enginePids()) if (pid !== seederPid) process.kill(pid, 'SIGKILL');
    await until(() => (stateOf(node, infoHash)?.bytesInOrder ?? 0) >= before, home.signal);
    t.ok(existsSync(join(home.folder, 'staging/film')));
    const oldAddress = addressOf(seeder);
    process.kill(seederPid, 'SIGKILL');
    await until(
      () => seeder.listening() !== null && addressOf(seeder) !== oldAddress && stateOf(seeder, infoHash)?.isDone === true,
      home.signal,
    );
    // The port is another one now: a tracker would say so.
    node.limit({ upBps: null, downBps: null });
    await node.add({ ...order, peers: [addressOf(seeder)] }, home.signal);
    await until(() => stateOf(node, infoHash)?.isDone === true, home.signal);
    t.ok(readFileSync(join(home.folder, 'staging/film')).equals(content));
    t.match(home.warned, ['the torrent process ended and begins anew', 'the torrent process ended and begins anew']);
  },
);

t.test('a process that has grown too big begins anew, and its torrents with it', async (t) => {
  const home = engineHome(t, 60_000);
  home.file('film.mkv', 1_000_000);
  const seeder = home.open({ restartAboveBytes: 1, livesAtLeastMs: 2_000 });
  const { infoHash } = await home.seed(seeder, 'film.mkv');
  const [first] = enginePids();
  await until(() => home.warned.includes('the torrent process has grown too big and begins anew'), home.signal);
  await until(() => !enginePids().includes(first ?? 0) && stateOf(seeder, infoHash)?.isDone === true, home.signal);
  // The next one may be on its way already: it is too big as well.
  t.ok(enginePids().length <= 2);
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

t.test('limits hold roughly, but not towards free networks', async (t) => {
  const home = engineHome(t, 60_000);
  home.file('film.mkv', 1_500_000);
  const [limited, free] = [home.open(), home.open({ freeNetworks: ['127.0.0.0/8'] })];
  for (const engine of [limited, free]) engine.limit({ upBps: 8_000_000, downBps: null });
  const seconds = async (seeder: typeof free, staging: string, downBps: number | null) => {
    const { infoHash, torrent } = await home.seed(seeder, 'film.mkv');
    mkdirSync(join(home.folder, staging));
    const node = home.open();
    node.limit({ upBps: null, downBps });
    const start = performance.now();
    await node.add(
      { infoHash, torrent, folder: join(home.folder, staging), files: ['film'], peers: [addressOf(seeder)], announce: [] },
      home.signal,
    );
    await until(() => stateOf(node, infoHash)?.isDone === true, home.signal);
    return (performance.now() - start) / 1_000;
  };
  const slow = await seconds(limited, 'a', null);
  t.ok(slow > 1 && slow < 15, `1.5 MB at 1 MB/s up: ${slow} s`);
  const slowDown = await seconds(free, 'b', 4_000_000);
  t.ok(slowDown > 1 && slowDown < 15, `1.5 MB at 0.5 MB/s down, with its burst: ${slowDown} s`);
  limited.limit({ upBps: 0, downBps: null });
  const { infoHash, torrent } = await home.seed(limited, 'film.mkv');
  mkdirSync(join(home.folder, 'c'));
  const node = home.open();
  const order = { infoHash, torrent, folder: join(home.folder, 'c'), files: ['film'], announce: [] };
  await node.add({ ...order, peers: [addressOf(limited)] }, home.signal);
  await until(() => (stateOf(node, infoHash)?.peers ?? 0) > 0, home.signal);
  await wait(1_000);
  t.equal(stateOf(node, infoHash)?.bytesDone, 0, '0 is nothing');
});

t.test('at home nothing is limited in either direction, and only what leaves is counted', async (t) => {
  const home = engineHome(t, 60_000);
  const content = home.file('film.mkv', 3_000_000);
  const [seeder, node] = [home.open(), home.open({ freeNetworks: ['127.0.0.0/8'] })];
  const { infoHash, torrent } = await home.seed(seeder, 'film.mkv');
  let leaves = 0;
  seeder.onChange(() => {
    leaves = Math.max(leaves, seeder.rates().upBps);
  });
  mkdirSync(join(home.folder, 'staging'));
  node.limit({ upBps: null, downBps: null, isPaused: true });
  const order = { infoHash, torrent, folder: join(home.folder, 'staging'), files: ['film'], announce: [] };
  await node.add({ ...order, peers: [addressOf(seeder)] }, home.signal);
  await wait(1_500);
  t.equal(stateOf(node, infoHash)?.bytesDone, 0, 'a pause is for all');
  node.limit({ upBps: 0, downBps: 0 });
  await until(() => stateOf(node, infoHash)?.isDone === true, home.signal);
  t.ok(readFileSync(join(home.folder, 'staging/film')).equals(content));
  t.same(node.rates(), { upBps: 0, downBps: 0 }, 'what came is not of the uplink');
  await until(() => leaves > 0, home.signal);
  t.pass('the one that has no free network counts what it sends');
});

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
    setInterval(() => {}, 1_000);`,
  );
  const owner = spawn(process.execPath, [join(home.folder, 'owner.mjs')], { stdio: ['ignore', 'pipe', 'inherit'] });
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
