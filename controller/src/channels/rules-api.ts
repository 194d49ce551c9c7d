// REST shapes of what may be on a channel, how it is planned and how it looks. `server` may be left out where one Jellyfin is configured.
import { z } from 'zod';

const serverName = z.string().min(1).max(64);
const itemId = z.string().min(1).max(64);
const shown = z.string().trim().min(1).max(255);
const words = z.array(z.string().trim().min(1).max(100)).max(200);
const language = z
  .string()
  .regex(/^[a-z]{3}$/, 'must be three lower-case letters (ISO 639-2), e.g. eng')
  .nullable();
const wallTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day like 20:15');
const day = z
  .string()
  .regex(/^(\d{4}-)?(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/, 'must be a day like 12-24 (each year) or 2026-12-24 (once)');

/** Where bodies leave `server` out, answers never do. */
export const libraryBody = z.strictObject({
  library_id: itemId,
  library_name: shown,
  collection_type: z.string().min(1).max(50).nullable().default(null).describe('movies, tvshows, mixed…'),
  server: serverName.optional(),
});
export const sourceBody = z.strictObject({
  kind: z.enum(['series', 'collection', 'playlist']),
  id: itemId,
  name: shown,
  server: serverName.optional(),
});
export const genreBody = z.strictObject({
  genre: z.string().trim().min(1).max(100),
  content_type: z.enum(['movie', 'episode', 'both']).default('both'),
});
export const itemBody = z.strictObject({ id: itemId, server: serverName.optional() });
export const namedItemBody = itemBody.extend({ name: shown });

const year = z.int().min(1850).max(2200).nullable();
export const yearsBody = z
  .strictObject({ from: year.default(null), to: year.default(null) })
  .refine(({ from, to }) => from === null || to === null || from <= to, {
    path: ['to'],
    error: 'must not lie before years.from',
  });
export const ratingBody = z.strictObject({
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
  from: z.array(namedItemBody).max(20).default([]).describe('libraries or collections of clips'),
  image: z
    .string()
    .regex(/^\/.{1,1000}$/, 'must be an absolute path')
    .nullable()
    .default(null)
    .describe('absolute path of the still'),
  pad_to_minutes: z.literal([0, 5, 10, 15, 30, 60]).default(0),
});

/** Fields that are left out stay as they are; in a new channel, as the defaults say. */
export const rulesBody = z.strictObject({
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
export const pictureBody = z.strictObject({
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

const withServer = { server: serverName };
const itemView = z.object({ id: itemId, ...withServer });
export const namedItemView = itemView.extend({ name: z.string() });
export const libraryView = z.object({
  ...withServer,
  library_id: z.string(),
  library_name: z.string(),
  collection_type: z.string().nullable(),
});
export const sourceView = namedItemView.extend({ kind: sourceBody.shape.kind });
export const exclusionView = itemView;
const choiceView = z.object({ ...choiceBody.shape, items: z.array(itemView) });
const slotView = z.object({ ...slotBody.shape, choice: choiceView });
export const rulesView = z.object({
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
export const pictureView = z.object({
  size: z.enum(['small', 'large']),
  transport: z.enum(['encode', 'auto']),
  fps: z.int(),
  audio_language: z.string().nullable(),
  subtitle_language: z.string().nullable(),
  watermark: z.object({ corner: watermarkBody.shape.corner, opacity: z.number(), width_percent: z.number() }).nullable(),
});
