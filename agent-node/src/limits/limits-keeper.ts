// Which limits hold now: the node's own, lowered by the controller's lease while that lasts.

import type { Clock, Log } from '@headgate/agent-router/agent-ground';
import type { NodeLimits } from '@headgate/protocol';
import type { Config } from '../config-schema.ts';
import { lowerOf, type Rates, scheduledRates, type WeekTime } from './scheduled-rates.ts';

export type LimitsKeeper = {
  readonly order: (limits: NodeLimits) => void;
  /** Seconds; null where none of the controller's limits stands. */
  readonly leaseLeftS: () => number | null;
  readonly rates: () => Rates;
};
type Deps = {
  readonly rates: Config['rates'];
  readonly apply: (rates: Rates) => void;
  readonly weekTime: () => WeekTime;
  readonly clock: Clock;
  readonly log: Log;
};

/** A schedule's change is noticed after so long at the latest. */
const LOOK_MS = 15_000;

/** Applies the limits at once and at each change, until the signal. */
export function createLimitsKeeper({ rates, apply, weekTime, clock, log }: Deps, signal: AbortSignal): LimitsKeeper {
  let lease: { readonly limits: NodeLimits; readonly endsAtMs: number } | null = null;
  let waking = new AbortController();
  const live = (): typeof lease => (lease !== null && lease.endsAtMs > clock.monotonic() ? lease : null);
  const now = (): Rates => {
    const own = scheduledRates(rates, weekTime());
    const order = live()?.limits;
    return { upBps: lowerOf(own.upBps, order?.up_bps ?? null), downBps: lowerOf(own.downBps, order?.down_bps ?? null) };
  };
  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      apply(now());
      if (lease !== null && live() === null) {
        lease = null;
        log.warn({}, "the controller's limits have ended; the node's own hold");
      }
      waking = new AbortController();
      const left = lease === null ? LOOK_MS : Math.min(LOOK_MS, Math.max(1, lease.endsAtMs - clock.monotonic()));
      await clock.sleep(left, AbortSignal.any([signal, waking.signal])).catch(() => {});
    }
  };
  void run();
  return {
    order(limits) {
      const isEnd = limits.up_bps === null && limits.down_bps === null;
      if ((lease === null) !== isEnd)
        log.info(
          { reason: limits.reason, up_bps: limits.up_bps, down_bps: limits.down_bps },
          isEnd ? "the controller's limits are lifted" : "the controller's limits hold",
        );
      lease = isEnd ? null : { limits, endsAtMs: clock.monotonic() + limits.ttl_s * 1000 };
      apply(now());
      waking.abort();
    },
    leaseLeftS: () => {
      const one = live();
      return one === null ? null : Math.round((one.endsAtMs - clock.monotonic()) / 1000);
    },
    rates: now,
  };
}
