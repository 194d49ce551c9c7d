// Pure: the capacity of the line, from what was typed and what the router says of it.
import type { BandwidthSettings } from './settings.ts';

/** @property soonKnown a router was just heard of, and what else is sent is known in a moment */
export type KnownLine = {
  readonly shaperUpBps: number | null;
  readonly shaperDownBps: number | null;
  readonly soonKnown: boolean;
  /** A router was known of before anything was decided. */
  readonly knownFromStart: boolean;
};

/** bit/s; null where nobody said. */
type Capacities = { readonly capacityUpBps: number | null; readonly capacityDownBps: number | null };

/**
 * A router that was just heard of speaks each second: until then a budget would take all other traffic for 0.
 * With a typed capacity there was a budget already, unless the router was known first: it is not taken back.
 */
export function capacitiesOf(
  settings: BandwidthSettings,
  { shaperUpBps, shaperDownBps, soonKnown, knownFromStart }: KnownLine,
): Capacities {
  const capacity = (typedBps: number | null, shaperBps: number | null): number | null =>
    soonKnown && (knownFromStart || typedBps === null) ? null : (typedBps ?? shaperBps);
  return {
    capacityUpBps: capacity(settings.capacityUpBps, shaperUpBps),
    capacityDownBps: capacity(settings.capacityDownBps, shaperDownBps),
  };
}
