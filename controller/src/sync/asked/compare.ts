// Servers are compared at a person's wish: at once, and the answer does not wait for a large library to its end.
import type { Clock } from '../../clock.ts';
import { messageOf } from '../../errors.ts';
import type { Log } from '../../log.ts';

export type Comparison = {
  readonly server: string;
  readonly state: 'done' | 'running' | 'failed';
  readonly differing: number | null;
  readonly problem: string | null;
};

export type CompareDeps = {
  /** A cheap look, soon. */
  lookNow(server: string): void;
  compareWhole(server: string, signal: AbortSignal): Promise<number>;
  readonly clock: Pick<Clock, 'sleep'>;
  readonly log: Log;
  /** Ends what still runs. */
  readonly signal: AbortSignal;
};

export type Compare = (servers: readonly string[], full: boolean) => Promise<readonly Comparison[]>;

/** A person waits for the answer. */
const PATIENCE_MS = 5_000;

export function createCompare({ lookNow, compareWhole, clock, log, signal }: CompareDeps): Compare {
  const running = new Map<string, Promise<Comparison>>();
  const whole = async (server: string): Promise<Comparison> => {
    try {
      return { server, state: 'done', differing: await compareWhole(server, signal), problem: null };
    } catch (error) {
      log.warn({ server, error: messageOf(error) }, 'sync: the server could not be compared as it was asked for');
      return { server, state: 'failed', differing: null, problem: messageOf(error) };
    } finally {
      running.delete(server);
    }
  };
  return async (servers, full) => {
    if (!full) {
      for (const server of servers) lookNow(server);
      return servers.map(goesOn);
    }
    const waiting = new AbortController();
    const patience = clock.sleep(PATIENCE_MS, waiting.signal).catch(() => {});
    const answers = servers.map(async (server) => {
      const work = running.get(server) ?? whole(server);
      running.set(server, work);
      return await Promise.race([work, patience.then(() => goesOn(server))]);
    });
    try {
      return await Promise.all(answers);
    } finally {
      waiting.abort();
    }
  };
}

const goesOn = (server: string): Comparison => ({ server, state: 'running', differing: null, problem: null });
