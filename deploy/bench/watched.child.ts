// Preloaded into a process that is measured (`node --import`): its event-loop stalls and its syncs to disk; each SIGUSR2 tells both and begins anew.
import { renameSync, writeFileSync } from 'node:fs';
import { open as openHandle } from 'node:fs/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';
import { watchedFile } from './watched-process.ts';

/** Counts each call of FileHandle's own syncs: the prototype is not exported, only seen at a handle. */
async function countSyncs(count: () => void): Promise<void> {
  await using handle = await openHandle('/dev/null');
  const prototype = Object.getPrototypeOf(handle) as typeof handle;
  for (const name of ['sync', 'datasync'] as const) {
    const real = prototype[name];
    prototype[name] = function counted(this: typeof handle) {
      count();
      return real.call(this);
    };
  }
}

if (isMainThread) {
  let syncs = 0;
  await countSyncs(() => {
    syncs += 1;
  });
  // One tick a millisecond: a tick that comes 25 ms late tells of 25 ms in which nobody was answered.
  const stalls = monitorEventLoopDelay({ resolution: 1 });
  stalls.enable();
  let worstTurnMs = 0;
  let spent = process.threadCpuUsage();
  // Fires once a turn at most.
  setInterval(() => {
    const now = process.threadCpuUsage();
    worstTurnMs = Math.max(worstTurnMs, (now.user - spent.user + now.system - spent.system) / 1_000);
    spent = now;
  }, 1).unref();
  process.on('SIGUSR2', () => {
    const file = watchedFile(process.pid);
    const told = { stallMs: stalls.percentile(99.9) / 1e6, worstMs: stalls.max / 1e6, worstTurnMs, ticks: stalls.count, syncs };
    writeFileSync(`${file}.new`, JSON.stringify(told));
    renameSync(`${file}.new`, file);
    stalls.reset();
    worstTurnMs = 0;
    syncs = 0;
  });
}
