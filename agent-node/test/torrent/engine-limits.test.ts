// Limits of the torrent process: they hold for what leaves the site, and not at home.
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import t from 'tap';
import { addressOf, engineHome, stateOf, until } from './engine-home.ts';

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
