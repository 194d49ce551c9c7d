// A process that was started with watched.child.ts, asked what it saw since it was last asked.
import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

export type Watched = {
  /** 99.9th percentile of the time between two ticks of a 1 ms timer. */
  readonly stallMs: number;
  readonly worstMs: number;
  /** The longest turn of the loop, in CPU time of its thread: what the program itself held others up for, however busy the machine is. */
  readonly worstTurnMs: number;
  readonly ticks: number;
  /** fsync and fdatasync. */
  readonly syncs: number;
};

/** Arguments of Node that make a process tell; in NODE_OPTIONS, all that it starts as well. */
export const WATCH = ['--import', pathToFileURL(join(import.meta.dirname, 'watched.child.ts')).href];

export const watchedFile = (pid: number): string => join(tmpdir(), `headgate-watched-${pid}.json`);

const ANSWERS_MS = 10_000;

/** Ends what the process counted so far, and lets it begin anew. */
export async function askWatched(pid: number): Promise<Watched> {
  const file = watchedFile(pid);
  await rm(file, { force: true });
  process.kill(pid, 'SIGUSR2');
  for (const from = performance.now(); performance.now() - from < ANSWERS_MS; await wait(20)) {
    const told = await readFile(file, 'utf8').catch(() => null);
    if (told === null) continue;
    await rm(file, { force: true });
    return JSON.parse(told) as Watched;
  }
  throw new Error(`process ${pid} does not tell what it saw`);
}
