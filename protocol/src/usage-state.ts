// What went through the WAN this month, and how much of the provider's data cap is used.
import * as z from 'zod/mini';
import { byteCount, moment, seconds } from './units.ts';

const percent = z.number().check(z.nonnegative());

export const usageState = z.object({
  at: moment,
  /** The provider's month, by the clocks of the home. */
  month_begins: moment,
  month_ends: moment,
  up_bytes: byteCount,
  down_bytes: byteCount,
  today_up_bytes: byteCount,
  today_down_bytes: byteCount,
  /** How much of the month so far nobody measured. */
  missing_s: seconds,
  /** Of each cap; null where there is none. */
  up_cap_percent: z.nullable(percent),
  down_cap_percent: z.nullable(percent),
  together_cap_percent: z.nullable(percent),
  up_remaining_per_day_bytes: z.nullable(byteCount),
  down_remaining_per_day_bytes: z.nullable(byteCount),
  together_remaining_per_day_bytes: z.nullable(byteCount),
  /** At the end of the month, as far as can be said; null before six hours of it were measured. */
  up_projected_percent: z.nullable(percent),
  down_projected_percent: z.nullable(percent),
  together_projected_percent: z.nullable(percent),
  /** The largest of the used ones. */
  cap_percent: z.nullable(percent),
  cap_reached: z.boolean(),
});
export type UsageState = z.infer<typeof usageState>;
