// Hooks that come in a flood are taken first, since their server waits and sends none again: what they say is worked on when it is calmer.
import type { Clock } from '../clock.ts';

export type IntakePace = {
  /** A hook was taken. */
  came(): void;
  /** At once while few come, else when fewer come, at the latest after three seconds. @throws AbortError when the signal fires */
  calm(signal: AbortSignal): Promise<void>;
};

/** So many within so short a time are more than people do: a server that marks a series sends one in 6 ms. */
const MANY = 40;
const SHORT_MS = 100;
const LOOK_MS = 50;
/** What has waited so long goes on beside the flood. */
const PATIENCE_MS = 3_000;

export function createIntakePace(clock: Pick<Clock, 'monotonic' | 'sleep'>): IntakePace {
  const times: number[] = [];
  const isFlood = (): boolean => times.length === MANY && clock.monotonic() - (times[0] ?? 0) < SHORT_MS;
  return {
    came() {
      times.push(clock.monotonic());
      if (times.length > MANY) times.shift();
    },
    async calm(signal) {
      for (const until = clock.monotonic() + PATIENCE_MS; isFlood() && clock.monotonic() < until; )
        await clock.sleep(LOOK_MS, signal);
    },
  };
}
