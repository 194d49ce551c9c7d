// The torrent process ends and begins anew, by a kill or for its memory: its torrents go on.
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { addressOf, engineHome, stateOf, until } from './engine-home.ts';
import { enginePids } from './engine-pids.ts';

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

t.test('one that has loaded something begins anew when it rests, and gives it on without reading it', async (t) => {
  const home = engineHome(t, 60_000);
  const content = home.file('film', 300_000);
  const seeder = home.open();
  const { infoHash, torrent } = await home.seed(seeder, 'film');
  mkdirSync(join(home.folder, 'staging'));
  const [seederPid] = enginePids();
  const node = home.open({ restsBelowBytes: 1 });
  const order = { infoHash, torrent, announce: [], folder: join(home.folder, 'staging'), files: ['film'] };
  await node.add({ ...order, peers: [addressOf(seeder)] }, home.signal);
  const others = () => enginePids().filter((pid) => pid !== seederPid);
  await until(() => stateOf(node, infoHash)?.isDone === true, home.signal);
  const [first = 0] = others();
  const { size, mtimeMs } = statSync(join(home.folder, 'staging/film'));
  await node.add({ ...order, peers: [], readOnly: true, stamps: [{ size, mtimeMs }] }, home.signal);
  // Before there is a second, what is known is of the first still.
  await until(() => others().some((pid) => pid !== first) && stateOf(node, infoHash)?.isDone === true, home.signal);
  const second = others().find((pid) => pid !== first);
  mkdirSync(join(home.folder, 'third'));
  const third = home.open();
  await third.add({ ...order, folder: join(home.folder, 'third'), peers: [addressOf(node)] }, home.signal);
  await until(() => stateOf(third, infoHash)?.isDone === true, home.signal);
  t.ok(readFileSync(join(home.folder, 'third/film')).equals(content));
  t.ok(others().includes(second ?? 0), 'once: what only gives does not begin anew');
  t.same(home.warned, []);
});
