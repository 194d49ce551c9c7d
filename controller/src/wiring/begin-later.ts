// One thing after the other at the start: cold code of many features at once would take the thread from whoever asks meanwhile.
import type { Clock } from '../clock.ts';

/** A signal that fires before hands over at once: whoever runs has its own way to end. */
export async function beginLater(
  clock: Pick<Clock, 'sleep'>,
  afterMs: number,
  run: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  await clock.sleep(afterMs, signal).catch(() => {});
  await run(signal);
}
