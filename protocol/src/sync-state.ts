// How keeping media servers the same goes on, for dashboards and automations: said when it changes.
import * as z from 'zod/mini';
import { moment, seconds } from './units.ts';

const count = z.int().check(z.nonnegative());

export const syncState = z.object({
  at: moment,
  /** What is still to be brought to a server that has the item. */
  queue: count,
  /** What waits until a server has the item. */
  waiting: count,
  /** What was set aside with its reason, until somebody tries it again or drops it. */
  failed: count,
  /** What would take something away from many items, and waits for a person. */
  held: count,
  /** Playlists that are not as agreed on some server until somebody logs in, renames one, or mends what is refused. */
  playlists: count,
  /** Age of the oldest in the queue; 0 where it is empty. */
  lag_s: seconds,
  /** Null before the first. */
  last_delivered: z.nullable(moment),
  paused: z.boolean(),
  dry_run: z.boolean(),
  /** A sentence; null when all is well. */
  problem: z.nullable(z.string()),
  /** By the name in the configuration. */
  servers: z.record(
    z.string(),
    z.object({
      connected: z.boolean(),
      queue: count,
      /** Since when it does not answer. */
      away_since: z.nullable(moment),
      /** Its clock minus ours; null where not known. */
      clock_skew_s: z.nullable(z.number()),
    }),
  ),
});
export type SyncState = z.infer<typeof syncState>;

/** What may be set from outside at `sync/set/<what>`, as Home Assistant's switch sends it. */
export const syncSet = { paused: z.enum(['ON', 'OFF']) } as const;
