// REST shapes of the shaper's plan; the web page imports these and nothing else of it.
import { z } from 'zod';

const rate = z.int().nullable();
const rates = z.object({ up_bps: rate, down_bps: rate });

export const shaperView = z.object({
  standing: z
    .enum(['off', 'no_router', 'silent', 'given_way', 'no_plan', 'refused', 'ordered', 'standing'])
    .describe('given_way: another tool sets the rate there, and no order is sent'),
  reason: z.string(),
  router: z.string().nullable(),
  wan: z.string().nullable(),
  rate_owner: z
    .enum(['static', 'cake-autorate', 'sqm-autorate', 'headgate'])
    .nullable()
    .describe('who sets the rate at the router: its configuration, a tool that follows the delay, or a lease of ours'),
  plan: rates.extend({ rule: z.string().nullable().describe('of bandwidth.schedule, that holds now') }),
  ordered: rates.nullable().describe('what the router is asked for; null where nothing'),
  lease: rates
    .extend({ original: rates.nullable().describe('what stood there before, and goes back') })
    .nullable()
    .describe('what stands at the router by its own word'),
  refused: z.string().nullable().describe('why the router did not take the last order'),
});
