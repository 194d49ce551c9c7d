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
/** A storm of events makes at most this many turns: one each 25 ms. */
const APART_MS = 25;

export function createTurnLoop(clock: Clock, log: Log): TurnLoop {
  let sleeping = new AbortController();
  return {
    wake: () => sleeping.abort(),
    async run(turn, signal) {
      const stop = (): void => sleeping.abort();
      signal.addEventListener('abort', stop);
      while (!signal.aborted) {
        sleeping = new AbortController();
        const took = clock.monotonic();
        try {
          turn(signal);
        } catch (error) {
          log.error({ error: messageOf(error) }, 'decision failed');
        }
        await clock.sleep(EACH_MS, sleeping.signal).catch(() => {});
        const wait = Math.max(GATHER_MS, took + APART_MS - clock.monotonic());
        if (sleeping.signal.aborted) await clock.sleep(wait, signal).catch(() => {});
      }
      signal.removeEventListener('abort', stop);
    },
  };
}
