// Starts the rehearsal's thread for one task, bounded in memory, and waits for its answer.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { RehearsalReport } from '../../bandwidth/rehearsal/replay/report.ts';
import type { RehearsalTask } from './rehearsal-worker.ts';

/** A file of 64 MiB, its text, and the turns of one block. */
const MOST_MEMORY_MB = 512;

type AnswerOf = { readonly rehearse: RehearsalReport; readonly thin: undefined };

/** Ends the thread when the signal fires. @throws what the task throws. */
export async function runInThread<Task extends RehearsalTask>(task: Task, signal: AbortSignal): Promise<AnswerOf[Task['kind']]> {
  signal.throwIfAborted();
  const source = import.meta.url.endsWith('.ts') ? './rehearsal-worker.ts' : './rehearsal-worker.js';
  const worker = new Worker(new URL(source, import.meta.url), {
    workerData: task,
    resourceLimits: { maxOldGenerationSizeMb: MOST_MEMORY_MB },
  });
  try {
    const [done] = await Promise.race([once(worker, 'message', { signal }), exitOf(worker, signal)]);
    return done as AnswerOf[Task['kind']];
  } finally {
    await worker.terminate();
  }
}

async function exitOf(worker: Worker, signal: AbortSignal): Promise<never> {
  await once(worker, 'exit', { signal });
  throw new Error('the rehearsal ended without an answer');
}
