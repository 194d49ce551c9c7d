// The few fields that we read of SABnzbd's answers. Numbers come as text. Pure.
import { z } from 'zod';

/** What a refusal with status 200 looks like in JSON, and what a change that was carried out does. */
export const outcome = z.object({ status: z.boolean(), error: z.string().optional() });

/** Up to 3.6 a float; nothing at all for none. */
const figure = z.string().regex(/^(-?\d{1,15}(\.\d+)?)?$/);

/** mode=queue. */
export const queueAnswer = z.object({
  queue: z.object({
    version: z.string().max(40),
    /** Also for as long as it waits for post-processing. */
    paused: z.boolean(),
    /** "4:59" until it goes on by itself, "0" where it does not. */
    pause_int: z.string(),
    /** Bytes/s; what the percentage beside it comes to. 0 is none. */
    speedlimit_abs: figure,
    /** KiB/s. */
    kbpersec: z.string().regex(/^\d+(\.\d+)?$/),
  }),
});

export type Queue = z.infer<typeof queueAnswer>['queue'];

/** mode=get_config for one keyword of section misc. */
export const maxAnswer = z.object({
  config: z.object({ misc: z.object({ bandwidth_max: z.union([z.string(), z.number()]).optional() }).optional() }),
});
