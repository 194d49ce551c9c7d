// Worker thread: replays what was recorded, or thins a recording out, off the event loop.
//
// For the build: this is a program of its own. Bundle it like the controller to `rehearsal-worker.js` beside `controller.js`;
// rehearsal-thread.ts starts it by that name. In development it runs as it is.
import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { builtInAllocators } from '../../bandwidth/allocators/built-in.ts';
import type { Span } from '../../bandwidth/rehearsal/recording/read-recordings.ts';
import { thinOut } from '../../bandwidth/rehearsal/recording/thin-out.ts';
import { rehearse } from '../../bandwidth/rehearsal/replay/rehearse.ts';
import { type OtherPolicy, policyOf } from './other-policy.ts';

export type RehearsalTask =
  | { readonly kind: 'rehearse'; readonly folder: string; readonly span: Span; readonly other: OtherPolicy }
  | { readonly kind: 'thin'; readonly folder: string; readonly name: string };

async function work(task: RehearsalTask): Promise<unknown> {
  if (task.kind === 'thin') return await thinOut(task.folder, task.name);
  const { folder, span, other } = task;
  return await rehearse({ folder, span, policy: policyOf(other), allocators: builtInAllocators });
}

// On Linux 0 is this thread alone (setpriority(2)): seconds of work that can wait, beside streams that cannot.
if (process.platform === 'linux') setPriority(0, 10);
// A rejection ends the worker with an 'error' event, which rehearsal-thread.ts waits for.
void work(workerData as RehearsalTask).then((done) => parentPort?.postMessage(done));
