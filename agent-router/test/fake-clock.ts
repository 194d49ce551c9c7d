// A clock that the test moves. Sleepers wake in order as time passes them.
import type { Clock } from '../src/ground/clock.ts';

export type FakeClock = Clock & {
  /** Moves time on, and lets whoever woke run. */
  advance(ms: number): Promise<void>;
  /** Moves time on without waking anybody in between: what a busy machine does. */
  leap(ms: number): void;
  /** How many wait for a time. */
  sleeping(): number;
};

export function createFakeClock(startMs = 1_000_000): FakeClock {
  let monotonic = 0;
  const sleepers = new Set<{ readonly at: number; readonly wake: () => void }>();
  const settle = async (): Promise<void> => {
    for (let i = 0; i < 20; i += 1) await Promise.resolve();
  };
  return {
    now: () => startMs + monotonic,
    monotonic: () => monotonic,
    sleeping: () => sleepers.size,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        const sleeper = { at: monotonic + ms, wake: resolve };
        sleepers.add(sleeper);
        signal.addEventListener('abort', () => {
          sleepers.delete(sleeper);
          reject(new DOMException('stopped', 'AbortError'));
        });
      }),
    leap: (ms) => {
      monotonic += ms;
    },
    async advance(ms) {
      const end = monotonic + ms;
      for (;;) {
        await settle();
        const [next] = [...sleepers].filter((one) => one.at <= end).sort((a, b) => a.at - b.at);
        if (next === undefined) break;
        sleepers.delete(next);
        monotonic = Math.max(monotonic, next.at);
        next.wake();
      }
      monotonic = Math.max(monotonic, end);
      await settle();
    },
  };
}
