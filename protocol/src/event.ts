// Things that happened, for notifications: said once, not retained.
import * as z from 'zod/mini';
import { moment } from './units.ts';

export const event = z.object({
  at: moment,
  /** Closed list of the sender, e.g. `caps_changed`, `neighbour_silent`, `hand_edit_kept`, `originals_restored`. */
  event_type: z.string(),
  severity: z.enum(['info', 'warning', 'error']),
  text: z.string(),
  details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
});
export type HeadgateEvent = z.infer<typeof event>;
