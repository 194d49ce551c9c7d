// The section shaper: the rates that the router's shaper is asked to follow, by lease.
import { z } from 'zod';
import { duration, flag, rate } from './values.ts';

/** Below this the router's agent refuses: a shaped home would be unusable, and so would the way to mend it. */
export const LEAST_SHAPER_BPS = 128_000;

export const shaperSection = () =>
  z
    .strictObject({
      enabled: flag()
        .describe(
          "The router's shaper follows `upload` and `download` and the rules of `bandwidth.schedule`; the agent must allow it as well.",
        )
        .prefault(false),
      upload: rate(LEAST_SHAPER_BPS)
        .describe(
          'At all hours for which no rule says otherwise; never more than what the router itself has. Without it, as the router has it.',
        )
        .optional(),
      download: rate(LEAST_SHAPER_BPS).describe('As `upload`.').optional(),
      lease: duration(5_000, 3_600_000)
        .describe('What was there before goes back by itself so long after Headgate was heard last.')
        .prefault('60s'),
    })
    .transform((shaper) => ({
      enabled: shaper.enabled,
      uploadBps: shaper.upload ?? null,
      downloadBps: shaper.download ?? null,
      leaseMs: shaper.lease,
    }))
    .prefault({});
