// REST shapes of channels, under JellyStream's names where it has one; the web page imports these and nothing else of it.
// `server` may be left out of bodies where one Jellyfin is configured; answers always have it.
import { z } from 'zod';
import { channelNumber, day, language, moment, oneLine, orAbsent, wallTime } from './values-api.ts';

const serverName = z.string().min(1).max(64);
const itemId = z.string().min(1).max(64);
const shown = oneLine(255);
const words = z.array(z.string().trim().min(1).max(100)).max(200);
/** Where bodies leave `server` out, answers never do. */
const libraryBody = z.strictObject({
  library_id: itemId,
  library_name: shown,
  collection_type: z.string().min(1).max(50).nullable().default(null).describe('movies, tvshows, mixed…'),
  server: serverName.optional(),
});
const sourceBody = z.strictObject({
  kind: z.enum(['series', 'collection', 'playlist']),
  id: itemId,
  name: shown,
  server: serverName.optional(),
});
const genreBody = z.strictObject({
  genre: z.string().trim().min(1).max(100),
  content_type: z.enum(['movie', 'episode', 'both']).default('both'),
});
const itemBody = z.strictObject({ id: itemId, server: serverName.optional() });

const year = z.int().min(1850).max(2200).nullable();
const yearsBody = z
  .strictObject({ from: year.default(null), to: year.default(null) })
  .refine(({ from, to }) => from === null || to === null || from <= to, {
    path: ['to'],
    error: 'must not lie before years.from',
  });
const ratingBody = z.strictObject({
  name: z.string().min(1).max(50).describe('as the library shows it: PG-13, FSK-12'),
  score: z.number().min(0).max(10_000),
  unrated: z.boolean().default(true).describe('items without a rating air'),
});

const choiceBody = z.strictObject({
  kinds: z
    .array(z.enum(['movie', 'episode', 'video']))
    .max(3)
    .default([]),
  series: z.array(itemId).max(200).default([]).describe('ids of series'),
  genres: words.default([]),
  tags: words.default([]),
  titles: words.default([]).describe('words in titles'),
  items: z.array(itemBody).max(2_000).default([]),
});
const slotBody = z.strictObject({
  days: z.array(z.int().min(1).max(7)).max(7).default([]).describe('1 is Monday; empty is each day'),
  start: wallTime,
  end: wallTime.describe('at or before start: on the next day'),
  choice: choiceBody,
});
const dateBody = z
  .strictObject({
    name: shown,
    from: day,
    to: day,
    choice: choiceBody.nullable().default(null),
    slots: z.array(slotBody).max(100).default([]),
  })
  .refine(({ from, to }) => from.length === to.length, {
    path: ['to'],
    error: 'must be written like `from`: both with a year or none',
  })
  .refine(({ from, to }) => from.length < 10 || from <= to, { path: ['to'], error: 'must not lie before `from`' });
const fillerBody = z.strictObject({
  kind: z.enum(['next_show', 'clips', 'still', 'card']),
  from: z
    .array(itemBody.extend({ name: shown }))
    .max(20)
    .default([])
    .describe('libraries or collections of clips'),
  image: z
    .string()
    .regex(/^\/.{1,1000}$/, 'must be an absolute path')
    .nullable()
    .default(null)
    .describe('absolute path of the still'),
  pad_to_minutes: z.literal([0, 5, 10, 15, 30, 60]).default(0),
});

/** Fields that are left out stay as they are; in a new channel, as the defaults say. */
const rulesBody = z.strictObject({
  series: z.enum(['in_order', 'shuffled']).optional(),
  block: z.int().min(1).max(100).optional().describe('episodes of one series in a row'),
  films: z.enum(['shuffled', 'by_year', 'by_title']).optional(),
  slots: z.array(slotBody).max(100).optional(),
  dates: z.array(dateBody).max(100).optional(),
  filler: fillerBody.optional(),
});

const watermarkBody = z.strictObject({
  corner: z.enum(['top-left', 'top-right', 'bottom-left', 'bottom-right']).default('top-right'),
  opacity: z.number().min(0).max(1).default(0.6),
  width_percent: z.number().min(1).max(50).default(8),
});
const pictureBody = z.strictObject({
  size: z.enum(['small', 'large']).optional().describe('1184×666 or 1888×1062'),
  transport: z.enum(['encode', 'auto']).optional(),
  fps: z.literal([24, 25, 30, 50, 60]).optional(),
  audio_language: language.optional(),
  subtitle_language: language.optional(),
  watermark: watermarkBody.nullable().optional(),
});

export type RulesBody = z.output<typeof rulesBody>;
export type PictureBody = z.output<typeof pictureBody>;
export type ChoiceBody = z.output<typeof choiceBody>;
export type SlotBody = z.output<typeof slotBody>;
export type FillerBody = z.output<typeof fillerBody>;

const itemView = z.object({ id: itemId, server: serverName });
const namedItemView = itemView.extend({ name: z.string() });
const libraryView = z.object({
  server: serverName,
  library_id: z.string(),
  library_name: z.string(),
  collection_type: z.string().nullable(),
});
const sourceView = namedItemView.extend({ kind: sourceBody.shape.kind });
const choiceView = z.object({ ...choiceBody.shape, items: z.array(itemView) });
const slotView = z.object({ ...slotBody.shape, choice: choiceView });
const rulesView = z.object({
  series: z.enum(['in_order', 'shuffled']),
  block: z.int(),
  films: z.enum(['shuffled', 'by_year', 'by_title']),
  slots: z.array(slotView),
  dates: z.array(
    z.object({ name: z.string(), from: z.string(), to: z.string(), choice: choiceView.nullable(), slots: z.array(slotView) }),
  ),
  filler: z.object({
    kind: fillerBody.shape.kind,
    from: z.array(namedItemView),
    image: z.string().nullable(),
    pad_to_minutes: z.int(),
  }),
});
const pictureView = z.object({
  size: z.enum(['small', 'large']),
  transport: z.enum(['encode', 'auto']),
  fps: z.int(),
  audio_language: z.string().nullable(),
  subtitle_language: z.string().nullable(),
  watermark: z.object({ corner: watermarkBody.shape.corner, opacity: z.number(), width_percent: z.number() }).nullable(),
});

const scheduleType = z.enum(['manual', 'genre_auto']);

const changeable = {
  description: z
    .string()
    .regex(/^[^\0]*$/, 'must have no NUL')
    .max(2_000)
    .nullable(),
  channel_number: channelNumber,
  group: oneLine(100).nullable(),
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
  name: shown,
  description: changeable.description.default(null),
  channel_number: changeable.channel_number.nullable().default(null).describe('default: 100.<id>'),
  group: changeable.group.default(null),
  logo: changeable.logo.default(null),
  enabled: changeable.enabled.default(true),
  schedule_type: scheduleType.default('genre_auto'),
  seed: changeable.seed.optional(),
  libraries: changeable.libraries.default([]),
  sources: changeable.sources.default([]),
  genre_filters: orAbsent(changeable.genre_filters),
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

/** Fields that are left out stay as they are, and so do those that are null but cannot be; lists that are given replace. */
export const updateBody = z.strictObject({
  ...z.strictObject(changeable).partial().shape,
  name: orAbsent(shown),
  channel_number: orAbsent(channelNumber),
  enabled: orAbsent(z.boolean()),
  schedule_type: orAbsent(scheduleType),
  libraries: orAbsent(changeable.libraries),
  genre_filters: orAbsent(changeable.genre_filters),
});
export type UpdateBody = z.output<typeof updateBody>;

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
  exclusions: z.array(itemView),
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
