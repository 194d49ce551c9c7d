// Worker thread: makes the snapshot of the next generation from the files of those before it, off the event loop.
//
// For the build: this is an entry of its own. Bundle it to `compact-worker.js` beside the program's one file (ESM, same banner),
// with `sql-wasm.wasm` in the same folder; compaction.ts starts it by that name. In development it runs as it is.
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

const order = workerData as CompactionOrder;
const engine = await createSqliteEngine();
const found = await recoverFolder(order.folder, engine, { generation: order.generation, end: order.end });
// A snapshot made from less than everything would hide the loss once the old files are gone.
if (found === null || found.problems.length > 0 || found.nextSequence !== order.nextSequence) {
  throw new Error(found?.problems.join(' ') || `the files end at transaction ${found?.nextSequence}, not ${order.nextSequence}`);
}
const bytes = engine.export();
engine.close();
await writeSnapshot(order.folder, order.generation + 1, bytes, found.nextSequence);
parentPort?.postMessage({ bytes: bytes.length, base: found.base } satisfies CompactionDone);
