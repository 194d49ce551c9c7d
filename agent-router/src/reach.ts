// Whether the router can be asked now: one log line per change, back-off with jitter between tries.

import { isCode, messageOf } from './errors.ts';
import { createBackOff } from './ground/back-off.ts';
import type { Clock } from './ground/clock.ts';
import type { Log } from './ground/log.ts';

export type Reach = {
  /** False while the wait after a failed try runs. */
  readonly mayTry: () => boolean;
  readonly answered: () => void;
  readonly failed: (error: unknown) => void;
  /** False from the first failed try to the next answer. */
  readonly up: () => boolean;
};

/** A wrong password or host key: only a person mends that, so the router's log is not filled with tries. */
const REFUSED_MS = 300_000;

export function createReach({
  clock,
  random,
  log,
}: {
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
}): Reach {
  const backOff = createBackOff({ firstMs: 1_000, mostMs: 30_000, random });
  let notBefore = Number.NEGATIVE_INFINITY;
  let problem: string | undefined;
  let first = true;
  return {
    mayTry: () => clock.monotonic() >= notBefore,
    up: () => problem === undefined && !first,
    answered() {
      if (problem !== undefined || first) log.info({}, first ? 'the router answers' : 'the router answers again');
      first = false;
      problem = undefined;
      backOff.reset();
    },
    failed(error) {
      const kind = isCode(error, 'refused') ? 'refused' : 'unreachable';
      if (kind !== problem)
        log.warn({ problem: messageOf(error) }, kind === 'refused' ? 'the router refuses us' : 'the router cannot be reached');
      problem = kind;
      notBefore = clock.monotonic() + (kind === 'refused' ? REFUSED_MS : backOff.next());
    },
  };
}
