// REST shapes of schedules and of what plans them, under JellyStream's names.
import { z } from 'zod';
import { createBody } from './channels-api.ts';
import { moment, oneLine, orAbsent, utcMoment } from './values-api.ts';

const channelId = z.int().min(1).max(2_147_483_647);
const title = oneLine(255);
const seconds = z
  .int()
  .min(1)
  .max(7 * 86_400);

/** A manual entry. What is left out comes from the item in the library. */
export const entryBody = z.strictObject({
  channel_id: channelId,
  media_item_id: z.string().min(1).max(64),
  server: z.string().min(1).max(64).optional(),
  library_id: z.string().min(1).max(64).optional(),
  item_type: z.enum(['Movie', 'Episode', 'Video']).optional(),
  title: title.optional(),
  series_name: title.nullable().optional(),
  season_number: z.int().min(0).max(100_000).nullable().optional(),
  episode_number: z.int().min(0).max(100_000).nullable().optional(),
  genres: orAbsent(z.array(oneLine(100)).max(50)),
  start_time: utcMoment.describe('ISO 8601: 2026-12-24T20:15:00+01:00; without an offset it is UTC'),
  duration: orAbsent(seconds).describe('seconds; default: the whole item'),
});
export type EntryBody = z.output<typeof entryBody>;

/** Fields that are left out stay as they are. */
export const entryChange = entryBody.omit({ channel_id: true }).partial();
export type EntryChange = z.output<typeof entryChange>;

export const entryParams = z.strictObject({ id: z.string().min(1).max(64) });
export const channelParams = z.strictObject({ channel_id: z.coerce.number().int().min(1).max(2_147_483_647) });

export const rangeQuery = z.object({
  start: moment.optional().describe('default: 3 hours ago'),
  end: moment.optional().describe('default: in 7 days'),
  hours_back: z.coerce.number().min(0).max(1_488).optional().describe('instead of `start`'),
  hours_forward: z.coerce.number().min(1).max(1_488).optional().describe('instead of `end`'),
});

export const entryView = z.object({
  id: z.string(),
  channel_id: z.int(),
  kind: z.enum(['programme', 'clip', 'card', 'still']),
  origin: z.enum(['manual', 'auto']),
  title: z.string(),
  series_name: z.string().nullable(),
  season_number: z.int().nullable(),
  episode_number: z.int().nullable(),
  media_item_id: z.string().nullable(),
  server: z.string().nullable(),
  library_id: z.string().nullable(),
  item_type: z.enum(['Movie', 'Episode', 'Video']).nullable(),
  start_time: moment,
  end_time: moment,
  duration: z.number().describe('seconds'),
  genres: z.array(z.string()),
  fixed: z.boolean().describe('of a slot, a date rule or by hand: skipping moves it not'),
});

export type EntryView = z.input<typeof entryView>;

export const previewBody = createBody.extend({ days: z.int().min(1).max(14).default(7) });
export const previewView = z.object({
  seed: z.int(),
  start_at: moment,
  entries: z.array(entryView.omit({ id: true, channel_id: true })),
});

export const nowView = entryView.extend({
  offset: z.number().describe('seconds since its start'),
  current_offset_seconds: z.int().describe('the same in whole seconds, as JellyStream calls it'),
  next: entryView.nullable(),
  start_over: z
    .object({
      server: z.string(),
      media_item_id: z.string(),
      path: z.string().describe('under the web address of that Jellyfin'),
    })
    .nullable(),
});
export type NowView = z.input<typeof nowView>;

export const generateBody = z
  .strictObject({
    days: z.int().min(1).max(30).default(7),
    reset: z.boolean().default(false).describe('plans anew from the end of what is on now'),
  })
  .default({ days: 7, reset: false });

/** JellyStream's clients ask so. */
export const generateQuery = z.object({
  days: z.coerce.number().int().min(1).max(30).optional().describe('goes before the body'),
  reset: z
    .enum(['true', 'false', '1', '0'])
    .transform((text) => text === 'true' || text === '1')
    .optional(),
});

export const skipBody = z
  .strictObject({ force: z.boolean().default(false).describe('also where slots fix the times') })
  .default({ force: false });

export const catalogueView = z.object({
  shelves: z.array(
    z.object({
      server: z.string(),
      id: z.string().describe('of the library, series, collection or playlist'),
      items: z.int(),
      read_at: moment.nullable(),
      problem: z.string().nullable(),
    }),
  ),
});

export const jobsView = z.object({
  jobs: z.array(z.object({ name: z.string(), next_run: moment.nullable(), last_run: moment.nullable(), running: z.boolean() })),
});
