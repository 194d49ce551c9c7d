// Begins a new generation when replaying the journals would take about a second, so that opening stays fast.
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { CompactionDone, CompactionOrder } from './compact-worker.ts';
import { journalPath, removeGenerations, syncFolder } from './generations.ts';
import { createJournalFile, type JournalFile } from './journal-file.ts';
import type { Mutex } from './mutex.ts';

/** SQLite's own time in the journaled statements; decoding them takes about as long again. */
const maxReplayMs = 500;

/** Messages of some hundred KiB each fill a journal long before the statements do. */
const maxReplayBytes = 32 * 2 ** 20;

/** What a commit, or the journals at the opening, will take to replay. `ms`: SQLite's own time. */
export type ReplayCost = { readonly statements: number; readonly ms: number; readonly bytes: number };

/** The journal that is written now. `failures`: those after which memory was read anew. */
export type CurrentJournal = { file: JournalFile; generation: number; reloadedAfter: number };

export type Compacting = {
  readonly folder: string;
  readonly turns: Mutex;
  readonly current: CurrentJournal;
  readonly statementsLimit: number;
  readonly log: Log;
};

export type Compaction = AsyncDisposable & {
  /** Counts a commit (or what was replayed at the opening), and starts to compact where it is time. */
  committed(cost: ReplayCost): void;
};

/**
 * In this order, so that a crash between any two steps loses nothing: the next journal is made durable and takes over; the worker
 * writes the snapshot of the old ones under a temporary name and renames it; only then goes what lies before the snapshot that
 * this one was made from. That and its journals stay as a second way back. Opening takes the newest snapshot and every journal from there on.
 */
export function createCompaction(deps: Compacting): Compaction {
  const { log, statementsLimit } = deps;
  const stop = new AbortController();
  const due = { statements: 0, ms: 0, bytes: 0 };
  let running: Promise<void> | null = null;
  let failing = false;
  const compact = async (): Promise<void> => {
    const started = performance.now();
    try {
      const order = await nextGeneration(deps);
      if (order === null || stop.signal.aborted) return;
      const { bytes, base } = await runWorker(order, stop.signal);
      await removeGenerations(deps.folder, base);
      log.info({ bytes, ms: Math.round(performance.now() - started) }, 'the database was compacted');
      failing = false;
    } catch (error) {
      if (stop.signal.aborted) return;
      if (!failing) log.error({ error: messageOf(error) }, 'the database could not be compacted; it is tried again later');
      failing = true;
    }
  };
  return {
    committed: (cost) => {
      due.statements += cost.statements;
      due.ms += cost.ms;
      due.bytes += cost.bytes;
      if (running !== null || stop.signal.aborted) return;
      if (due.statements < statementsLimit && due.ms < maxReplayMs && due.bytes < maxReplayBytes) return;
      // Counted from here again even where it fails, which is the back-off.
      Object.assign(due, { statements: 0, ms: 0, bytes: 0 });
      running = compact().finally(() => {
        running = null;
      });
    },
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await running;
    },
  };
}

/** Closes the journal and begins the next. null: the journal is in a failed state, which comes first. */
async function nextGeneration({ folder, turns, current }: Compacting): Promise<CompactionOrder | null> {
  await turns.lock();
  try {
    await current.file.settled();
    if (current.file.failed()) return null;
    const { generation, file: old } = current;
    const nextSequence = old.nextSequence();
    const path = journalPath(folder, generation + 1);
    let file: JournalFile;
    try {
      file = await createJournalFile(path, { generation: generation + 1, firstSequence: nextSequence });
      await syncFolder(folder);
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    }
    current.file = file;
    current.generation = generation + 1;
    current.reloadedAfter = 0;
    await old.close();
    return { folder, generation, end: old.durableEnd(), nextSequence };
  } finally {
    turns.unlock();
  }
}

/** Resolves when the snapshot is durable. A worker stopped half-way leaves a temporary file, which the next opening removes. */
async function runWorker(order: CompactionOrder, signal: AbortSignal): Promise<CompactionDone> {
  const source = import.meta.url.endsWith('.ts') ? './compact-worker.ts' : './compact-worker.js';
  const worker = new Worker(new URL(source, import.meta.url), { workerData: order });
  try {
    const [done] = await Promise.race([once(worker, 'message', { signal }), exitOf(worker, signal)]);
    return done as CompactionDone;
  } finally {
    await worker.terminate();
  }
}

async function exitOf(worker: Worker, signal: AbortSignal): Promise<never> {
  await once(worker, 'exit', { signal });
  throw new Error('the compaction ended without an answer');
}
