// The node's whole program: a GiB from one peer and by web seed until it is verified and at its place, beside webtorrent's own ways; and its memory.
import { readFileSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { startOwnTracker } from '../../agent-node/test/torrent/own-tracker.ts';
import { type Bench, type BenchLine, judge } from './bench-line.ts';
import { median, tenth, worst } from './figures.ts';
import { type NodeStand, openNodeStand, type StoodNode } from './node-stand.ts';
import type { SharedFile } from './share-file.child.ts';
import { openOne, openTorrentStand, type TorrentStand } from './torrent-stand.ts';

const name = 'node-download';
const PAIRS = Number(process.env['BENCH_PAIRS'] ?? 5);
/** Smaller for tries. */
const MIB = Number(process.env['BENCH_MIB'] ?? 1_024);
const LOOK_MS = 8_000;
/** What a download left in memory is given back by then. */
const REST_MS = 16_000;

export const bench: Bench = {
  name,
  async lines() {
    await using stack = new AsyncDisposableStack();
    const torrents = stack.use(await openTorrentStand(MIB));
    const nodes = stack.use(await openNodeStand());
    const tracker = stack.use(await startOwnTracker());
    const hasher = stack.use(openOne());
    const hashed = await hasher.engine.hash(
      torrents.file,
      { announce: [tracker.announce] },
      () => {},
      AbortSignal.timeout(60_000),
    );
    const [file] = hashed.files;
    if (file === undefined) throw new Error('nothing was hashed');
    const shared = {
      file: torrents.file,
      size: file.size,
      sha256: file.sha256,
      infoHash: hashed.infoHash,
      torrent: hashed.torrent,
    };
    await hasher.engine[Symbol.asyncDispose]();
    const stand = { torrents, nodes, hashed, shared, tracker: tracker.announce };
    return [...(await byHttp(stand)), ...(await byPeers(stand))];
  },
};

type Stand = {
  readonly torrents: TorrentStand;
  readonly nodes: NodeStand;
  readonly hashed: Parameters<TorrentStand['seeder']>[0];
  readonly shared: SharedFile;
  readonly tracker: string;
};

async function byHttp({ torrents, nodes, hashed, shared }: Stand): Promise<BenchLine[]> {
  const [own, bare, mb]: [number[], number[], number[]] = [[], [], []];
  const lines: BenchLine[] = [];
  for (let pair = 0; pair < PAIRS; pair += 1) {
    await using node = await nodes.start({ ...shared, torrent: null }, null);
    const placed = await node.placed();
    own.push(MIB / placed.s);
    mb.push(placed.mb);
    if (pair === 0) lines.push(...(await idle(node)));
    bare.push(MIB / (await torrents.loadBareByHttp(hashed, `${node.url}/web-seed/${shared.infoHash}/gib.bin`)).s);
  }
  const baseline = { name: "webtorrent's own web seed", value: tenth(median(bare)) };
  return [
    judge(
      { name, line: `${MIB} MiB by web seed, verified and in place`, value: tenth(median(own)), unit: 'MiB/s', baseline },
      { ratioAtLeast: 1.5 },
    ),
    judge({ name, line: 'most memory of the node meanwhile', value: tenth(worst(mb)), unit: 'MB' }, { atMost: 300 }),
    ...lines,
  ];
}

async function byPeers({ torrents, nodes, hashed, shared, tracker }: Stand): Promise<BenchLine[]> {
  const [own, bare, mb, rest]: [number[], number[], number[], number[]] = [[], [], [], []];
  for (let pair = 0; pair < PAIRS; pair += 1) {
    {
      await using _ = await torrents.seeder(hashed, {}, [tracker]);
      await using node = await nodes.start(shared, tracker);
      const placed = await node.placed();
      own.push(MIB / placed.s);
      mb.push(placed.mb);
      if (pair === 0) await wait(REST_MS);
      if (pair === 0) rest.push(node.residentMb());
    }
    // Both begin with the start of a process that has webtorrent.
    bare.push(MIB / (await torrents.loadBare(hashed)).withStartS);
  }
  const baseline = { name: 'bare webtorrent', value: tenth(median(bare)) };
  return [
    judge(
      { name, line: `${MIB} MiB from one peer, verified and in place`, value: tenth(median(own)), unit: 'MiB/s', baseline },
      { ratioAtLeast: 0.9 },
    ),
    judge(
      { name, line: 'most memory of node and torrent process meanwhile', value: tenth(worst(mb)), unit: 'MB' },
      { atMost: 300 },
    ),
    judge({ name, line: 'memory of both, seeding at rest', value: tenth(worst(rest)), unit: 'MB' }, { atMost: 200 }),
  ];
}

/** Polls go on. A folder whose last reading lies far back shows whether it was read. */
async function idle(node: StoodNode): Promise<BenchLine[]> {
  const LONG_AGO = new Date('2001-01-01');
  const looked = [
    node.library,
    join(node.library, 'A'),
    join(node.library, 'A/a.mkv'),
    join(node.library, '.headgate/state/state.json'),
  ];
  await wait(LOOK_MS);
  for (const path of looked) utimesSync(path, LONG_AGO, statSync(path).mtime);
  const before = (await node.asked()).length;
  const [read, mb] = [bytesRead(node.pid), node.residentMb()];
  await wait(LOOK_MS);
  const polls = (await node.asked()).slice(before);
  const answered = polls.filter((one) => /^\/manifest\/family\.json "/.test(one)).length;
  const touched = looked.filter((path) => statSync(path).atimeMs !== LONG_AGO.getTime()).length;
  const perPoll = (bytesRead(node.pid) - read) / polls.length;
  return [
    judge({ name, line: 'memory of an idle node without seeds', value: tenth(mb), unit: 'MB' }, { atMost: 90 }),
    judge(
      { name, line: 'idle: requests that were a poll answered with 304', value: answered / polls.length, unit: 'of all' },
      { atLeast: 1 },
    ),
    judge({ name, line: 'idle: files and folders that were read', value: touched, unit: '' }, { atMost: 0 }),
    // The answer of a poll, and what wakes the threads.
    judge(
      { name, line: 'idle: bytes read for a poll, from the network too', value: Math.round(perPoll), unit: 'bytes' },
      { atMost: 1_000 },
    ),
  ];
}

const bytesRead = (pid: number): number => Number(/^rchar: (\d+)/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))?.[1]);
