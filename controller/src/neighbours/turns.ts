// At most so many at once; the others wait in order.

export type Turns = {
  /** Runs `work` when it is its turn. A signal that fires while waiting rejects with its reason, and the place is given up. */
  take<Result>(signal: AbortSignal, work: () => Promise<Result>): Promise<Result>;
  /** Nothing runs and nothing waits. */
  readonly idle: boolean;
};

export const createTurns = (atOnce: number): Turns => {
  let running = 0;
  const waiting: (() => void)[] = [];

  const myTurn = (signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const start = () => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      const leave = () => {
        waiting.splice(waiting.indexOf(start), 1);
        reject(signal.reason);
      };
      waiting.push(start);
      signal.addEventListener('abort', leave, { once: true });
    });

  return {
    get idle() {
      return running === 0 && waiting.length === 0;
    },
    async take(signal, work) {
      signal.throwIfAborted();
      // Whoever leaves hands the place on, so that `running` does not change and nobody overtakes.
      if (running >= atOnce) await myTurn(signal);
      else running += 1;
      try {
        return await work();
      } finally {
        const next = waiting.shift();
        if (next) next();
        else running -= 1;
      }
    },
  };
};
