// How far a node is, item by item.
import * as z from 'zod/mini';
import { groupName } from './manifest.ts';
import { bps, byteCount, moment, seconds } from './units.ts';

/**
 * `waiting` in the queue · `skipped` by the node's own choice, or since it lacks the room · `downloading` · `verifying` against sha256 · `placed` in the library ·
 * `quarantined` the bytes were wrong · `failed` for now, tried again with a back-off · `leaving`: not shared any more, taken away after the grace period.
 */
const itemState = z.enum(['waiting', 'skipped', 'downloading', 'verifying', 'placed', 'quarantined', 'failed', 'leaving']);

/** Retained: the whole state. What is new is said at once, mere progress each second at first, then each ten; and each five minutes anyway. */
export const nodeReport = z.object({
  at: moment,
  /** Which of two places: what goes to another one is the uplink's. */
  site: z.string().check(z.maxLength(64)),
  paused: z.boolean(),
  free_bytes: z.nullable(byteCount),
  up_bps: bps,
  down_bps: bps,
  /** Of those two what goes over the uplink of its site: not to and from its own networks. Not told by old nodes. */
  away_up_bps: z.optional(bps),
  away_down_bps: z.optional(bps),
  /** Of the limits in force; null where none of ours stands. */
  limits_lease_left_s: z.nullable(seconds),
  groups: z.array(
    z.object({
      group: groupName,
      /** What it has of it; null before the first. */
      version: z.nullable(z.int().check(z.nonnegative())),
      /** Since when it could not be fetched; null while all is well. */
      stale_since: z.nullable(moment),
      problem: z.nullable(z.string()),
    }),
  ),
  /** Of the media server beside it; null where none is set. */
  jellyfin: z.nullable(
    z.object({
      /** From asking for a look until it had the last item that was new; null before the first. */
      had_it_after_s: z.nullable(seconds),
      problem: z.nullable(z.string()),
    }),
  ),
  items: z
    .array(
      z.object({
        group: groupName,
        title: z.string(),
        path: z.string(),
        state: itemState,
        bytes_done: byteCount,
        bytes_total: z.nullable(byteCount),
        up_bps: bps,
        down_bps: bps,
        peers: z.int().check(z.nonnegative()),
        seeding: z.boolean(),
        /** A sentence for a person; null when all is well. */
        problem: z.nullable(z.string()),
        /** It was wanted, and something went wrong. */
        missed: z.optional(z.boolean()),
      }),
    )
    .check(z.maxLength(500)),
  /** Items beyond those that stand here, all of them placed. */
  more_placed: z.int().check(z.nonnegative()),
});
export type NodeReport = z.infer<typeof nodeReport>;

/** What anybody may ask of a node. */
export const nodeSet = {
  /** Its media server looks at the library now. */
  rescan: z.literal('rescan'),
  /** `on`: nothing is downloaded or seeded until it is off again. */
  paused: z.enum(['on', 'off']),
};
