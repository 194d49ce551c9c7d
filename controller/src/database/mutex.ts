// One at a time, in the order of asking.

export type Mutex = {
  /** Resolves when it is the caller's turn; the caller must call `unlock` once. */
  lock(): Promise<void>;
  unlock(): void;
};

/** Fair: turns are given in the order of `lock`. */
export function createMutex(): Mutex {
  const waiting: (() => void)[] = [];
  let held = false;
  return {
    lock: async () => {
      if (!held) held = true;
      else await new Promise<void>((resolve) => waiting.push(resolve));
    },
    unlock: () => {
      const next = waiting.shift();
      if (next === undefined) held = false;
      else next();
    },
  };
}
