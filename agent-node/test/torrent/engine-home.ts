// A folder with something to share, and engines on loopback that end with the test.
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Test } from 'tap';
import {
  type HashedTorrent,
  openTorrentEngine,
  type TorrentEngine,
  type TorrentEngineSettings,
} from '../../src/torrent/open-torrent-engine.ts';

const LOOPBACK = { address: '127.0.0.1', port: 0 };

export type EngineHome = {
  readonly folder: string;
  readonly signal: AbortSignal;
  /** What an engine complained of. */
  readonly warned: string[];
  open(settings?: Partial<TorrentEngineSettings>): TorrentEngine;
  /** Random bytes, as many as asked for. */
  file(path: string, bytes: number): Buffer;
  /** Hashes `path` below the folder and seeds it. */
  seed(engine: TorrentEngine, path: string, announce?: readonly string[]): Promise<HashedTorrent>;
};

export function engineHome(t: Test, giveUpMs = 30_000): EngineHome {
  // tap removes the folder of a test before it calls what is registered after the folder; a folder that is still written to is an error, and then nothing is called.
  t.teardown(() => {});
  const folder = t.testdir({});
  const signal = AbortSignal.timeout(giveUpMs);
  const warned: string[] = [];
  const log = { info: () => {}, warn: (_fields: object, text: string) => void warned.push(text) };
  const home: EngineHome = {
    ...{ folder, signal, warned },
    open(settings = {}) {
      const engine = openTorrentEngine({ listen: LOOPBACK, log, ...settings });
      t.teardown(() => engine[Symbol.asyncDispose]());
      return engine;
    },
    file(path, bytes) {
      const content = randomBytes(bytes);
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), content);
      return content;
    },
    async seed(engine, path, announce = []) {
      const absolute = join(folder, path);
      const hashed = await engine.hash(absolute, { announce }, () => {}, signal);
      const isFolder = hashed.files.length > 1 || hashed.files[0]?.path !== path.split('/').at(-1);
      await engine.add(
        {
          ...{ infoHash: hashed.infoHash, torrent: hashed.torrent, announce, peers: [], readOnly: true },
          folder: isFolder ? absolute : dirname(absolute),
          files: hashed.files.map((file) => file.path),
        },
        signal,
      );
      return hashed;
    },
  };
  return home;
}

/** Where others reach it. */
export const addressOf = (engine: TorrentEngine): string => {
  const at = engine.listening();
  return `${at?.address}:${at?.port}`;
};

export const stateOf = (engine: TorrentEngine, infoHash: string) => engine.states().find((state) => state.infoHash === infoHash);

export async function until(isSo: () => boolean | Promise<boolean>, signal: AbortSignal): Promise<void> {
  while (!(await isSo())) await wait(25, undefined, { signal });
}
