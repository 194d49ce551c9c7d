// REST shapes of channels, under JellyStream's names where it has one; the web page imports these and nothing else of it.
import { z } from 'zod';
import {
  exclusionView,
  genreBody,
  itemBody,
  libraryBody,
  libraryView,
  pictureBody,
  pictureView,
  ratingBody,
  rulesBody,
  rulesView,
  sourceBody,
  sourceView,
  yearsBody,
} from './rules-api.ts';

export const moment = z.iso.datetime({ offset: true });
const words = z.array(z.string().trim().min(1).max(100)).max(200);
const channelName = z.string().trim().min(1).max(255);
const scheduleType = z.enum(['manual', 'genre_auto']);

const changeable = {
  description: z.string().max(2_000).nullable(),
  channel_number: z.string().regex(/^\d{1,5}(\.\d{1,4})?$/, 'must be a number like 100 or 100.1'),
  group: z.string().trim().min(1).max(100).nullable(),
  logo: z
    .string()
    .regex(
      /^(?:https?:\/\/.{1,1000}|\/.{1,1000}|[^/\\.][^/\\]{0,250})$/,
      'must be an http(s) URL, an absolute path, or a name in channels.logos_path',
    )
    .nullable(),
  enabled: z.boolean(),
  schedule_type: scheduleType,
  seed: z.int().min(0).max(4_294_967_295).describe('the same seed, items and rules give the same schedule'),
  libraries: z.array(libraryBody).max(100),
  sources: z.array(sourceBody).max(100),
  genre_filters: z.array(genreBody).max(100),
  tags: words,
  studios: words,
  years: yearsBody.nullable(),
  max_rating: ratingBody.nullable(),
  exclusions: z.array(itemBody).max(2_000),
  rules: rulesBody,
  picture: pictureBody,
};

/** A new channel. */
export const createBody = z.strictObject({
  name: channelName,
  description: changeable.description.default(null),
  channel_number: changeable.channel_number.nullable().default(null).describe('default: 100.<id>'),
  group: changeable.group.default(null),
  logo: changeable.logo.default(null),
  enabled: changeable.enabled.default(true),
  schedule_type: scheduleType.default('genre_auto'),
  seed: changeable.seed.optional(),
  libraries: changeable.libraries.default([]),
  sources: changeable.sources.default([]),
  genre_filters: changeable.genre_filters.default([]),
  tags: words.default([]),
  studios: words.default([]),
  years: changeable.years.default(null),
  max_rating: changeable.max_rating.default(null),
  exclusions: changeable.exclusions.default([]),
  rules: rulesBody.default({}),
  picture: pictureBody.default({}),
  start_at: moment
    .optional()
    .describe('where the schedule begins; with the `start_at` and `seed` of a preview the same is saved'),
});
export type CreateBody = z.output<typeof createBody>;

/** Fields that are left out stay as they are; lists that are given replace. */
export const updateBody = z.strictObject({ name: channelName, ...changeable }).partial();
export type UpdateBody = z.output<typeof updateBody>;

export const previewBody = createBody.extend({ days: z.int().min(1).max(14).default(7) });

export const generateBody = z
  .strictObject({
    days: z.int().min(1).max(30).default(7),
    reset: z.boolean().default(false).describe('plans anew from the end of what is on now'),
  })
  .default({ days: 7, reset: false });

export const idParams = z.strictObject({ id: z.coerce.number().int().min(1).max(2_147_483_647) });

export const channelView = z.object({
  id: z.int(),
  name: z.string(),
  description: z.string().nullable(),
  channel_number: z.string(),
  group: z.string().nullable(),
  logo: z.string().nullable(),
  enabled: z.boolean(),
  schedule_type: scheduleType,
  seed: z.int(),
  libraries: z.array(libraryView),
  sources: z.array(sourceView),
  genre_filters: z.array(z.object({ genre: z.string(), content_type: z.enum(['movie', 'episode', 'both']) })),
  tags: z.array(z.string()),
  studios: z.array(z.string()),
  years: z.object({ from: z.int().nullable(), to: z.int().nullable() }).nullable(),
  max_rating: z.object({ name: z.string(), score: z.number(), unrated: z.boolean() }).nullable(),
  exclusions: z.array(exclusionView),
  rules: rulesView,
  picture: pictureView,
  schedule_generated_through: moment.nullable(),
  tuner_host_id: z.string().nullable(),
  listing_provider_id: z.string().nullable(),
  created_at: moment,
  updated_at: moment,
  schedule_error: z.string().nullable().describe('why the schedule cannot be made or extended now; null where all is well'),
});
export type ChannelView = z.input<typeof channelView>;

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
