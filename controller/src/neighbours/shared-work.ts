// Work that several callers want at once is done once, and goes on for the others when one of them leaves: a log-in, a connection.

export type SharedWork = {
  /** Starts it, or joins the one that runs. @throws what the work throws, or the signal's reason when this caller leaves. */
  join(signal: AbortSignal): Promise<void>;
};

/** `work` gets no caller's signal: it belongs to all of them. */
export const createSharedWork = (work: () => Promise<void>): SharedWork => {
  let running: Promise<void> | null = null;
  return {
    join: async (signal) => {
      signal.throwIfAborted();
      running ??= work().finally(() => {
        running = null;
      });
      running.catch(() => {}); // everybody who waits may have left
      await untilAborted(running, signal);
    },
  };
};

const untilAborted = async (work: Promise<void>, signal: AbortSignal): Promise<void> => {
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = (): void => reject(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  try {
    await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
};
