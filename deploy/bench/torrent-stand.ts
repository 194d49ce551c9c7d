// A GiB to share, and the torrent processes that share it.
import { type ChildProcess, execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import {
  type HashedTorrent,
  openTorrentEngine,
  type TorrentEngine,
  type TorrentEngineSettings,
} from '@headgate/agent-node/torrent-engine';
import { enginePids } from '../../agent-node/test/torrent/engine-pids.ts';
import { ended } from './ended.ts';
import { residentMb } from './process-figures.ts';

const MIB = 1024 ** 2;
const NAME = 'gib.bin';

export type TorrentStand = AsyncDisposable & {
  readonly folder: string;
  readonly file: string;
  /** An empty folder of its own. */
  fresh(name: string): string;
  /** An engine that seeds the file, having read it all. */
  seeder(hashed: HashedTorrent, settings?: Partial<TorrentEngineSettings>, announce?: readonly string[]): Promise<Running>;
  /** How long the file takes from the seeder to a new engine, in s, and the most memory that this one had, in MB. */
  load(hashed: HashedTorrent, from: TorrentEngine): Promise<{ readonly s: number; readonly mb: number }>;
  /** The same with bare webtorrent at both ends, in s: since it had begun to load, and since its process was started. */
  loadBare(hashed: HashedTorrent): Promise<Loaded>;
  /** By webtorrent's own way to a web seed. */
  loadBareByHttp(hashed: HashedTorrent, url: string): Promise<Loaded>;
};
type Loaded = { readonly s: number; readonly withStartS: number };
type Running = AsyncDisposable & { readonly engine: TorrentEngine; readonly pid: number };

/** A smaller one than a GiB is for tries. */
export async function openTorrentStand(mib = 1_024): Promise<TorrentStand> {
  const folder = await mkdtemp(join(tmpdir(), 'headgate-torrents-'));
  const file = join(folder, NAME);
  execFileSync('sh', ['-c', `head -c ${mib * MIB} /dev/urandom > "$1"`, 'sh', file]);
  const fresh = (name: string): string => {
    rmSync(join(folder, name), { recursive: true, force: true });
    mkdirSync(join(folder, name));
    return join(folder, name);
  };
  return {
    ...{ folder, file, fresh },
    async seeder(hashed, settings, announce = []) {
      const running = openOne(settings);
      await running.engine.add(
        { ...orderOf(hashed), folder, files: [NAME], peers: [], readOnly: true, announce },
        AbortSignal.timeout(60_000),
      );
      await untilDone(running.engine);
      return { ...running, pid: running.pid() };
    },
    async load(hashed, from) {
      await using running = openOne();
      const peers = [`127.0.0.1:${from.listening()?.port}`];
      const started = performance.now();
      await running.engine.add({ ...orderOf(hashed), folder: fresh('loaded'), files: ['x'], peers }, AbortSignal.timeout(60_000));
      const mb = await untilDone(running.engine, running.pid());
      return { s: (performance.now() - started) / 1_000, mb };
    },
    async loadBare({ torrent }) {
      const path = join(folder, 'bare.torrent');
      writeFileSync(path, torrent);
      const seeder = bare([path, folder]);
      const [{ port }] = await once(seeder, 'message');
      try {
        return await loadedBy([path, fresh('loaded'), String(port)]);
      } finally {
        await ended(seeder, 'SIGKILL');
      }
    },
    loadBareByHttp({ torrent }, url) {
      const path = join(folder, 'bare.torrent');
      writeFileSync(path, torrent);
      return loadedBy([path, fresh('loaded'), url]);
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/** An engine and its process, once it has one. */
export function openOne(settings: Partial<TorrentEngineSettings> = {}) {
  const before = enginePids();
  const engine = openTorrentEngine({
    listen: { address: '127.0.0.1', port: 0 },
    log: { info: () => {}, warn: (fields, text) => console.error(text, fields) },
    ...settings,
  });
  const pid = (): number => enginePids().find((one) => !before.includes(one)) ?? 0;
  return { engine, pid, [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose]() };
}

const orderOf = ({ infoHash, torrent }: HashedTorrent) => ({ infoHash, torrent, announce: [] });

/** Answers with the most memory of the process meanwhile. */
async function untilDone(engine: TorrentEngine, pid = 0): Promise<number> {
  let most = 0;
  for (const signal = AbortSignal.timeout(300_000); engine.states()[0]?.isDone !== true; await wait(50, undefined, { signal }))
    if (pid > 0) most = Math.max(most, residentMb(pid));
  return most;
}

const bare = (words: readonly string[]): ChildProcess =>
  fork(join(import.meta.dirname, 'bare-webtorrent.child.ts'), words, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });

async function loadedBy(words: readonly string[]): Promise<Loaded> {
  const started = performance.now();
  const loader = bare(words);
  const [{ s }] = await once(loader, 'message');
  const withStartS = (performance.now() - started) / 1_000;
  await ended(loader, 'SIGKILL');
  return { s, withStartS };
}
