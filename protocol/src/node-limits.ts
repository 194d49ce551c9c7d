// How fast a node may be: a lease, as shaper orders are, said again each ttl/3.
import * as z from 'zod/mini';
import { bps, seconds } from './units.ts';

/** Never retained. A null rate is "as the node's own configuration has it"; both null end the lease now. 0 stops that direction. */
export const nodeLimits = z.object({
  order_id: z.string().check(z.minLength(1), z.maxLength(64)),
  up_bps: z.nullable(bps),
  down_bps: z.nullable(bps),
  /** Counted by the node's monotonic clock. */
  ttl_s: seconds.check(z.gte(5), z.lte(86_400)),
  reason: z.string(),
});
export type NodeLimits = z.infer<typeof nodeLimits>;
