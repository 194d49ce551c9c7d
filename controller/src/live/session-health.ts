// What is measured of one running channel: how fast it came on, how late it runs, how often programmes were joined.
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import type { PlanStep } from '../on-air/plan-step.ts';

const PLAN_AHEAD_MS = 120_000;
const ASK_AGAIN_MS = 10_000;

export type SessionHealth = {
  readonly startedMs: number;
  sinceStartMs(): number;
  /** A programme began, so late on its schedule. */
  joined(step: PlanStep, lateMs: number): void;
  /** No programme was shown yet. */
  isCold(): boolean;
  lateMs(): number;
  tuneInMs(): number | null;
  /** From one programme to the next. */
  boundaries(): number;
  /** True where the table ends soon; not again for a while. */
  isPlanDue(knownMs: number, liveMs: number): boolean;
  planCame(): void;
};

export function createSessionHealth(clock: Pick<Clock, 'now' | 'monotonic'>, log: Log): SessionHealth {
  const began = clock.monotonic();
  let joins = 0;
  let lateMs = 0;
  let tuneInMs: number | null = null;
  let askedAt = Number.NEGATIVE_INFINITY;
  const sinceStartMs = (): number => clock.monotonic() - began;
  return {
    startedMs: clock.now(),
    sinceStartMs,
    joined({ entryId, title }, late) {
      joins++;
      lateMs = late;
      if (tuneInMs !== null) return;
      tuneInMs = Math.round(sinceStartMs());
      log.info({ entry: entryId, title, ms: tuneInMs }, 'the programme is on');
    },
    isCold: () => joins === 0,
    lateMs: () => lateMs,
    tuneInMs: () => tuneInMs,
    boundaries: () => Math.max(0, joins - 1),
    isPlanDue(knownMs, liveMs) {
      if (knownMs - liveMs > PLAN_AHEAD_MS || clock.monotonic() - askedAt < ASK_AGAIN_MS) return false;
      askedAt = clock.monotonic();
      return true;
    },
    planCame: () => {
      askedAt = Number.NEGATIVE_INFINITY;
    },
  };
}
