// REST shapes of usage; the web page imports these and nothing else of it.
import { z } from 'zod';

const bytes = z.int();
const moment = z.iso.datetime({ offset: true });
const place = z
  .enum(['uplink', 'home', 'elsewhere'])
  .describe("uplink: through this home's line; home: within the home; elsewhere: behind another line");
const amount = { up_bytes: bytes, down_bytes: bytes, seconds: z.int().describe('in which something was drawn') };

const seriesView = z.object({
  name: z.string().describe('server/user, player, download client or kind; "(others)": what is not named apart'),
  place,
  ...amount,
  points: z.array(z.object({ at: moment, ...amount, up_bps: z.int().describe('mean over the step'), down_bps: z.int() })),
});

export const usageView = z.object({
  from: moment,
  to: moment,
  step_s: z.int().describe('of a usual day where it is a day: some have 23 hours, some 25'),
  series: z.array(seriesView).describe('largest first; steps without anything are left out'),
});

export const usageTotalsView = z.object({
  period: z.enum(['day', 'month']),
  series: z.array(z.object({ name: z.string(), place, ...amount, points: z.array(z.object({ at: moment, ...amount })) })),
});

export const dataCapView = z.object({
  month_begins: moment,
  month_ends: moment,
  up_bytes: bytes,
  down_bytes: bytes,
  today_up_bytes: bytes,
  today_down_bytes: bytes,
  filled_s: z.int().describe("of it, silences of the router agent or of Headgate that were filled by the router's own counters"),
  missing_s: z.int().describe('of the month so far, how long nobody measured'),
  when_reached: z.enum(['nothing', 'torrents_to_floor']),
  budgets: z
    .array(
      z.object({
        direction: z.enum(['upload', 'download', 'together']),
        cap_bytes: bytes,
        used_bytes: bytes,
        used_percent: z.number(),
        projected_bytes: bytes.nullable().describe('at the end of the month; null while less than six hours of it were measured'),
        remaining_bytes: bytes,
        remaining_per_day_bytes: bytes,
        reached: z.boolean(),
      }),
    )
    .describe('of what `data_cap` limits'),
});
