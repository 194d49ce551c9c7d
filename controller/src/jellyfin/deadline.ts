// A time limit around one piece of work.

/**
 * Runs `work` with a signal that fires with `signal`, or with a TimeoutError after `ms`. Its timer and listener are gone when work is.
 * (AbortSignal.any on a signal that lives for years would be the shorter way, and has leaked in more than one Node.)
 */
export const withDeadline = async <Result>(
  signal: AbortSignal,
  ms: number,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> => {
  signal.throwIfAborted();
  const inner = new AbortController();
  const stop = () => inner.abort(signal.reason);
  const timer = setTimeout(() => inner.abort(new DOMException('time is up', 'TimeoutError')), ms);
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await work(inner.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
};
