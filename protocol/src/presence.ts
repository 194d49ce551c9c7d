// Presence: who is here. Retained, and the last will says "offline".
import * as z from 'zod/mini';
import { bootId } from './ids.ts';
import { moment } from './units.ts';

export const presence = z.object({
  state: z.enum(['online', 'offline']),
  version: z.string(),
  boot_id: bootId,
  /** When this was said by its sender's clock; absent in a last will, which the broker says later. */
  at: z.optional(moment),
});
export type Presence = z.infer<typeof presence>;
