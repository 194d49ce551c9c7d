// One file by several ranges at a time, into staging. What has come is remembered, so that a kill costs half a second of it and the chunks under way.
import { type FileHandle, mkdir, open, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as z from 'zod/mini';
import { AgentError } from '../errors.ts';
import type { Agents } from '../http.ts';
import { readIfThere } from '../library/atomic-file.ts';
import type { Hasher } from '../library/hasher.ts';
import { type Chunk, type ChunkMemory, type ChunkTable, createChunkTable } from './chunk-table.ts';
import { getRange } from './get-range.ts';
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
export type HttpDownload = (order: FileOrder, signal: AbortSignal) => Promise<void>;

const memory = z.object({ size: z.int(), sha256: z.nullable(z.string()), chunkBytes: z.int(), done: z.string() });
/** Between two writes of what has come. */
const REMEMBER_MS = 500;

/**
 * Resolves when the whole file is in `part`, on the disk, and is what its sha256 says.
 * @throws AgentError `bytes_wrong` where it is not; else as getRange does, and the next call goes on from there
 */
export function createHttpDownload({ agents, hasher, gate }: { agents: Agents; hasher: Hasher; gate: RateGate }): HttpDownload {
  return async (order, signal) => {
    const { part, size, sha256 } = order;
    await mkdir(dirname(part), { recursive: true });
    const table = createChunkTable(size, sha256, await remembered(part));
    await using file = await open(part, table.doneBytes() === 0 ? 'w' : 'r+');
    // What is remembered and what is there belong together, or nothing counts.
    if (table.doneBytes() > 0 && (await file.stat()).size !== size)
      return restart(part, () => createHttpDownload({ agents, hasher, gate })(order, signal));
    await file.truncate(size);
    const hashing = sha256 === null ? null : hasher.open(part);
    hashing?.upTo(table.unbrokenBytes());
    const keeper = createKeeper(part, file, table);
    const failing = new AbortController();
    const both = AbortSignal.any([signal, failing.signal]);
    const progress = createProgress(order, table, (bytes) => hashing?.upTo(bytes));
    try {
      const work = async (): Promise<void> => {
        for (let chunk = table.next(); chunk !== null; chunk = table.next()) {
          await getChunk({ order, chunk, table, file, progress, agents, gate }, both);
          keeper.changed();
        }
      };
      const works = Array.from({ length: order.connections }, work);
      // The first failure ends the others, and only then is the file closed.
      for (const one of works) one.catch(() => failing.abort());
      const ends = await Promise.allSettled(works);
      signal.throwIfAborted();
      const failed = ends.find((end) => end.status === 'rejected' && !isAbort(end.reason));
      if (failed?.status === 'rejected') throw failed.reason;
      order.onWhole();
      const found = (await hashing?.digest(size, signal)) ?? null;
      if (found !== sha256) throw new AgentError('bytes_wrong', `what came has the sha256 ${found}, not ${sha256}`);
      await file.datasync();
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

type Progress = { readonly add: (chunk: Chunk, bytes: number) => void; readonly lost: (chunk: Chunk) => void };

/** Counts what is on the disk, and lets sha256 follow where there is no gap. */
function createProgress({ onProgress }: FileOrder, table: ChunkTable, unbroken: (bytes: number) => void): Progress {
  const partly = new Map<number, number>();
  let done = table.doneBytes();
  onProgress(done);
  return {
    add({ index, from }, bytes) {
      partly.set(index, (partly.get(index) ?? 0) + bytes);
      done += bytes;
      if (from === table.unbrokenBytes()) unbroken(from + (partly.get(index) ?? 0));
      onProgress(done);
    },
    lost({ index }) {
      done -= partly.get(index) ?? 0;
      partly.delete(index);
      onProgress(done);
    },
  };
}

type ChunkWork = {
  readonly order: FileOrder;
  readonly chunk: Chunk;
  readonly table: ChunkTable;
  readonly file: FileHandle;
  readonly progress: Progress;
  readonly agents: Agents;
  readonly gate: RateGate;
};

/** A kept connection that the other side had just closed is no failure: once more, on a new one. */
async function getChunk({ order, chunk, table, file, progress, agents, gate }: ChunkWork, signal: AbortSignal): Promise<void> {
  const { url, headers, size, stallMs } = order;
  for (let tries = 1; ; tries += 1) {
    try {
      const onBytes = (bytes: number): void => progress.add(chunk, bytes);
      await getRange({ url, headers, from: chunk.from, to: chunk.to, size, file, stallMs, onBytes }, agents, gate, signal);
      return table.finish(chunk);
    } catch (error) {
      progress.lost(chunk);
      if (tries > 1 || signal.aborted || !(error instanceof AgentError && error.code === 'unreachable')) {
        table.giveBack(chunk);
        throw error;
      }
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
