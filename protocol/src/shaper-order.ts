// Shaper orders are leases: the whole wanted rate, for a time counted by the receiver's monotonic clock, sent again each ttl/3.
import * as z from 'zod/mini';
import { bps, moment, seconds } from './units.ts';

/** Never retained. A null rate leaves that direction as UCI has it; both null ends the lease now. */
export const shaperOrder = z.object({
  order_id: z.string().check(z.minLength(1), z.maxLength(64)),
  wan: z.string(),
  up_bps: z.nullable(bps),
  down_bps: z.nullable(bps),
  ttl_s: z.number().check(z.gte(5), z.lte(86_400)),
  reason: z.string(),
});
export type ShaperOrder = z.infer<typeof shaperOrder>;

export const shaperState = z.object({
  at: moment,
  /** Off by default in the agent's configuration. */
  enabled: z.boolean(),
  order_id: z.nullable(z.string()),
  wan: z.nullable(z.string()),
  up_bps: z.nullable(bps),
  down_bps: z.nullable(bps),
  /** What stood in UCI before the first order, kept on the agent's disk until it is back. */
  original: z.nullable(z.object({ up_bps: z.nullable(bps), down_bps: z.nullable(bps) })),
  lease_left_s: z.nullable(seconds),
  /** Why the last order was not taken, in a sentence; null where it stands. */
  refused: z.nullable(z.string()),
});
export type ShaperState = z.infer<typeof shaperState>;
