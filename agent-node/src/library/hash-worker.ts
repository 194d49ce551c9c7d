// Worker thread: sha256 of files, also of such as are still being written: it reads as far as it was told, from the system's cache, beside the download.
//
// For the build: this is a program of its own. Bundle it to `hash-worker.js` beside `agent-node.js`; hasher.ts starts it by that name.
import { createHash, type Hash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';

/** `upTo`: so many bytes are there. `isWhole`: and there are no more. */
export type HashOrder =
  | { readonly kind: 'open'; readonly id: number; readonly path: string }
  | { readonly kind: 'up_to'; readonly id: number; readonly bytes: number; readonly isWhole: boolean }
  | { readonly kind: 'close'; readonly id: number };
export type HashAnswer = { readonly id: number; readonly sha256: string } | { readonly id: number; readonly problem: string };

type Job = { readonly fd: number; readonly hash: Hash; done: number; upTo: number; isWhole: boolean };

const STEP_BYTES = 1024 * 1024;

function work(port: NonNullable<typeof parentPort>): void {
  const jobs = new Map<number, Job>();
  const block = Buffer.allocUnsafe(STEP_BYTES);
  let isRunning = false;

  const close = (id: number): void => {
    const job = jobs.get(id);
    if (job !== undefined) closeSync(job.fd);
    jobs.delete(id);
  };
  const answer = (told: HashAnswer): void => {
    close(told.id);
    port.postMessage(told);
  };
  const step = (id: number, job: Job): boolean => {
    const wanted = Math.min(STEP_BYTES, job.upTo - job.done);
    if (wanted > 0) {
      const read = readSync(job.fd, block, 0, wanted, job.done);
      if (read === 0) throw new Error('the file became shorter while it was read');
      job.hash.update(block.subarray(0, read));
      job.done += read;
    }
    if (job.isWhole && job.done === job.upTo) answer({ id, sha256: job.hash.digest('hex') });
    return wanted > 0;
  };
  const run = (): void => {
    let isBusy = false;
    for (const [id, job] of jobs) {
      try {
        isBusy = step(id, job) || isBusy;
      } catch (error) {
        answer({ id, problem: error instanceof Error ? error.message : String(error) });
      }
    }
    isRunning = isBusy;
    // Messages come in between two steps.
    if (isBusy) setImmediate(run);
  };
  port.on('message', (order: HashOrder) => {
    if (order.kind === 'close') return close(order.id);
    try {
      if (order.kind === 'open')
        jobs.set(order.id, { fd: openSync(order.path, 'r'), hash: createHash('sha256'), done: 0, upTo: 0, isWhole: false });
      else {
        const job = jobs.get(order.id);
        if (job !== undefined) Object.assign(job, { upTo: Math.max(job.upTo, order.bytes), isWhole: order.isWhole });
      }
    } catch (error) {
      answer({ id: order.id, problem: error instanceof Error ? error.message : String(error) });
    }
    if (!isRunning) {
      isRunning = true;
      setImmediate(run);
    }
  });
}

if (parentPort !== null) work(parentPort);
