// The node as it is built, beside a small controller that shares one file: how long until it lies at its place, and what it takes meanwhile.
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { bundleNode } from '../build/node-programs.ts';
import { freePort } from '../demo/free-port.ts';
import { ended } from './ended.ts';
import { processTree, residentMb } from './process-figures.ts';
import type { SharedFile, ShareWord } from './share-file.child.ts';

const GIVE_UP_MS = 300_000;

export type NodeStand = AsyncDisposable & {
  /** A node with an empty library. `tracker`: it may load from peers, and seeds afterwards; null: by HTTP alone. */
  start(shared: SharedFile, tracker: string | null): Promise<StoodNode>;
};
export type StoodNode = AsyncDisposable & {
  readonly pid: number;
  /** Of its controller. */
  readonly url: string;
  readonly library: string;
  /** From the first question for the file until it lies at its place, in s, and the most memory of node and torrent process meanwhile, in MB. */
  placed(): Promise<{ readonly s: number; readonly mb: number }>;
  /** Of node and torrent process, in MB. */
  residentMb(): number;
  /** Path and known ETag of each request so far. */
  asked(): Promise<readonly string[]>;
};

export async function openNodeStand(): Promise<NodeStand> {
  const dist = await mkdtemp(join(tmpdir(), 'headgate-node-bench-'));
  await writeFile(join(dist, 'package.json'), '{ "type": "module" }');
  await bundleNode(dist);
  let count = 0;
  return {
    async start(shared, tracker) {
      count += 1;
      const folder = join(dist, `home-${count}`);
      await mkdir(folder);
      return startNode(shared, { dist, folder, tracker });
    },
    [Symbol.asyncDispose]: () => rm(dist, { recursive: true, force: true }),
  };
}

type Place = { readonly dist: string; readonly folder: string; readonly tracker: string | null };

async function startNode(shared: SharedFile, { dist, folder, tracker }: Place): Promise<StoodNode> {
  const share = fork(join(import.meta.dirname, 'share-file.child.ts'), [], {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  share.send(shared);
  const up = await heard(share, 'up');
  const first = heard(share, 'first');
  const library = join(folder, 'library');
  const torrent = {
    HEADGATE_NODE_TORRENT_LISTEN: '127.0.0.1',
    HEADGATE_NODE_TORRENT_PORT: String(await freePort()),
    HEADGATE_NODE_ALLOW_TRACKERS: tracker === null ? '' : new URL(tracker).host,
  };
  const node = spawn(process.execPath, [join(dist, 'agent-node.js')], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...{ PATH: '/usr/bin:/bin', HOME: folder, MANIFEST_URL: `${up.url}/manifest/family.json`, DOWNLOAD_DIR: library },
      ...{ MIN_FREE_GB: '0', HEADGATE_NODE_MANIFESTS_POLL_MINUTES: '0.005', HEADGATE_NODE_LOGGING_LEVEL: 'warn' },
      ...(tracker === null ? {} : torrent),
    },
  });
  const pid = node.pid ?? 0;
  const allMb = (): number => processTree(pid).reduce((sum, one) => sum + residentMb(one), 0);
  return {
    ...{ pid, url: up.url, library, residentMb: allMb },
    async placed() {
      let mb = 0;
      const signal = AbortSignal.timeout(GIVE_UP_MS);
      for (let round = 0; !existsSync(join(library, 'A/a.mkv')); round += 1) {
        // Each tenth look costs the kernel more than the other nine.
        if (round % 10 === 0) mb = Math.max(mb, allMb());
        await wait(10, undefined, { signal });
      }
      return { s: (Date.now() - (await first).atMs) / 1_000, mb };
    },
    async asked() {
      share.send('asked');
      return (await heard(share, 'asked')).asked;
    },
    async [Symbol.asyncDispose]() {
      for (const child of [node, share]) await ended(child, 'SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function heard<Type extends ShareWord['type']>(
  child: ChildProcess,
  type: Type,
): Promise<Extract<ShareWord, { type: Type }>> {
  const { promise, resolve } = Promise.withResolvers<Extract<ShareWord, { type: Type }>>();
  const hear = (word: ShareWord): void => {
    if (word.type === type) resolve(word as Extract<ShareWord, { type: Type }>);
  };
  child.on('message', hear);
  return promise.finally(() => child.off('message', hear));
}
