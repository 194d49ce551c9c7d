// One file by several ranges at a time, into staging. What has come is remembered, so that a kill costs half a second of it and the chunks under way.
import { type FileHandle, mkdir, open, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as z from 'zod/mini';
import { AgentError } from '../errors.ts';
import { readIfThere } from '../library/atomic-file.ts';
import type { Hasher } from '../library/hasher.ts';
import { createBlockWriter } from './block-writer.ts';
import { CHUNK_BYTES, type ChunkMemory, type ChunkTable, createChunkTable, type Run } from './chunk-table.ts';
import { getRange } from './get-range.ts';
import { openRangeConnection } from './range-connection.ts';
import type { RateGate } from './rate-gate.ts';

export type FileOrder = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly size: number;
  readonly sha256: string | null;
  /** Absolute, in staging. */
  readonly part: string;
  readonly connections: number;
  readonly stallMs: number;
  /** Bytes that are on the disk now, of the whole file; called often. */
  readonly onProgress: (bytesDone: number) => void;
  /** All have come; their sha256 is still to be told. */
  readonly onWhole: () => void;
};
/** @property ca PEM text of a CA of one's own. */
export type DownloadDeps = { readonly ca: string | undefined; readonly hasher: Hasher; readonly gate: RateGate };
export type HttpDownload = (order: FileOrder, signal: AbortSignal) => Promise<void>;

const memory = z.object({ size: z.int(), sha256: z.nullable(z.string()), chunkBytes: z.int(), done: z.string() });
/** Between two writes of what has come. */
const REMEMBER_MS = 500;

/**
 * Resolves when the whole file is in `part`, on the disk, and is what its sha256 says.
 * @throws AgentError `bytes_wrong` where it is not; else as getRange does, and the next call goes on from there
 */
export function createHttpDownload({ ca, hasher, gate }: DownloadDeps): HttpDownload {
  return async (order, signal) => {
    const { part, size, sha256, connections } = order;
    await mkdir(dirname(part), { recursive: true });
    const table = createChunkTable(order, await remembered(part), connections);
    await using file = await open(part, table.doneBytes() === 0 ? 'w' : 'r+');
    // What is remembered and what is there belong together, or nothing counts.
    if (table.doneBytes() > 0 && (await file.stat()).size !== size)
      return restart(part, () => createHttpDownload({ ca, hasher, gate })(order, signal));
    await file.truncate(size);
    const hashing = sha256 === null ? null : hasher.open(part);
    hashing?.upTo(table.unbrokenBytes());
    const keeper = createKeeper(part, file, table);
    const failing = new AbortController();
    const both = AbortSignal.any([signal, failing.signal]);
    const progress = createProgress(order, table, (bytes) => hashing?.upTo(bytes));
    try {
      const work = (): Promise<void> => getRuns({ order, table, file, progress, keeper, ca, gate }, both);
      const works = Array.from({ length: connections }, work);
      // The first failure ends the others, and only then is the file closed.
      for (const one of works) one.catch(() => failing.abort());
      const ends = await Promise.allSettled(works);
      signal.throwIfAborted();
      const failed = ends.find((end) => end.status === 'rejected' && !isAbort(end.reason));
      if (failed?.status === 'rejected') throw failed.reason;
      order.onWhole();
      // The disk and sha256 end side by side.
      const [digest] = await Promise.all([hashing?.digest(size, signal), file.datasync()]);
      const found = digest ?? null;
      if (found !== sha256) throw new AgentError('bytes_wrong', `what came has the sha256 ${found}, not ${sha256}`);
    } finally {
      hashing?.close();
      await keeper.settle();
    }
  };
}

const isAbort = (error: unknown): boolean => error instanceof Error && error.name === 'AbortError';

async function restart(part: string, again: () => Promise<void>): Promise<void> {
  await writeFile(`${part}.have`, '');
  return again();
}

type Progress = {
  /** Answers where the part of the run that is there as whole chunks now ends. */
  readonly add: (run: Run, bytes: number) => Run;
  /** What is there of it as less than a chunk counts no more. */
  readonly lost: (run: Run) => void;
};

/** Counts what is on the disk, and lets sha256 follow where there is no gap. */
function createProgress({ onProgress }: FileOrder, table: ChunkTable, unbroken: (bytes: number) => void): Progress {
  /** By where a chunk begins: how much of it is there. */
  const partly = new Map<number, number>();
  let done = table.doneBytes();
  onProgress(done);
  return {
    add({ from, to }, bytes) {
      let at = from;
      let there = (partly.get(from) ?? 0) + bytes;
      partly.delete(from);
      done += bytes;
      for (let length = Math.min(CHUNK_BYTES, to - at); at < to && there >= length; length = Math.min(CHUNK_BYTES, to - at)) {
        table.finish(at);
        at += length;
        there -= length;
      }
      if (there > 0) partly.set(at, there);
      unbroken(table.unbrokenBytes());
      onProgress(done);
      return { from: at, to };
    },
    lost({ from }) {
      done -= partly.get(from) ?? 0;
      partly.delete(from);
      onProgress(done);
    },
  };
}

type Work = {
  readonly order: FileOrder;
  readonly table: ChunkTable;
  readonly file: FileHandle;
  readonly progress: Progress;
  readonly keeper: { readonly changed: () => void };
  readonly ca: string | undefined;
  readonly gate: RateGate;
};

/** One connection, for as long as there is something that nobody has. */
async function getRuns({ order, table, file, progress, keeper, ca, gate }: Work, signal: AbortSignal): Promise<void> {
  const { url, headers, size, stallMs } = order;
  const first = table.next();
  if (first === null) return;
  let run: Run = first;
  let tries = 1;
  using writer = createBlockWriter(file, (bytes) => {
    run = progress.add(run, bytes);
    keeper.changed();
  });
  using connection = openRangeConnection({ url, headers, ca, stallMs });
  for (;;) {
    const { from } = run;
    try {
      await getRange({ url, ...run, size }, { connection, writer, gate }, signal);
      const next = table.next();
      if (next === null) return;
      run = next;
      tries = 1;
    } catch (error) {
      progress.lost(run);
      if (run.from > from) tries = 1;
      // A kept connection that the other side had just closed is no failure: once more, on a new one.
      if (tries > 1 || signal.aborted || !(error instanceof AgentError && error.code === 'unreachable')) {
        table.giveBack(run);
        throw error;
      }
      tries += 1;
    }
  }
}

/** What is remembered is on the disk first: after a power cut nothing counts that is not there. */
function createKeeper(part: string, file: FileHandle, table: ChunkTable) {
  let writing: Promise<void> | null = null;
  let lastMs = performance.now() - REMEMBER_MS;
  const write = async (): Promise<void> => {
    const content = JSON.stringify(table.memory());
    await file.datasync();
    await writeFile(`${part}.have.new`, content);
    await rename(`${part}.have.new`, `${part}.have`);
  };
  return {
    changed(): void {
      if (writing !== null || performance.now() - lastMs < REMEMBER_MS) return;
      lastMs = performance.now();
      writing = write()
        .catch(() => {})
        .finally(() => {
          writing = null;
        });
    },
    async settle(): Promise<void> {
      await writing;
      await write().catch(() => {});
    },
  };
}

async function remembered(part: string): Promise<ChunkMemory | null> {
  try {
    return z.parse(memory, JSON.parse((await readIfThere(`${part}.have`)) ?? ''));
  } catch {
    return null;
  }
}
