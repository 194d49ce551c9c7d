// A wait that can be cut short.
import type { Clock } from '../clock.ts';
import { isAbort } from '../errors.ts';

export type Bell = {
  /** Ends the wait of now, or the next one at once. */
  ring(): void;
  /** Until the bell rings or `ms` are over. @throws AbortError when the signal fires */
  wait(ms: number, signal: AbortSignal): Promise<'rung' | 'over'>;
};

const RUNG = new DOMException('the bell rang', 'AbortError');

export const createBell = (clock: Clock): Bell => {
  let rung = false;
  let wake: AbortController | null = null;
  return {
    ring() {
      rung = true;
      // Its own reason: making one takes longer than all else here.
      wake?.abort(RUNG);
    },
    async wait(ms, signal) {
      signal.throwIfAborted();
      if (!rung) {
        const mine = new AbortController();
        const stop = () => mine.abort();
        wake = mine;
        signal.addEventListener('abort', stop, { once: true });
        try {
          await clock.sleep(ms, mine.signal);
        } catch (error) {
          if (!isAbort(error)) throw error;
        } finally {
          wake = null;
          signal.removeEventListener('abort', stop);
        }
        signal.throwIfAborted();
      }
      const result = rung ? 'rung' : 'over';
      rung = false;
      return result;
    },
  };
};
