// SQM of one WAN: what UCI wants, what tc says is true, and how the queue does.
import * as z from 'zod/mini';
import { bps, byteCount, moment } from './units.ts';

/** One cake tin. Delays freeze at the last packet, so they are null while no packet passed since the reading before. */
const tin = z.object({
  name: z.string(),
  threshold_bps: z.nullable(bps),
  sent_bytes: byteCount,
  sent_packets: byteCount,
  backlog_bytes: byteCount,
  drops: byteCount,
  ecn_marks: byteCount,
  peak_delay_us: z.nullable(z.number()),
  avg_delay_us: z.nullable(z.number()),
  base_delay_us: z.nullable(z.number()),
  bulk_flows: z.int(),
  sparse_flows: z.int(),
});
export type Tin = z.infer<typeof tin>;

/** One direction. Upload is the WAN device's root qdisc, download the root qdisc of its ifb. */
const shapedDirection = z.object({
  device: z.string(),
  qdisc: z.string(),
  /** UCI's rate; null where that direction is not shaped. */
  configured_bps: z.nullable(bps),
  /** The rate in force by tc (an autorate tool changes it without touching UCI); null where unlimited or not told. */
  live_bps: z.nullable(bps),
  backlog_bytes: byteCount,
  drops: byteCount,
  ecn_marks: byteCount,
  /** The queue is the bottleneck now: rate at 90 % of the shaper and delay (cake) or backlog and drops (others) rising. */
  saturated: z.nullable(z.boolean()),
  tins: z.array(tin),
});
export type ShapedDirection = z.infer<typeof shapedDirection>;

export const sqmState = z.object({
  at: moment,
  /** SQM is installed and has a section for this device. False is no error: monitoring works without it. */
  configured: z.boolean(),
  enabled: z.boolean(),
  up: z.nullable(shapedDirection),
  down: z.nullable(shapedDirection),
  /** Who sets the rate: UCI, a tool that follows the line's delay, or a lease of ours. Beside such a tool nobody else writes. */
  rate_owner: z.nullable(z.enum(['static', 'cake-autorate', 'sqm-autorate', 'headgate'])),
  /** Of the upload; null without SQM. */
  saturated: z.nullable(z.boolean()),
});
export type SqmState = z.infer<typeof sqmState>;
