// Runs a job one at a time, now or within a while; calls during a run share the next one.
import type { Clock } from '../../clock.ts';

export type Passes = {
  /** Resolves when a pass that began after this call has ended. */
  now(): Promise<void>;
  /** Sees to a pass that begins within `ms`. */
  within(ms: number): void;
  running(): Promise<void> | undefined;
  stop(): void;
};

/** @param pass the job; it must not reject. */
export function createPasses(pass: () => Promise<void>, clock: Pick<Clock, 'monotonic'>): Passes {
  let running: Promise<void> | undefined;
  let following: Promise<void> | undefined;
  let timer: { readonly due: number; readonly handle: NodeJS.Timeout } | undefined;

  const now = (): Promise<void> => {
    if (running !== undefined) {
      following ??= running.then(() => {
        following = undefined;
        return now();
      });
      return following;
    }
    clearTimeout(timer?.handle);
    timer = undefined;
    running = pass().finally(() => {
      running = undefined;
    });
    return running;
  };

  return {
    now,
    within(ms) {
      const due = clock.monotonic() + ms;
      if (timer !== undefined && timer.due <= due) return;
      clearTimeout(timer?.handle);
      const handle = setTimeout(() => {
        timer = undefined;
        void now();
      }, ms);
      timer = { due, handle };
    },
    running: () => running,
    stop: () => clearTimeout(timer?.handle),
  };
}
