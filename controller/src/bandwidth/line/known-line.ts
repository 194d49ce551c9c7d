// Pure: the capacity of the line as a decision takes it, from what was typed and what the router says of it.
import type { BandwidthSettings } from '../settings.ts';
import { capacityOf, type UplinkReading } from './uplink-reading.ts';

/** @property soonKnown a router was just heard of, and what else is sent is known in a moment */
export type KnownLine = Pick<UplinkReading, 'shaperUpBps' | 'shaperDownBps' | 'orderedUpBps' | 'orderedDownBps'> & {
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
export function capacitiesOf(settings: BandwidthSettings, line: KnownLine): Capacities {
  const { soonKnown, knownFromStart } = line;
  const { upBps, downBps } = capacityOf(settings, line);
  const told = (bps: number | null, typedBps: number | null): number | null =>
    soonKnown && (knownFromStart || typedBps === null) ? null : bps;
  return {
    capacityUpBps: told(upBps, settings.capacityUpBps),
    capacityDownBps: told(downBps, settings.capacityDownBps),
  };
}
