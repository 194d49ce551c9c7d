// One at a time, in the order of asking.
import { ControllerError } from '../errors.ts';

export type Mutex = {
  /** Resolves when it is the caller's turn; the caller must call `unlock` once. Rejects with `timeout` after too long a wait. */
  lock(): Promise<void>;
  unlock(): void;
};

/**
 * Fair: turns are given in the order of `lock`. Whoever holds a transaction open and asks the database outside of it would wait
 * for itself; `maxWaitMs` makes that an error instead of silence for ever.
 */
export function createMutex(maxWaitMs: number): Mutex {
  const waiting = new Set<() => void>();
  let held = false;
  const wait = (): Promise<void> =>
    new Promise<void>((resolve, reject) => {
      const take = (): void => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        waiting.delete(take);
        reject(new ControllerError('timeout', `The database was busy with one transaction for ${maxWaitMs / 1_000} s.`));
      }, maxWaitMs);
      timer.unref();
      waiting.add(take);
    });
  return {
    lock: async () => {
      if (held) await wait();
      held = true;
    },
    unlock: () => {
      const [next] = waiting;
      if (next === undefined) {
        held = false;
        return;
      }
      waiting.delete(next);
      next();
    },
  };
}
