// What a router says of its WANs: throughput each second, the link on change.
import * as z from 'zod/mini';
import { bootId } from './ids.ts';
import { bps, byteCount, moment, seconds } from './units.ts';

/** `exact`: counters seen twice by the router's own clock. `offloaded`: hardware offload hides traffic, so the true rate may be higher. */
const quality = z.enum(['exact', 'offloaded']);

/** One reading of a WAN. "up" leaves the home (tx), "down" enters it (rx). */
export const throughput = z.object({
  /** Counts up by one with each message of one agent start; a gap means that samples were dropped. */
  seq: z.int().check(z.nonnegative()),
  boot_id: bootId,
  /** Agent's wall clock; the rate itself is timed by `uptime_s`. */
  at: moment,
  /** Router's uptime at the second of the two samples. */
  uptime_s: seconds,
  /** Router time between the two samples. */
  interval_s: seconds,
  up_bps: bps,
  down_bps: bps,
  tx_bytes: byteCount,
  rx_bytes: byteCount,
  /** The device whose counters were read (`l3_device`). */
  device: z.string(),
  quality,
});
export type Throughput = z.infer<typeof throughput>;

/** State of one WAN. A WAN that went away is said once more with `up: false`. */
export const link = z.object({
  at: moment,
  up: z.boolean(),
  /** This router's default route with the lowest metric goes here. */
  primary: z.boolean(),
  /** The cable. A static WAN stays `up` without one, so both are told; null where the device does not say. */
  carrier: z.nullable(z.boolean()),
  interfaces: z.array(z.string()),
  device: z.nullable(z.string()),
  l3_device: z.nullable(z.string()),
  proto: z.nullable(z.string()),
  /** Own addresses of the WAN without a mask, and prefixes delegated to the home in CIDR form: a viewer from these is at home. */
  addresses: z.array(z.string()),
  prefixes: z.array(z.string()),
  uptime_s: z.nullable(seconds),
  errors: z.array(z.string()),
});
export type Link = z.infer<typeof link>;
