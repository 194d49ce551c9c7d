// The torrent process: a GiB from one to the other beside bare webtorrent, hashing it, and what a seeder's memory comes to whoever loads from it.
import { setTimeout as wait } from 'node:timers/promises';
import type { HashedTorrent } from '@headgate/agent-node/torrent-engine';
import { startOwnTracker } from '../../agent-node/test/torrent/own-tracker.ts';
import { torrentPeers } from '../demo/torrent-peers/torrent-peers.ts';
import { type Bench, type BenchLine, judge } from './bench-line.ts';
import { median, tenth, worst } from './figures.ts';
import { residentMb } from './process-figures.ts';
import { openOne, openTorrentStand, type TorrentStand } from './torrent-stand.ts';
import { askWatched, WATCH } from './watched-process.ts';

const name = 'torrent-engine';
const PAIRS = 5;
const GIVE_UP_MS = 300_000;

export const bench: Bench = {
  name,
  async lines() {
    await using stand = await openTorrentStand();
    await using tracker = await startOwnTracker();
    const { hashed, lines } = await hashing(stand, tracker.announce);
    return [...lines, ...(await loading(stand, hashed)), ...(await seeding(stand, hashed, tracker.announce))];
  },
};

async function hashing(
  stand: TorrentStand,
  announce: string,
): Promise<{ readonly hashed: HashedTorrent; readonly lines: BenchLine[] }> {
  await using running = openOne({ environment: { NODE_OPTIONS: WATCH.join(' ') } });
  const hash = () => running.engine.hash(stand.file, { announce: [announce] }, () => {}, AbortSignal.timeout(GIVE_UP_MS));
  const seconds: number[] = [];
  let hashed = await hash();
  await askWatched(running.pid());
  for (let i = 0; i < PAIRS; i++) {
    const started = performance.now();
    hashed = await hash();
    seconds.push((performance.now() - started) / 1_000);
  }
  const { worstTurnMs } = await askWatched(running.pid());
  return {
    hashed,
    lines: [
      judge({ name, line: 'sha256 and pieces of 1 GiB in one read', value: tenth(median(seconds)), unit: 's' }, { atMost: 6 }),
      judge({ name, line: 'longest turn of its event loop meanwhile', value: tenth(worstTurnMs), unit: 'ms' }, { atMost: 50 }),
    ],
  };
}

async function loading(stand: TorrentStand, hashed: HashedTorrent): Promise<BenchLine[]> {
  await using seeder = await stand.seeder(hashed);
  const rest = residentMb(seeder.pid);
  const [own, bare, mb]: [number[], number[], number[]] = [[], [], []];
  for (let i = 0; i < PAIRS; i++) {
    const loaded = await stand.load(hashed, seeder.engine);
    own.push(1_024 / loaded.s);
    mb.push(loaded.mb);
    bare.push(1_024 / (await stand.loadBare(hashed)).s);
  }
  const baseline = { name: 'bare webtorrent', value: tenth(median(bare)) };
  return [
    judge(
      { name, line: '1 GiB from one peer over loopback', value: tenth(median(own)), unit: 'MiB/s', baseline },
      { ratioAtLeast: 0.9 },
    ),
    // With it, a node of 70 MB stays below its 300.
    judge({ name, line: 'most memory of the process that loads it', value: tenth(worst(mb)), unit: 'MB' }, { atMost: 230 }),
    judge({ name, line: 'memory of a seeder at rest that has read 1 GiB', value: tenth(rest), unit: 'MB' }, { atMost: 130 }),
  ];
}

async function seeding(stand: TorrentStand, hashed: HashedTorrent, announce: string): Promise<BenchLine[]> {
  const lines: BenchLine[] = [];
  for (const [client, start] of Object.entries(torrentPeers)) {
    await using seeder = await stand.seeder(hashed, {});
    const order = { infoHash: hashed.infoHash, torrent: hashed.torrent, folder: stand.folder, files: ['gib.bin'], peers: [] };
    await seeder.engine.add({ ...order, readOnly: true, announce: [announce] }, AbortSignal.timeout(GIVE_UP_MS));
    await using peer = await start();
    let most = 0;
    await peer.add(hashed.torrent, hashed.infoHash, stand.fresh(client));
    const signal = AbortSignal.timeout(GIVE_UP_MS);
    for (; !(await peer.isWhole(hashed.infoHash)); await wait(100, undefined, { signal }))
      most = Math.max(most, residentMb(seeder.pid));
    lines.push(
      judge(
        { name, line: `most memory of a seeder while ${client} loads 1 GiB`, value: tenth(most), unit: 'MB' },
        { atMost: 300 },
      ),
    );
  }
  return lines;
}
