// How far a node is, item by item.
import * as z from 'zod/mini';
import { bps, byteCount, moment, seconds } from './units.ts';

/**
 * `waiting` in the queue, or for disk space · `downloading` · `verifying` against sha256 · `placed` in the library ·
 * `quarantined` the bytes were wrong twice · `failed` for now, tried again with a back-off.
 */
const itemState = z.enum(['waiting', 'downloading', 'verifying', 'placed', 'quarantined', 'failed']);

/** Retained: the whole state, on change and at most once a second. */
export const nodeReport = z.object({
  at: moment,
  /** The last assignment that was taken; null before the first. */
  assignment_id: z.nullable(z.string()),
  free_bytes: z.nullable(byteCount),
  up_bps: bps,
  down_bps: bps,
  /** Of the limits in force; null where none of ours stands. */
  limits_lease_left_s: z.nullable(seconds),
  items: z
    .array(
      z.object({
        id: z.string().check(z.minLength(1), z.maxLength(128)),
        state: itemState,
        bytes_done: byteCount,
        bytes_total: byteCount,
        up_bps: bps,
        down_bps: bps,
        peers: z.int().check(z.nonnegative()),
        seeding: z.boolean(),
        /** A sentence for a person; null when all is well. */
        problem: z.nullable(z.string()),
      }),
    )
    .check(z.maxLength(500)),
});
export type NodeReport = z.infer<typeof nodeReport>;
