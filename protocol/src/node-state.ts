// How a node stands in short, for dashboards and automations: said by the controller when it changes. Item by item it is in the node's own report.
import * as z from 'zod/mini';
import { bps, byteCount, moment, seconds } from './units.ts';

const count = z.int().check(z.nonnegative());

export const nodeState = z.object({
  at: moment,
  site: z.nullable(z.string()),
  /** Since when nothing is heard of it; null while it speaks. All else is then as it was last heard. */
  stale_since: z.nullable(moment),
  paused: z.boolean(),
  items_placed: count,
  /** That it wants; without those that it leaves out by its own choice. */
  items_total: count,
  items_loading: count,
  /** The bytes were wrong, or they could not be had. */
  items_failed: count,
  /** 0 to 100, of what is loading or waits to; null where nothing is. */
  progress_percent: z.nullable(z.number().check(z.gte(0), z.lte(100))),
  up_bps: bps,
  down_bps: bps,
  free_bytes: z.nullable(byteCount),
  /** From asking its media server for a look until that had what was new; null before the first, and where there is no media server. */
  jellyfin_had_it_after_s: z.nullable(seconds),
  /** A sentence; null while all is well. */
  problem: z.nullable(z.string()),
});
export type NodeState = z.infer<typeof nodeState>;
