// Takes a turn each second, and at once when something changed; a turn that fails is told and does not end the loop.
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';

export type TurnLoop = {
  /** Asks for a turn soon. */
  wake(): void;
  /** Runs until the signal fires. */
  run(turn: (signal: AbortSignal) => void, signal: AbortSignal): Promise<void>;
};

const EACH_MS = 1_000;
/** Events of one moment (a socket message, two torrent clients) make one turn. */
const GATHER_MS = 5;

export function createTurnLoop(clock: Clock, log: Log): TurnLoop {
  let sleeping = new AbortController();
  return {
    wake: () => sleeping.abort(),
    async run(turn, signal) {
      const stop = (): void => sleeping.abort();
      signal.addEventListener('abort', stop);
      while (!signal.aborted) {
        sleeping = new AbortController();
        try {
          turn(signal);
        } catch (error) {
          log.error({ error: messageOf(error) }, 'decision failed');
        }
        await clock.sleep(EACH_MS, sleeping.signal).catch(() => {});
        if (sleeping.signal.aborted) await clock.sleep(GATHER_MS, signal).catch(() => {});
      }
      signal.removeEventListener('abort', stop);
    },
  };
}
