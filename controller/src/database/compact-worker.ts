// Worker thread: makes the snapshot of the next generation from the files of those before it, off the event loop.
//
// For the build: this is a program of its own. Bundle it like the controller to `compact-worker.js` beside `controller.js` and
// `sql-wasm.wasm`; compaction.ts starts it by that name. In development it runs as it is.
import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { writeSnapshot } from './generations.ts';
import { recoverFolder } from './recover-folder.ts';
import { createSqliteEngine } from './sqlite-engine.ts';

/** The newest closed journal, up to which the snapshot goes, and the sequence that must come out. */
export type CompactionOrder = {
  readonly folder: string;
  readonly generation: number;
  readonly end: number;
  readonly nextSequence: number;
};

/** `bytes`: the snapshot's size. `base`: the generation that it was made from, without which the old journals mean nothing. */
export type CompactionDone = { readonly bytes: number; readonly base: number };

async function compact({ folder, generation, end, nextSequence }: CompactionOrder): Promise<CompactionDone> {
  const engine = await createSqliteEngine();
  const found = await recoverFolder(folder, engine, { generation, end });
  // A snapshot made from less than everything would hide the loss once the old files are gone.
  if (found === null || found.problems.length > 0 || found.nextSequence !== nextSequence) {
    throw new Error(found?.problems.join(' ') || `the files end at transaction ${found?.nextSequence}, not ${nextSequence}`);
  }
  const bytes = engine.export();
  await writeSnapshot(folder, generation + 1, bytes, nextSequence);
  return { bytes: bytes.length, base: found.base };
}

// On Linux 0 is this thread alone (setpriority(2)): seconds of work that can wait, beside streams that cannot.
if (process.platform === 'linux') setPriority(0, 10);
// A rejection ends the worker with an 'error' event, which compaction.ts waits for.
void compact(workerData as CompactionOrder).then((done) => parentPort?.postMessage(done));
