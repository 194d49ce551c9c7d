// A steady beat: ticks stand on a grid of the monotonic clock, so they do not drift; a slow task skips ticks and never overlaps itself.
import type { Clock } from '../ground/clock.ts';

/** Runs `task` at each grid point until the signal fires; then resolves. A task must not throw. @param skipped ticks missed before this one */
export async function everyTick(
  periodMs: number,
  clock: Clock,
  signal: AbortSignal,
  task: (skipped: number) => Promise<void>,
): Promise<void> {
  const start = clock.monotonic();
  let tick = 0;
  while (!signal.aborted) {
    const due = Math.max(tick, Math.ceil((clock.monotonic() - start) / periodMs));
    const wait = start + due * periodMs - clock.monotonic();
    try {
      if (wait > 0) await clock.sleep(wait, signal);
    } catch {
      return;
    }
    if (signal.aborted) return;
    await task(due - tick);
    tick = due + 1;
  }
}
