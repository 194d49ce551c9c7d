// When a request ends before its answer: its client went away, or Headgate stops. One listener for all of them: AbortSignal.any would cost more than a small request.
import type { ServerResponse } from 'node:http';

/** Made once: the stack of each would cost more than the rest. */
const GONE = new DOMException('the client is gone', 'AbortError');

/** @param stop fires when Headgate stops */
export function createRequestSignals(stop: AbortSignal): (response: ServerResponse) => AbortSignal {
  const open = new Set<AbortController>();
  stop.addEventListener('abort', () => {
    for (const one of open) one.abort(stop.reason);
  });
  return (response) => {
    const ending = new AbortController();
    if (stop.aborted) ending.abort(stop.reason);
    open.add(ending);
    response.once('close', () => {
      open.delete(ending);
      ending.abort(GONE);
    });
    return ending.signal;
  };
}
